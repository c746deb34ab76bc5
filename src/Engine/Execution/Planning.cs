using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>What a plan is built from.</summary>
public sealed record PlanRequest(PlanSpec Spec, string Text, TopologySnapshot Cluster, EngineProfile Profile, string PlanId, string By, DateTimeOffset At)
{
    /// <summary>How long things took in earlier runs.</summary>
    public MeasuredTimes Measured { get; init; } = MeasuredTimes.None;
}

/// <summary>What the plan that takes a run back is built from.</summary>
public sealed record RollbackRequest(string Run, Plan Forward, Ledger Ledger, TopologySnapshot Cluster, string PlanId, string By, DateTimeOffset At)
{
    /// <summary>"component/shard": only this one; null for all.</summary>
    public string? Only { get; init; }
    /// <summary>Where the run is a rollback itself: the plan it took back.</summary>
    public Plan? Original { get; init; }
}

/// <summary>The pure functions that make plans and decisions, as the facade uses them; tests put others in their place.</summary>
public sealed record Planning
{
    /// <summary>The profile of this name, or null.</summary>
    public required Func<string, EngineProfile?> Profile { get; init; }
    /// <summary>Reads a specification (YAML or JSON).</summary>
    public Func<string, Result<PlanSpec>> Read { get; init; } = PlanSpecReader.Read;
    /// <summary>Resolves it against the cluster as it is now; steps, findings and totals included.</summary>
    public required Func<PlanRequest, Result<Plan>> Build { get; init; }
    /// <summary>The way back from what a run has done, predicted like any plan.</summary>
    public Func<RollbackRequest, Result<Plan>> Rollback { get; init; } = r => r.Original is { } original
        ? RollForwardPlanner.Build(r.Run, r.Forward, original, r.Ledger, r.Cluster, PlanHash.Of, r.PlanId, r.By, r.At)
        : RollbackPlanner.Build(r.Run, r.Forward, r.Ledger, r.Cluster, PlanHash.Of, r.PlanId, r.By, r.At, r.Only);
    /// <summary>In sentences, what makes the hashes of two plans differ.</summary>
    public Func<Plan, Plan, ImmutableArray<string>> Changed { get; init; } = PlanHash.Changed;
    /// <summary>A specification as YAML.</summary>
    public Func<PlanSpec, string> Write { get; init; } = PlanSpecWriter.ToYaml;
    /// <summary>A brain for one run.</summary>
    public Func<Func<DecisionState, Decision>> Decider { get; init; } = () => new Decider().Decide;

    /// <param name="owner">This Rollcall's own name, to tell its holds from others'.</param>
    /// <param name="freeze">Change freezes of the whole Rollcall.</param>
    /// <param name="unmeasurable">Why an analysis cannot be measured here; null: nothing is known against it.</param>
    public static Planning Of(ProfileLibrary profiles, string owner, ImmutableArray<WindowSpec> freeze = default, Func<AnalysisSpec, string?>? unmeasurable = null) => new()
    {
        Profile = profiles.Find,
        Build = r =>
        {
            var built = PlanBuilder.Build(r.Spec, r.Text, r.Cluster, r.Profile, r.PlanId, r.By, r.At, owner, unmeasurable);
            return built.Ok ? Previewer.Complete(built.Value, r.Cluster, r.At, freeze, r.Measured) : built;
        },
    };
}
