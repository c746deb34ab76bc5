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
        var limits = spec.Object("limits", ProfileShapes.Limits);
        var profile = new EngineProfile
        {
            Name = name,
            Title = spec.Text("title", required: true, longest: 60) ?? "",
            Detect = Detect(spec, errors),
            Roles = Roles(spec, errors),
            ComponentsUp = components?.Texts("up", form: IsPattern(), what: PatternForm) ?? [],
            ComponentsDown = components?.Texts("down", form: IsPattern(), what: PatternForm) ?? [],
            MembersAtOnce = limits?.Int("membersAtOnce", 1, 100) ?? 1,
            ShardsAtOnce = limits?.Int("shardsAtOnce", 1, 1000) ?? 1,
            ShardsPercent = limits?.Int("shardsPercent", 1, 100) ?? 50,
            LeaderMajority = limits?.Bool("leaderMajority") ?? false,
            Quorum = limits?.Bool("quorum") ?? false,
            ZoneExclusive = limits?.Bool("zoneExclusive") ?? false,
            PartlyUpdatedShards = limits?.Int("partlyUpdatedShards", 1, 100_000),
            Stop = limits?.Duration("stop", TimeSpan.Zero, LongestWait) ?? TimeSpan.Zero,
            Cooldown = CooldownReader.Read(spec),
            Probe = Probe(spec),
            Lag = Lag(spec),
            Switchover = Switchover(spec),
            Versions = Versions(spec),
            Rollback = Rollback(spec),
            Estimates = Estimates(spec),
            Deadlines = Deadlines(spec),
            Stages = spec.List("stages", required: true, whenEmpty: "'stages' is empty; a profile needs at least one.") is { } stages ? StageReader.Read(stages, errors) : [],
            Text = text,
            Source = source,
        };
        ProfileChecks.Check(profile, spec, limits);
        return profile;
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
        return new ProbeSpec
        {
            Containers = probe.Texts("containers", form: Forms.IsLabel(), what: "a container name"),
            Command = probe.Texts("command", required: true, whenEmpty: "'command' is empty.", distinct: false),
            Tool = probe.Text("tool", required: true, longest: 40) ?? "",
            Reader = probe.OneOf("reader", ["keyValue", "json"], required: true) ?? "json",
            Role = probe.Text("role", required: true, longest: 80) ?? "",
            Position = probe.Texts("position"),
            LagSeconds = probe.Text("lagSeconds", longest: 80),
            Version = probe.Text("version", longest: 80),
            Linked = probe.Pairs("linked"),
            Healthy = probe.Pairs("healthy"),
            Progress = probe.Texts("progress"),
            SameAsLeader = probe.Texts("sameAsLeader"),
            Timeout = probe.Duration("timeout", TimeSpan.FromMilliseconds(100), LongestProbe) ?? TimeSpan.FromSeconds(5),
            Period = probe.Duration("period", TimeSpan.FromMilliseconds(500), LongestProbe) ?? TimeSpan.FromSeconds(5),
            MaxAge = probe.Duration("maxAge", TimeSpan.FromMilliseconds(500), LongestProbe) ?? TimeSpan.FromSeconds(5),
        };
    }

    private static LagSpec Lag(DocFields spec)
    {
        if (spec.Object("lag", ProfileShapes.Lag) is not { } lag)
            return new LagSpec();
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

    private static VersionSpec Versions(DocFields spec) => spec.Object("versions", ProfileShapes.Versions) is not { } versions ? new VersionSpec() : new VersionSpec
    {
        MaxMajorStep = versions.Int("maxMajorStep", 0, 1000),
        MaxMinorStep = versions.Int("maxMinorStep", 0, 1000),
        FollowerNotOlder = versions.Bool("followerNotOlder") ?? false,
        ReadableDown = versions.OneOf("readableDown", ["any", "major", "minor", "none"]) ?? "any",
        Source = versions.Text("source", longest: 400) ?? "",
    };

    private static RollbackPolicy Rollback(DocFields spec)
    {
        var defaults = new RollbackPolicy();
        return spec.Object("rollback", ProfileShapes.Rollback) is not { } rollback ? defaults : new RollbackPolicy
        {
            AfterSwitchover = rollback.OneOf("afterSwitchover", ["yes", "ifReadable", "no"]) ?? defaults.AfterSwitchover,
            Note = rollback.Text("note", longest: 1000) ?? defaults.Note,
            Alternative = rollback.Text("alternative", longest: 1000) ?? defaults.Alternative,
        };
    }

    private static EstimateSpec Estimates(DocFields spec)
    {
        var defaults = new EstimateSpec();
        return spec.Object("estimates", ProfileShapes.Estimates) is not { } estimates ? defaults : new EstimateSpec
        {
            Terminate = estimates.Duration("terminate", TimeSpan.Zero, LongestWait) ?? defaults.Terminate,
            Start = estimates.Duration("start", TimeSpan.Zero, LongestWait) ?? defaults.Start,
            Sync = estimates.Duration("sync", TimeSpan.Zero, LongestWait) ?? defaults.Sync,
            Switchover = estimates.Duration("switchover", TimeSpan.Zero, LongestWait) ?? defaults.Switchover,
        };
    }

    private static DeadlineSpec Deadlines(DocFields spec)
    {
        var (defaults, least) = (new DeadlineSpec(), TimeSpan.FromSeconds(1));
        return spec.Object("deadlines", ProfileShapes.Deadlines) is not { } deadlines ? defaults : new DeadlineSpec
        {
            Ready = deadlines.Duration("ready", least, LongestWait) ?? defaults.Ready,
            Sync = deadlines.Duration("sync", least, LongestWait) ?? defaults.Sync,
            Role = deadlines.Duration("role", least, LongestWait) ?? defaults.Role,
            Action = deadlines.Duration("action", least, LongestWait) ?? defaults.Action,
        };
    }

    private const string WordForm = "a word of letters, digits, '-' and '_'";
    private const string PatternForm = "a component name, in which '*' stands for anything";

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,39}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsWord();

    [GeneratedRegex("^[A-Z][A-Z0-9]?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsLetter();

    [GeneratedRegex("^[a-z0-9.*-]{1,63}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsPattern();
}
