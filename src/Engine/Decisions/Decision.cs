using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>Everything Decide looks at. No I/O, no clock, no randomness: same state, same answer.</summary>
public sealed record DecisionState
{
    public required string RunId { get; init; }
    public required Plan Plan { get; init; }
    /// <summary>Null while the cluster is not (or no more) in sight.</summary>
    public required TopologySnapshot? Topology { get; init; }
    public required Ledger Ledger { get; init; }
    public required DateTimeOffset Now { get; init; }
    /// <summary>
    /// A hint that saves time and changes no answer: the "component/shard" keys whose members or workloads differ from the topology this decider saw last; null when that is not known.
    /// </summary>
    public IReadOnlyCollection<string>? ChangedShards { get; init; }
    /// <summary>Change freezes of this whole Rollcall, beside the plan's own.</summary>
    public ImmutableArray<WindowSpec> Freeze { get; init; } = [];
    /// <summary>A prediction, in which every window is open and no freeze is on.</summary>
    public bool Timeless { get; init; }
}

/// <summary>Decide needs something fresher than the state holds.</summary>
/// <param name="MaxAge">How old the reading may be at most.</param>
public sealed record ProbeRequest(string Component, string Shard, string Instance, TimeSpan MaxAge);

/// <summary>A step that wants to start or go on and may not yet.</summary>
public sealed record Wait(string Step, Reason Reason);

/// <summary>What may start now, and for everything else the Reason.</summary>
public sealed record Decision
{
    public static Decision Nothing { get; } = new();

    /// <summary>Facts that are evident now. They are written to the journal first, then Decide is asked again; while there are any, <see cref="Acts"/> is empty.</summary>
    public ImmutableArray<RunEvent> Record { get; init; } = [];
    /// <summary>What may start now. Each comes with the journal line that announces it.</summary>
    public ImmutableArray<(StepStarted Intent, Act Act)> Acts { get; init; } = [];
    public ImmutableArray<ProbeRequest> Probes { get; init; } = [];
    /// <summary>Ask again at this time at the latest (a soak ends, a deadline passes).</summary>
    public DateTimeOffset? WakeAt { get; init; }
    /// <summary>Reasons of the steps that wait now, the most important first.</summary>
    public ImmutableArray<Wait> Waits { get; init; } = [];
    /// <summary>Why the run as a whole is where it is; the first wait's, the pause's or the end's.</summary>
    public Reason? Reason { get; init; }
    public required RunState State { get; init; }
    /// <summary>The plan says that what just happened is answered by a rollback without asking (rollback.automatic, or a gate's onDeadline).</summary>
    public Reason? RollbackDue { get; init; }

    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public Decision() => State = RunState.Running;
}
