using System.Collections.Immutable;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>Forward, or the way back (components and ledger reversed).</summary>
public enum Direction { Forward, Rollback }

/// <summary>A version as a driver writes it: KubeBlocks' pair, or images by container.</summary>
public sealed record VersionRef
{
    /// <summary>As people say it: 8.0.1.</summary>
    public required string Version { get; init; }
    public string ComponentDef { get; init; } = "";
    public ImmutableSortedDictionary<string, string> Images { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public bool Equals(VersionRef? other) => other is not null && Version == other.Version && ComponentDef == other.ComponentDef && Images.SequenceEqual(other.Images);
    public override int GetHashCode() => HashCode.Combine(Version, ComponentDef, Images.Count);
    public override string ToString() => Version;
}

/// <summary>What is written to one workload: from, to.</summary>
public sealed record WorkloadTarget(string Workload, VersionRef From, VersionRef To);

public sealed record ShardBaseline(string Name, ImmutableArray<string> Instances);

/// <summary>Change + ordered stages, resolved against the cluster as it was when the plan was made.</summary>
public sealed record Plan
{
    public required string Id { get; init; }
    public required string Hash { get; init; }
    public required PlanSpec Spec { get; init; }
    /// <summary>The text as the author wrote it.</summary>
    public required string SpecText { get; init; }
    public required ClusterKind Kind { get; init; }
    public required EngineProfile Profile { get; init; }
    public Direction Direction { get; init; } = Direction.Forward;
    /// <summary>In the order in which they are rolled.</summary>
    public required ImmutableArray<PlannedComponent> Components { get; init; }
    public ImmutableArray<PlanStep> Steps { get; init; } = [];
    public ImmutableArray<Finding> Findings { get; init; } = [];
    public PlanTotals Totals { get; init; } = new(0, 0, 0);
    /// <summary>What the durations rest on, in words: "from 4 earlier runs of this cluster".</summary>
    public string EstimatedFrom { get; init; } = "";
    /// <summary>How many members and leaders may be missing while it runs, in sentences.</summary>
    public ImmutableArray<string> Quorum { get; init; } = [];
    public string? RollbackOf { get; init; }
    /// <summary>It is about some of the cluster's shards; the others are none of its business.</summary>
    public bool Partial { get; init; }
    /// <summary>Shards ("component/shard") whose files were written by the newer version under a new leader; they went past L0 in the forward run.</summary>
    public ImmutableHashSet<string> PastSwitchover { get; init; } = [];
    /// <summary>"component/shard" → who led before the forward run, for RestoreLeaders.</summary>
    public ImmutableDictionary<string, string> PreferredLeaders { get; init; } = ImmutableDictionary<string, string>.Empty;
    /// <summary>Instance → order in which the forward run touched it; the way back goes last touched first.</summary>
    public ImmutableDictionary<string, long> TouchedOrder { get; init; } = ImmutableDictionary<string, long>.Empty;
    /// <summary>"component/shard" → a switchover that the run before this one asked for and that may still take effect.</summary>
    public ImmutableDictionary<string, UnsettledSwitchover> Unsettled { get; init; } = ImmutableDictionary<string, UnsettledSwitchover>.Empty;
    /// <summary>A rollback from behind the engine's point of no return: that is taken back first.</summary>
    public bool LowersFirst { get; init; }
    public string CreatedBy { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }

    public ClusterKey Cluster => Spec.Cluster;
}

public sealed record UnsettledSwitchover(string From, string To, DateTimeOffset Since, DateTimeOffset Until);

public sealed record PlannedComponent
{
    public required string Name { get; init; }
    public required VersionRef From { get; init; }
    public required VersionRef To { get; init; }
    public required ImmutableArray<WorkloadTarget> Targets { get; init; }
    public required ImmutableArray<ShardBaseline> Shards { get; init; }
    public required ImmutableArray<PlannedStage> Stages { get; init; }
}

public sealed record PlannedStage
{
    public required string Name { get; init; }
    /// <summary>Shards in the order in which they start.</summary>
    public required ImmutableArray<string> Shards { get; init; }
    public string Roles { get; init; } = "all";
    public int ShardsAtOnce { get; init; } = 1;
    public GateSpec? Gate { get; init; }
    public TimeSpan Soak { get; init; }
    /// <summary>In the order in which they run at their points.</summary>
    public ImmutableArray<HookSpec> Hooks { get; init; } = [];
    public ImmutableArray<AnalysisSpec> Analyses { get; init; } = [];
    /// <summary>The last stage of a plan that finalises: it has no shards, only its soak and its gate.</summary>
    public bool Finalises { get; init; }
}
