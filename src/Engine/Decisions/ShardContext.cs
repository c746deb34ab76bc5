using System.Collections.Immutable;
using System.Globalization;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>What is known of a member's role, and how well.</summary>
/// <param name="Confirmed">The engine itself said so recently enough, or the label rule holds.</param>
public readonly record struct RoleKnowledge(string? Role, bool Confirmed, string Source, DateTimeOffset? At, DateTimeOffset? ConfirmableAt);

/// <summary>One shard as the rules see it: the live members against the plan. Made anew for every decision, cheap.</summary>
public sealed class ShardContext
{
    public ShardContext(DecisionState state, PlannedComponent component, ShardBaseline baseline, Component live, Shard shard, ImmutableArray<Workload> workloads)
    {
        State = state;
        Component = component;
        Baseline = baseline;
        Live = live;
        Shard = shard;
        Key = Ledger.ShardKey(component.Name, baseline.Name);
        Workloads = workloads;
        Profile = state.Plan.Profile.For(component.Name);
    }

    public DecisionState State { get; }
    public PlannedComponent Component { get; }
    public ShardBaseline Baseline { get; }
    public Component Live { get; }
    public Shard Shard { get; }
    public string Key { get; }
    public ImmutableArray<Workload> Workloads { get; }

    /// <summary>The profile as it holds for this component.</summary>
    public EngineProfile Profile { get; }
    public DateTimeOffset Now => State.Now;
    public Ledger Ledger => State.Ledger;
    public string Name => Shard.Name;
    public ImmutableArray<Instance> Members => Shard.Instances;
    public bool Backwards => State.Plan.Direction == Direction.Rollback;

    /// <summary>Rule PodRevisionIsTruth: the Pod itself runs the target, by its images (and its revision once the template asks for the target); never the controller's own counters.</summary>
    public bool OnTarget(Instance i) => RunsVersion(i, Component.To) && (i.Updated || !WorkloadAt(i, Component.To));

    public bool Outdated(Instance i) => !OnTarget(i);

    public static bool RunsVersion(Instance i, VersionRef version)
    {
        if (version.Images.IsEmpty)
            return i.Version == version.Version;
        foreach (var (container, image) in version.Images)
            if (!i.Images.TryGetValue(container, out var has) || has != image)
                return false;
        return true;
    }

    private bool WorkloadAt(Instance i, VersionRef version)
    {
        foreach (var w in Workloads)
            if (i.Workload.Length == 0 || w.Name == i.Workload)
                return AsksFor(w, version);
        return Workloads.Length > 0 && AsksFor(Workloads[0], version);
    }

    /// <summary>The workload's template asks for this version.</summary>
    public static bool AsksFor(Workload w, VersionRef version)
    {
        if (version.Images.IsEmpty)
            return w.TargetVersion == version.Version && (version.ComponentDef.Length == 0 || w.ComponentDefinition.Length == 0 || w.ComponentDefinition == version.ComponentDef);
        foreach (var (container, image) in version.Images)
            if (!w.Images.TryGetValue(container, out var has) || has != image)
                return false;
        return true;
    }

    public Instance? Find(string name)
    {
        foreach (var i in Members)
            if (i.Name == name)
                return i;
        return null;
    }

    /// <summary>The reading of the present Pod, if it answered.</summary>
    public static Reading? Answer(Instance i) => i.Probe is { Error: null } r && r.Uid == i.Uid ? r : null;

    /// <summary>How old the present Pod's answer is; null when it never answered. After the clock was set back an answer seems to come from the future; how old it is then nobody knows, so it counts by its distance.</summary>
    public TimeSpan? AnswerAge(Instance i) => Answer(i) is { } r ? (Now - r.At).Duration() : null;

    private static readonly RoleKnowledge Nothing = new(null, false, "", null, null);

    /// <summary>The engine's own answer; where no probe can run, the label when two looks a probe period + 5 s apart agree and nothing restarted between.</summary>
    public RoleKnowledge RoleOf(Instance i)
    {
        if (!Profile.HasRoles)
            return new RoleKnowledge(null, true, "", null, null);
        if (!UsesLabel(i))
        {
            if (Answer(i) is not { } reading)
                return Nothing;
            return new RoleKnowledge(Profile.Normalise(reading.Role), AnswerAge(i) <= Profile.Probe!.MaxAge, reading.Source, reading.At, null);
        }
        if (i.LabelRole is null || i.LabelRoleSince is not { } since)
            return Nothing;
        var from = i.StartedAt is { } started && started > since ? started : since;
        var at = from + (Profile.Probe?.Period ?? TimeSpan.FromSeconds(5)) + TimeSpan.FromSeconds(5);
        return new RoleKnowledge(Profile.Normalise(i.LabelRole), Now >= at, "label, unconfirmed", since, at);
    }

    /// <summary>No probe can run in this Pod (none in the profile, or exec is impossible here), so that its label has to do.</summary>
    public bool UsesLabel(Instance i) => Profile.Probe is null || (i.Probe is { CannotRun: true } r && r.Uid == i.Uid);

    public bool Leads(Instance i) => Profile.Role(RoleOf(i).Role) is { Leads: true };

    public bool Votes(Instance i) => Profile.Role(RoleOf(i).Role) is { Votes: true };

    public IEnumerable<Instance> Leaders
    {
        get
        {
            foreach (var i in Members)
                if (i.Ready && Leads(i))
                    yield return i;
        }
    }

    public Instance? Leader => Leaders.FirstOrDefault();

    public string RoleWord(Instance i) => RoleOf(i).Role ?? "role unknown";

    /// <summary>Gone, going, or not Ready.</summary>
    public static bool Unavailable(Instance i) => !i.Ready || i.Phase is "Terminating" or "Missing";

    public Evidence RoleEvidence(Instance i)
    {
        var k = RoleOf(i);
        return new Evidence($"role of {i.Name}", k.Role ?? "unknown", k.Source.Length > 0 ? k.Source : "nobody", k.At ?? Now);
    }

    public Evidence ReadyEvidence(Instance i) => new($"{i.Name} Ready", i.Ready ? "True" : i.Problem ?? i.Phase, "API server", State.Topology!.ObservedAt);

    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.#} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.#} MiB"),
        >= 1L << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 10):0.#} KiB"),
        _ => $"{bytes} bytes",
    };

    public static string Duration(TimeSpan t) => t.TotalSeconds < 10 ? string.Create(CultureInfo.InvariantCulture, $"{t.TotalSeconds:0.#} s")
        : t.TotalSeconds < 120 ? string.Create(CultureInfo.InvariantCulture, $"{t.TotalSeconds:0} s")
        : t.TotalMinutes < 120 ? string.Create(CultureInfo.InvariantCulture, $"{t.TotalMinutes:0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{t.TotalHours:0.#} h");
}
