using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Rollcall.Shared;

/// <summary>
/// What a person writes: <c>apiVersion: rollcall.dev/v1alpha1, kind: RolloutPlan</c>. This is the normalised form; its canonical JSON goes into the plan's hash.
/// </summary>
public sealed record PlanSpec
{
    public const string ApiVersion = "rollcall.dev/v1alpha1";
    public const string Kind = "RolloutPlan";

    public required string Name { get; init; }
    public required string Namespace { get; init; }
    public required TargetSpec Target { get; init; }
    public required ImmutableArray<ChangeSpec> Changes { get; init; }
    /// <summary>Null: the profile's own stages.</summary>
    public ImmutableArray<StageSpec>? Stages { get; init; }
    public SafetySpec Safety { get; init; } = new();
    public RollbackSpec Rollback { get; init; } = new();
    /// <summary>Run at their points in every stage, or around a rollback.</summary>
    public ImmutableArray<HookSpec> Hooks { get; init; } = [];
    /// <summary>Null: the plan stops before the engine's point of no return.</summary>
    public FinaliseSpec? Finalise { get; init; }
    /// <summary>Warnings that the author takes on by name: <c>singleton</c>, <c>managedElsewhere</c>, <c>smallCluster</c> …</summary>
    public ImmutableArray<string> Acknowledge { get; init; } = [];

    [JsonIgnore] public ClusterKey Cluster => new(Namespace, Target.Name);
}

public sealed record TargetSpec(ClusterKind Kind, string Name);

/// <summary>The wanted version of one component: KubeBlocks' serviceVersion (and componentDef), or images by container.</summary>
public sealed record ChangeSpec
{
    public required string Component { get; init; }
    /// <summary>The wanted version. For a StatefulSet: the tag of its first container's image, the repository kept.</summary>
    public string? ServiceVersion { get; init; }
    public string? ComponentDef { get; init; }
    /// <summary>container → image, StatefulSets only.</summary>
    public ImmutableSortedDictionary<string, string> Images { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

public sealed record StageSpec
{
    public required string Name { get; init; }
    /// <summary>Null: every component of the change.</summary>
    public string? Component { get; init; }
    public required ShardSelector Shards { get; init; }
    /// <summary>all, followers or leader.</summary>
    public string Roles { get; init; } = "all";
    public GateSpec? Gate { get; init; }
    /// <summary>Wait after the stage's last member; zero for none.</summary>
    public TimeSpan Soak { get; init; }
    /// <summary>Shards in flight at once; null: the profile's.</summary>
    public int? ShardsAtOnce { get; init; }
    public ImmutableArray<HookSpec> Hooks { get; init; } = [];
    /// <summary>Metrics that must stay within their limits.</summary>
    public ImmutableArray<AnalysisSpec> Analyses { get; init; } = [];
}

/// <summary>Exactly one of the four: a count, a percentage (1 to 100, of all shards, rounded up), names, or the rest.</summary>
public sealed record ShardSelector
{
    public int? Count { get; init; }
    public int? Percent { get; init; }
    public ImmutableArray<string> Names { get; init; } = [];
    public bool Rest { get; init; }

    public override string ToString() =>
        Rest ? "rest" : Count is { } c ? $"{c} {(c == 1 ? "shard" : "shards")}" : Percent is { } p ? $"{p} %" : string.Join(", ", Names);
}

/// <summary>A person's decision: how many, from which groups, until when.</summary>
public sealed record GateSpec
{
    public int Approvals { get; init; } = 1;
    /// <summary>At least one approval must come from each of these groups; empty: anybody who may approve.</summary>
    public ImmutableArray<string> Groups { get; init; } = [];
    /// <summary>Only people of these groups count here; empty: anybody who may approve.</summary>
    public ImmutableArray<string> From { get; init; } = [];
    /// <summary>Null: waits without end.</summary>
    public TimeSpan? Deadline { get; init; }
    /// <summary>How long before the deadline it is said that time runs out; null: never.</summary>
    public TimeSpan? Remind { get; init; }
    /// <summary>hold, abort, rollback or reject.</summary>
    public string OnDeadline { get; init; } = "hold";
    /// <summary>BeforeStage or BeforeSwitchover.</summary>
    public string At { get; init; } = "BeforeStage";
}

public sealed record SafetySpec
{
    public long? LagMaxBytes { get; init; }
    public double? LagMaxSeconds { get; init; }
    /// <summary>How long a member may take to become Ready on the new version; null: the profile's.</summary>
    public TimeSpan? ReadyDeadline { get; init; }
    /// <summary>Rule Cooldown: gaps that differ from the profile's.</summary>
    public CooldownSpec Cooldown { get; init; } = new();
    /// <summary>Rule ZoneExclusive: members are disrupted in one failure zone at a time; null: the profile's.</summary>
    public bool? ZoneExclusive { get; init; }
    /// <summary>Rule MaxShardsInFlight: shards that run both versions at once; null: the profile's.</summary>
    public int? PartlyUpdatedShards { get; init; }
    /// <summary>Rule RestoreOriginalLeaders: when everything is updated, those lead again who led before.</summary>
    public bool RestoreLeaders { get; init; }
    /// <summary>When leaders may be handed over; null: at any time.</summary>
    public WindowSpec? HandoverWindow { get; init; }
    /// <summary>When nothing new is begun.</summary>
    public ImmutableArray<WindowSpec> Freeze { get; init; } = [];
    /// <summary>Null: the plan asks for none.</summary>
    public BackupSpec? Backup { get; init; }
}

/// <summary>Rule Cooldown: the least gap between two members of a shard, two shards, two failure zones. Null: the profile's; zero: none.</summary>
public sealed record CooldownSpec
{
    public TimeSpan? Member { get; init; }
    public TimeSpan? Shard { get; init; }
    public TimeSpan? Zone { get; init; }

    [JsonIgnore] public bool Empty => this is { Member: null, Shard: null, Zone: null };
}

/// <summary>The backup that must be there before a component is touched.</summary>
public sealed record BackupSpec
{
    /// <summary>A complete one of at most this age will do; null: none that was there before.</summary>
    public TimeSpan? MaxAge { get; init; }
    /// <summary>Take one where none will do; null: wait for somebody to take it.</summary>
    public ActionSpec? Take { get; init; }
}

/// <summary>The engine's point of no return as the plan's last step.</summary>
public sealed record FinaliseSpec
{
    /// <summary>From the last member until people are asked; null: the profile's.</summary>
    public TimeSpan? Soak { get; init; }
    /// <summary>Null: one approval.</summary>
    public GateSpec? Gate { get; init; }
}

public sealed record RollbackSpec
{
    /// <summary>Roll back without asking when a member fails on the new version.</summary>
    public bool Automatic { get; init; }
    /// <summary>On rollback, lead again with those who led before.</summary>
    public bool RestoreLeaders { get; init; }
}
