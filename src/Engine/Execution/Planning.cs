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
    public required Func<Plan, Ledger, TopologySnapshot, Result<Plan>> Rollback { get; init; }
    /// <summary>What Compose starts from.</summary>
    public required Func<TopologySnapshot, EngineProfile, PlanSpec> Draft { get; init; }
    /// <summary>A specification as YAML.</summary>
    public required Func<PlanSpec, string> Write { get; init; }
    /// <summary>A brain for one run.</summary>
    public required Func<Func<DecisionState, Decision>> Decider { get; init; }
}
