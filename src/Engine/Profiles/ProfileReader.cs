using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Rollcall.Engine.Documents;
using Rollcall.Shared;

namespace Rollcall.Engine.Profiles;

/// <summary>From the text of a profile file to an <see cref="EngineProfile"/>. A run keeps the text, so the same text must always give the same profile.</summary>
public static partial class ProfileReader
{
    public const string ApiVersion = "rollcall.dev/v1alpha1";
    public const string Kind = "EngineProfile";

    internal static readonly string[] Readers = ["keyValue", "json", "kafka", "etcd"];
    internal static readonly string[] Handovers = ["switchover", "stop"];

    private static readonly TimeSpan LongestProbe = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <param name="text">YAML or JSON.</param>
    /// <param name="source">File name or <c>built-in</c>; it opens the refusal's message.</param>
    public static Result<EngineProfile> Read(string text, string source)
    {
        var errors = new DocErrors();
        EngineProfile? profile = null;
        if (DocParser.Parse(text, errors) is { } root && DocFields.Of(root, "", ProfileShapes.Root, errors) is { } fields)
        {
            fields.OneOf("apiVersion", [ApiVersion], required: true);
            fields.OneOf("kind", [Kind], required: true);
            var name = fields.Object("metadata", ProfileShapes.Metadata, required: true)?.Matching("name", Forms.IsLabel(), Forms.Label, required: true);
            if (fields.Object("spec", ProfileShapes.Spec, required: true) is { } spec)
                profile = Spec(spec, name ?? "", text, source, errors);
        }
        return errors.Any || profile is null ? errors.ToRefusal($"The profile {source} cannot be read") : profile;
    }

    private static EngineProfile Spec(DocFields spec, string name, string text, string source, DocErrors errors)
    {
        var components = spec.Object("components", ProfileShapes.Components);
        var blank = new EngineProfile
        {
            Name = name,
            Title = spec.Text("title", required: true, longest: 60) ?? "",
            Detect = Detect(spec, errors),
            ComponentsUp = components?.Texts("up", form: IsPattern(), what: PatternForm) ?? [],
            ComponentsDown = components?.Texts("down", form: IsPattern(), what: PatternForm) ?? [],
            Hooks = ActionReader.Hooks(spec, HookPoints.All, "profile-hook-", errors),
            Movers = Movers(spec, errors),
            Finaliser = EngineCommandReader.Finaliser(spec),
            Text = text,
            Source = source,
        };
        if (!spec.Has("stages"))
            spec.Error("stages", "'spec' needs 'stages'.", "stages");
        var profile = Rolled(spec, blank, errors);
        if (components is not null)
            profile = profile with { Sections = Sections(components, profile, errors) };
        ProfileChecks.CheckHooks(profile, spec);
        return profile;
    }

