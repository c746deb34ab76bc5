using System.Collections.Immutable;
using Rollcall.Engine.Documents;

namespace Rollcall.Engine.Profiles;

/// <summary>Reads the engine's own commands from a profile: movers, drain, finaliser.</summary>
internal static class EngineCommandReader
{
    public static readonly string[] Implicit = ["no", "firstMember", "lastMember"];
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromDays(1);

    public static MoverSpec Mover(DocFields mover) => new(mover.Matching("name", Forms.IsLabel(), Forms.Label, required: true) ?? "", mover.Text("title", required: true, longest: 60) ?? "it")
    {
        Place = Place(mover),
        Check = Command(mover, "check"),
        Suspended = mover.Text("suspended", required: true, longest: 200) ?? "",
        Running = mover.Text("running", required: true, longest: 200) ?? "",
        Suspend = Command(mover, "suspend"),
        Resume = Command(mover, "resume"),
        Timeout = mover.Duration("timeout", Least, Most) ?? TimeSpan.FromSeconds(60),
        Deadline = mover.Duration("deadline", Least, Most) ?? TimeSpan.FromMinutes(10),
    };

    public static DrainSpec? Drain(DocFields spec) => spec.Object("drain", ProfileShapes.Drain) is not { } drain ? null : new DrainSpec
    {
        Command = Command(drain, "command"),
        Undo = Command(drain, "undo", required: false),
        Roles = drain.Texts("roles", form: ProfileReader.IsWord(), what: ProfileReader.WordForm),
        Containers = drain.Texts("containers", form: Forms.IsLabel(), what: "a container name"),
        Timeout = drain.Duration("timeout", Least, Most) ?? TimeSpan.FromMinutes(10),
    };

    public static FinaliserSpec? Finaliser(DocFields spec)
    {
        if (spec.Object("finaliser", ProfileShapes.Finaliser) is not { } finaliser)
            return null;
        var kind = finaliser.OneOf("implicit", Implicit) ?? "no";
        var read = new FinaliserSpec(finaliser.Text("title", required: true, longest: 80) ?? "Finalise")
        {
            Implicit = kind,
            Place = Place(finaliser),
            Check = Command(finaliser, "check", required: kind == "no"),
            Raised = finaliser.Text("raised", required: kind == "no", longest: 200) ?? "",
            Raise = Command(finaliser, "raise", required: kind == "no"),
            Lower = Command(finaliser, "lower", required: false),
            Lowered = finaliser.Text("lowered", longest: 200) ?? "",
            Timeout = finaliser.Duration("timeout", Least, Most) ?? TimeSpan.FromMinutes(10),
            Soak = finaliser.Duration("soak", TimeSpan.Zero, TimeSpan.FromDays(7)) ?? TimeSpan.FromHours(24),
        };
        if (kind != "no")
            foreach (var key in (string[])["component", "role", "containers", "check", "raised", "raise", "lower", "lowered", "soak"])
                if (finaliser.Has(key))
                    finaliser.Error(key, $"'{key}' would never be used: what happens by itself is not asked for.", "implicit: no");
        if (!read.Lower.IsEmpty && read.Lowered.Length == 0)
            finaliser.Error("lower", "'lower' needs 'lowered': what the check prints once it is taken back.", "lowered");
        return read;
    }

    private static ImmutableArray<string> Command(DocFields fields, string key, bool required = true) =>
        fields.Texts(key, required, whenEmpty: $"'{key}' is empty.", distinct: false);

    private static CommandPlace Place(DocFields fields) => new()
    {
        Components = fields.Texts("component", form: ProfileReader.IsPattern(), what: ProfileReader.PatternForm),
        Role = fields.Matching("role", ProfileReader.IsWord(), ProfileReader.WordForm),
        Containers = fields.Texts("containers", form: Forms.IsLabel(), what: "a container name"),
    };
}
