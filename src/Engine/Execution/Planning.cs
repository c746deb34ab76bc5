using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>
/// The pure functions that make plans, as the facade uses them. They come from Decisions and Profiles; the facade's tests put others in their place.
/// </summary>
public sealed record Planning
{
    /// <summary>The profile of this name, or null.</summary>
    public required Func<string, EngineProfile?> Profile { get; init; }
    /// <summary>Reads a specification (YAML or JSON).</summary>
    public required Func<string, Result<PlanSpec>> Read { get; init; }
    /// <summary>Resolves it against the cluster as it is now; steps, findings and totals included.</summary>
    public required Func<PlanSpec, string, TopologySnapshot, EngineProfile, Result<Plan>> Build { get; init; }
    /// <summary>The way back from what a run has done, predicted like any plan.</summary>
    public required RollbackBuilder Rollback { get; init; }
    /// <summary>In sentences, what makes the hashes of two plans differ.</summary>
    public required Func<Plan, Plan, ImmutableArray<string>> Changed { get; init; }
    /// <summary>A specification as YAML.</summary>
    public required Func<PlanSpec, string> Write { get; init; }
    /// <summary>A brain for one run.</summary>
    public required Func<Func<DecisionState, Decision>> Decider { get; init; }
}

/// <summary>Makes the plan that takes back what a run has done.</summary>
public delegate Result<Plan> RollbackBuilder(string run, Plan forward, Ledger ledger, TopologySnapshot now, string planId, string by, DateTimeOffset at);