    /// <summary>How members are rolled, as one object says it: the whole of a profile, or what a section has otherwise than <paramref name="basis"/>.</summary>
    private static EngineProfile Rolled(DocFields from, EngineProfile basis, DocErrors errors)
    {
        // With roles of its own a section is another kind of thing: nothing that speaks of the others' roles holds there.
        if (from.Has("roles"))
            basis = basis with { Roles = Roles(from, errors), Probe = null, Lag = new LagSpec(), Switchover = null, Drain = null, Handover = "switchover", LeaderMajority = false, Quorum = false };
        var limits = from.Object("limits", ProfileShapes.Limits);
        var profile = basis with
        {
            MembersAtOnce = limits?.Int("membersAtOnce", 1, 100) ?? basis.MembersAtOnce,
            ShardsAtOnce = limits?.Int("shardsAtOnce", 1, 1000) ?? basis.ShardsAtOnce,
            ShardsPercent = limits?.Int("shardsPercent", 1, 100) ?? basis.ShardsPercent,
            LeaderMajority = limits?.Bool("leaderMajority") ?? basis.LeaderMajority,
            Quorum = limits?.Bool("quorum") ?? basis.Quorum,
            ZoneExclusive = limits?.Bool("zoneExclusive") ?? basis.ZoneExclusive,
            PartlyUpdatedShards = limits?.Int("partlyUpdatedShards", 1, 100_000) ?? basis.PartlyUpdatedShards,
            Stop = limits?.Duration("stop", TimeSpan.Zero, LongestWait) ?? basis.Stop,
            Cooldown = from.Has("cooldown") ? CooldownReader.Read(from) : basis.Cooldown,
            Probe = Probe(from) ?? basis.Probe,
            Lag = Lag(from) ?? basis.Lag,
            Switchover = Switchover(from) ?? basis.Switchover,
            Drain = EngineCommandReader.Drain(from) ?? basis.Drain,
            Handover = from.OneOf("handover", Handovers) ?? basis.Handover,
            Versions = Versions(from) ?? basis.Versions,
            Rollback = Rollback(from, basis.Rollback),
            Estimates = Estimates(from, basis.Estimates),
            Deadlines = Deadlines(from, basis.Deadlines),
            Stages = from.Has("stages") && from.List("stages", whenEmpty: "'stages' is empty; a profile needs at least one.") is { } stages ? StageReader.Read(stages, errors) : basis.Stages,
        };
        ProfileChecks.Check(profile, from, limits ?? from);
        return profile;
    }

    private static ImmutableArray<MoverSpec> Movers(DocFields spec, DocErrors errors)
    {
        var movers = ImmutableArray.CreateBuilder<MoverSpec>();
        foreach (var (node, path) in spec.List("movers", whenEmpty: "'movers' is empty; leave it out where nothing moves by itself.") ?? [])
        {
            if (DocFields.Of(node, path, ProfileShapes.Mover, errors) is not { } fields)
                continue;
            var mover = EngineCommandReader.Mover(fields);
            if (movers.Any(m => m.Name == mover.Name))
                fields.Error("name", $"Two movers are called '{mover.Name}'.");
            movers.Add(mover);
        }
        return movers.ToImmutable();
    }

    private static ImmutableArray<ComponentSection> Sections(DocFields components, EngineProfile profile, DocErrors errors)
    {
        var sections = ImmutableArray.CreateBuilder<ComponentSection>();
        foreach (var (node, path) in components.List("sections", whenEmpty: "'sections' is empty; leave it out where all components are alike.") ?? [])
        {
            if (DocFields.Of(node, path, ProfileShapes.Section, errors) is not { } fields)
                continue;
            var match = fields.Texts("match", required: true, form: IsPattern(), what: PatternForm, whenEmpty: "'match' is empty; a section must cover some component.");
            foreach (var pattern in match.Where(m => sections.Any(s => s.Match.Contains(m))))
                fields.Error("match", $"'{pattern}' is in an earlier section already, and the first one that covers a component counts.");
            if (sections.Any(s => s.Match.Contains("*")))
                fields.Error("match", "An earlier section covers every component, so this one would never count.");
            var rolled = Rolled(fields, profile with { Title = fields.Text("title", longest: 60) ?? profile.Title }, errors);
            sections.Add(new ComponentSection(match, rolled));
        }
        return sections.ToImmutable();
    }

    private static DetectSpec Detect(DocFields spec, DocErrors errors)
    {
        if (spec.Object("detect", ProfileShapes.Detect) is not { } detect)
            return new DetectSpec();
        var images = detect.Texts("images");
        foreach (var image in images.Where(i => !ValidRegex(i)))
            errors.Add(detect.PathOf("images"), detect.LineOf("images"), $"'{image}' is not a regular expression (without back-references and look-around).");
        return new DetectSpec { Definitions = detect.Texts("definitions", form: Forms.IsSubdomain(), what: "the beginning of a definition's name"), Images = images };
    }

    private static bool ValidRegex(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    private static ImmutableArray<RoleSpec> Roles(DocFields spec, DocErrors errors)
    {
        var roles = ImmutableArray.CreateBuilder<RoleSpec>();
        foreach (var (node, path) in spec.List("roles") ?? [])
        {
            if (DocFields.Of(node, path, ProfileShapes.Role, errors) is not { } fields)
                continue;
            var role = new RoleSpec(
                fields.Matching("name", IsWord(), WordForm, required: true) ?? "",
                fields.Matching("letter", IsLetter(), "one or two capital letters", required: true) ?? "",
                fields.Int("order", 0, 1000, required: true) ?? 0,
                fields.Bool("leads") ?? false,
                fields.Bool("votes") ?? false) { Aliases = fields.Texts("aliases", form: IsWord(), what: WordForm), Electable = fields.Bool("electable") ?? true };
            if (role.Name.Length == 0)
                continue;
            foreach (var said in role.Aliases.Prepend(role.Name))
                if (roles.Any(r => r.Aliases.Prepend(r.Name).Contains(said, StringComparer.OrdinalIgnoreCase)))
                    fields.Error("name", $"'{said}' names two roles.");
            if (roles.Any(r => r.Letter == role.Letter))
                fields.Error("letter", $"Two roles have the letter {role.Letter}; the graph tells roles apart by it.");
            roles.Add(role);
        }
        return roles.ToImmutable();
    }

    private static ProbeSpec? Probe(DocFields spec)
    {
        if (spec.Object("probe", ProfileShapes.Probe) is not { } probe)
            return null;
        var http = probe.Object("http", ProfileShapes.Http);
        if (http is not null && (probe.Has("command") || probe.Has("containers")))
            probe.Error("http", "A member is asked over HTTP or by a command in a container, not both.", "http", "command");
        else if (http is null && !probe.Has("command"))
            probe.Error("command", "The probe asks nothing.", "command", "http");
        return new ProbeSpec
        {
            Http = http is null ? null : new HttpProbe(http.Int("port", 1, 65_535, required: true) ?? 1, http.Matching("path", IsPath(), "a path that begins with '/'", required: true) ?? "/", http.OneOf("scheme", ["http", "https"]) == "https"),
            Containers = probe.Texts("containers", form: Forms.IsLabel(), what: "a container name"),
            Command = probe.Texts("command", whenEmpty: "'command' is empty.", distinct: false),
            Tool = probe.Text("tool", required: true, longest: 40) ?? "",
            Reader = probe.OneOf("reader", Readers, required: true) ?? "json",
            Role = probe.Text("role", required: true, longest: 80) ?? "",
            Position = probe.Texts("position"),
            LagSeconds = probe.Text("lagSeconds", longest: 80),
            Version = probe.Text("version", longest: 80),
            Copies = probe.Text("copies", longest: 80),
            CopiesExempt = probe.Text("copiesExempt", longest: 80),
            Keep = probe.Texts("keep"),
            Linked = probe.Pairs("linked"),
            Healthy = probe.Pairs("healthy"),
            Progress = probe.Texts("progress"),
            SameAsLeader = probe.Texts("sameAsLeader"),
            Timeout = probe.Duration("timeout", TimeSpan.FromMilliseconds(100), LongestProbe) ?? TimeSpan.FromSeconds(5),
            Period = probe.Duration("period", TimeSpan.FromMilliseconds(500), LongestProbe) ?? TimeSpan.FromSeconds(5),
            MaxAge = probe.Duration("maxAge", TimeSpan.FromMilliseconds(500), LongestProbe) ?? TimeSpan.FromSeconds(5),
        };
    }

    private static LagSpec? Lag(DocFields spec)
    {
        if (spec.Object("lag", ProfileShapes.Lag) is not { } lag)
            return null;
        if (lag.Has("maxBytes") && lag.Has("maxSeconds"))
            lag.Error("maxSeconds", "Lag is limited in the engine's own unit; give maxBytes or maxSeconds, not both.", "maxBytes", "maxSeconds");
        return new LagSpec { MaxBytes = lag.Whole("maxBytes", 0, long.MaxValue), MaxSeconds = lag.Number("maxSeconds", 0, 86_400), Consecutive = lag.Int("consecutive", 1, 10) ?? 1 };
    }

    private static SwitchoverSpec? Switchover(DocFields spec)
    {
        if (spec.Object("switchover", ProfileShapes.Switchover) is not { } switchover)
            return null;
        var read = new SwitchoverSpec
        {
            On = switchover.OneOf("on", ["from", "to"], required: true) ?? "to",
            Containers = switchover.Texts("containers", form: Forms.IsLabel(), what: "a container name"),
            Command = switchover.Texts("command", required: true, whenEmpty: "'command' is empty.", distinct: false),
            Expect = switchover.Text("expect", longest: 200) ?? "",
            Timeout = switchover.Duration("timeout", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(30)) ?? TimeSpan.FromSeconds(60),
        };
        if (read.On == "from" && !read.Command.Any(c => c.Contains("{to}", StringComparison.Ordinal)))
            switchover.Error("command", "A switchover that runs on the present leader must name the chosen member by {to}; else the database chooses by itself.");
        return read;
    }

    private static VersionSpec? Versions(DocFields spec) => spec.Object("versions", ProfileShapes.Versions) is not { } versions ? null : new VersionSpec
    {
        MaxMajorStep = versions.Int("maxMajorStep", 0, 1000),
        MaxMinorStep = versions.Int("maxMinorStep", 0, 1000),
        FollowerNotOlder = versions.Bool("followerNotOlder") ?? false,
        ReadableDown = versions.OneOf("readableDown", ["any", "major", "minor", "none"]) ?? "any",
        Source = versions.Text("source", longest: 400) ?? "",
    };

    private static RollbackPolicy Rollback(DocFields spec, RollbackPolicy defaults)
    {
        return spec.Object("rollback", ProfileShapes.Rollback) is not { } rollback ? defaults : new RollbackPolicy
        {
            AfterSwitchover = rollback.OneOf("afterSwitchover", ["yes", "ifReadable", "no"]) ?? defaults.AfterSwitchover,
            Note = rollback.Text("note", longest: 1000) ?? defaults.Note,
            Alternative = rollback.Text("alternative", longest: 1000) ?? defaults.Alternative,
        };
    }

    private static EstimateSpec Estimates(DocFields spec, EstimateSpec defaults)
    {
        return spec.Object("estimates", ProfileShapes.Estimates) is not { } estimates ? defaults : new EstimateSpec
        {
            Terminate = estimates.Duration("terminate", TimeSpan.Zero, LongestWait) ?? defaults.Terminate,
            Start = estimates.Duration("start", TimeSpan.Zero, LongestWait) ?? defaults.Start,
            Sync = estimates.Duration("sync", TimeSpan.Zero, LongestWait) ?? defaults.Sync,
            Switchover = estimates.Duration("switchover", TimeSpan.Zero, LongestWait) ?? defaults.Switchover,
        };
    }

    private static DeadlineSpec Deadlines(DocFields spec, DeadlineSpec defaults)
    {
        var least = TimeSpan.FromSeconds(1);
        return spec.Object("deadlines", ProfileShapes.Deadlines) is not { } deadlines ? defaults : new DeadlineSpec
        {
            Ready = deadlines.Duration("ready", least, LongestWait) ?? defaults.Ready,
            Sync = deadlines.Duration("sync", least, LongestWait) ?? defaults.Sync,
            Role = deadlines.Duration("role", least, LongestWait) ?? defaults.Role,
            Action = deadlines.Duration("action", least, LongestWait) ?? defaults.Action,
        };
    }

    internal const string WordForm = "a word of letters, digits, '-' and '_'";
    internal const string PatternForm = "a component name, in which '*' stands for anything";

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,39}$", RegexOptions.ExplicitCapture, 1000)]
    internal static partial Regex IsWord();

    [GeneratedRegex("^/[A-Za-z0-9._~/?&=%-]*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsPath();

    [GeneratedRegex("^[A-Z][A-Z0-9]?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsLetter();

    [GeneratedRegex("^[a-z0-9.*-]{1,63}$", RegexOptions.ExplicitCapture, 1000)]
    internal static partial Regex IsPattern();
}
