using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Rollcall.Shared;

/// <summary>One line of the cluster list.</summary>
public sealed record ClusterSummary
{
    public required string Namespace { get; init; }
    public required string Name { get; init; }
    public required ClusterKind Kind { get; init; }
    /// <summary>Name of the engine profile, e.g. <c>redis-cluster</c>.</summary>
    public required string Profile { get; init; }
    /// <summary>Running, Updating, Degraded, Unknown.</summary>
    public required string Phase { get; init; }
    /// <summary>Id of the run that holds the cluster, or null.</summary>
    public string? ActiveRun { get; init; }
    public ImmutableArray<ComponentSummary> Components { get; init; } = [];
    public int Shards { get; init; }
    public int Instances { get; init; }
    public int Ready { get; init; }
    /// <summary>Set while an update strategy is held: who holds it since when.</summary>
    public Custody? Held { get; init; }
    /// <summary>Findings about the cluster itself that do not depend on a plan (no CRDs, RBAC, managed elsewhere …).</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
    public string Version { get; init; } = "";
}

/// <param name="AvailableVersions">Newest first, without the present one.</param>
public sealed record ComponentSummary(string Name, string Version, ImmutableArray<string> AvailableVersions)
{
    /// <summary>What its members run now, oldest first. Empty where the summary says only what is asked for.</summary>
    public ImmutableArray<string> Versions { get; init; } = [];

    /// <summary>"7.2.4", or "7.2.4 and 8.0.1" while its members differ: what is asked for is not what runs.</summary>
    [JsonIgnore] public string Runs => Versions.IsDefaultOrEmpty ? Version : string.Join(" and ", Versions);

    /// <summary>What to offer first: the newest version that is a release, or the newest of all where every one has a suffix (<c>-rc1</c>, <c>-bookworm</c>).</summary>
    public static string? Suggest(ImmutableArray<string> newestFirst) => newestFirst.FirstOrDefault(v => !v.Contains('-', StringComparison.Ordinal)) ?? newestFirst.FirstOrDefault();
}

/// <summary>Who holds the update strategy of a cluster, written on the held objects themselves.</summary>
public sealed record Custody(string Owner, string Run, DateTimeOffset? Since);

/// <summary>An immutable picture of one cluster at one version. The executor, the browsers and the API all read this.</summary>
public sealed record TopologySnapshot
{
    public required ClusterKey Cluster { get; init; }
    /// <summary><c>epoch-n</c>, opaque; grows with every change of what is shown.</summary>
    public required string Version { get; init; }
    public required ClusterKind Kind { get; init; }
    public required string Profile { get; init; }
    public required string Phase { get; init; }
    /// <summary>When the API server was last heard (event or bookmark). Screens show its age.</summary>
    public required DateTimeOffset ObservedAt { get; init; }
    /// <summary>False while the watch is down: what is shown may be old.</summary>
    public bool Connected { get; init; } = true;
    public ImmutableArray<Component> Components { get; init; } = [];
    public Custody? Held { get; init; }
    public ImmutableArray<string> Notes { get; init; } = [];
    /// <summary>Operations that other parties run on this cluster right now (OpsRequests, a Rollout label …); empty when quiet.</summary>
    public ImmutableArray<Operation> Operations { get; init; } = [];
    /// <summary>Backups that are known, those that run first, then the newest; empty where nobody says.</summary>
    public ImmutableArray<BackupFact> Backups { get; init; } = [];
}

/// <summary>A backup that somebody took (or is taking) of the cluster.</summary>
/// <param name="Component">Empty where it does not say.</param>
/// <param name="Phase">New, Running, Completed, Failed.</param>
public sealed record BackupFact(string Name, string Component, string Method, string Phase, DateTimeOffset? CompletedAt)
{
    public bool Complete => Phase == "Completed" && CompletedAt is not null;
}

/// <summary>An operation in flight on the cluster: ours (by run label) or somebody else's.</summary>
/// <param name="Phase">As the operator says it: Pending, Creating, Running, Succeed, Failed, Aborted, Cancelled.</param>
/// <param name="Run">Our run label, or null when it is not ours.</param>
public sealed record Operation(string Name, string Type, string Phase, string? Run, string? Step, string Message = "");

public sealed record Component
{
    public required string Name { get; init; }
    /// <summary>Distinct versions its instances run now, newest first.</summary>
    public ImmutableArray<string> Versions { get; init; } = [];
    /// <summary>The version its specification asks for.</summary>
    public required string Version { get; init; }
    public ImmutableArray<string> AvailableVersions { get; init; } = [];
    /// <summary>ComponentDefinition by version where the cluster is KubeBlocks'; empty otherwise.</summary>
    [JsonIgnore] public ImmutableDictionary<string, string> Definitions { get; init; } = ImmutableDictionary<string, string>.Empty;
    public ImmutableArray<Workload> Workloads { get; init; } = [];
    public ImmutableArray<Shard> Shards { get; init; } = [];
}

/// <summary>
/// The object whose update strategy is held and whose template is written: a StatefulSet (one shard), or a component of a KubeBlocks Cluster (all its shards).
/// </summary>
public sealed record Workload
{
    /// <summary>StatefulSet name, or component/sharding name.</summary>
    public required string Name { get; init; }
    public required string Uid { get; init; }
    /// <summary>Names of the shards its template serves.</summary>
    public required ImmutableArray<string> Shards { get; init; }
    /// <summary>RollingUpdate or OnDelete, as the object says now.</summary>
    public required string Strategy { get; init; }
    public int Partition { get; init; }
    public Custody? Held { get; init; }
    /// <summary>JSON of the strategy to give back, from the annotation <c>rollcall.dev/held</c>.</summary>
    public string? HeldOriginal { get; init; }
    /// <summary>The version its template asks for.</summary>
    public required string TargetVersion { get; init; }
    /// <summary>container → image of the template.</summary>
    public ImmutableSortedDictionary<string, string> Images { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
    /// <summary>The container whose image tag is "the version" (a key of <see cref="Images"/>); empty where the version is a field of its own.</summary>
    public string VersionContainer { get; init; } = "";
    public string ComponentDefinition { get; init; } = "";
    /// <summary>The controllers below have seen the last write (generation chain closed; for a hold: read back from every InstanceSet).</summary>
    public bool Observed { get; init; }
    /// <summary>The controller itself says that nothing is left to do (currentRevision == updateRevision, or phase Running).</summary>
    public bool Settled { get; init; }
    /// <summary>Argo CD, Flux, Helm … where labels or managedFields show one; null otherwise.</summary>
    public string? ManagedBy { get; init; }
    /// <summary>Why this object cannot be taken at all (enableInstanceAPI, pinned instance templates, a partition in use …).</summary>
    public ImmutableArray<string> Blockers { get; init; } = [];
    public int Replicas { get; init; }
    /// <summary>terminationGracePeriodSeconds of its template; null where no template is to be seen.</summary>
    public int? GraceSeconds { get; init; }
}

public sealed record Shard
{
    public required string Name { get; init; }
    public ImmutableArray<Instance> Instances { get; init; } = [];
    /// <summary>PodDisruptionBudget over this shard's members, if there is one.</summary>
    public BudgetStatus? Budget { get; init; }
}

public sealed record BudgetStatus(string Name, int DisruptionsAllowed);

/// <summary>One member: a Pod as the API server and the engine itself describe it.</summary>
public sealed record Instance
{
    public required string Name { get; init; }
    /// <summary>The role's name in the profile's words, or null while unknown. Derived: the engine's own answer when there is one, else the label.</summary>
    public string? Role { get; init; }
    /// <summary>probe, label, or empty when unknown.</summary>
    public string RoleSource { get; init; } = "";
    public DateTimeOffset? RoleSeenAt { get; init; }
    /// <summary>The role as the Pod label says it (already in the profile's words) and since when it says so unchanged.</summary>
    public string? LabelRole { get; init; }
    public DateTimeOffset? LabelRoleSince { get; init; }
    public required string Version { get; init; }
    /// <summary>It runs what its workload's template asks for now.</summary>
    public required bool Updated { get; init; }
    /// <summary>Ready, and the condition turned True after its present containers started.</summary>
    public required bool Ready { get; init; }
    public DateTimeOffset? ReadySince { get; init; }
    public double? LagSeconds { get; init; }
    public long? LagBytes { get; init; }
    /// <summary>Where the lag comes from; empty when nobody measures it.</summary>
    public string LagSource { get; init; } = "";
    public string? Node { get; init; }
    public string? Zone { get; init; }
    public required string Uid { get; init; }
    public string ResourceVersion { get; init; } = "";
    public string Workload { get; init; } = "";
    public string Revision { get; init; } = "";
    public ImmutableSortedDictionary<string, string> Images { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
    /// <summary>Pending, Running, Terminating, Failed, Succeeded, Unknown, or Missing for a slot whose Pod does not exist.</summary>
    public required string Phase { get; init; }
    /// <summary>The waiting or terminated reason of a container that is not running: ImagePullBackOff, CrashLoopBackOff …</summary>
    public string? Problem { get; init; }
    public string? ProblemMessage { get; init; }
    /// <summary>True when a container is waiting or terminated, false when all run (they may be recovering).</summary>
    public bool Dead { get; init; }
    public int Restarts { get; init; }
    /// <summary>When its present containers started.</summary>
    public DateTimeOffset? StartedAt { get; init; }
    public Reading? Probe { get; init; }
    /// <summary>What its last answers said about replication; null while nobody measures it.</summary>
    [JsonIgnore] public LagTrack? LagTrack { get; init; }
    /// <summary>Names of the PersistentVolumeClaims its Pod mounts, comma-separated; empty for none.</summary>
    [JsonIgnore] public string Claims { get; init; } = "";
    /// <summary>Pod name's ordinal; members of a shard are listed by it.</summary>
    public int Ordinal { get; init; }
}

/// <summary>One answer about replication.</summary>
public sealed record LagSample(DateTimeOffset At, long? Bytes, double? Seconds, bool? Linked);

/// <summary>The last answers of one Pod about replication, oldest first, without a gap; an answer that failed begins anew.</summary>
/// <param name="ShrankAt">When it was last less far behind than ever before.</param>
public sealed record LagTrack(ImmutableArray<LagSample> Samples, DateTimeOffset? ShrankAt);

/// <summary>The engine's own answer to the profile's probe.</summary>
public sealed record Reading
{
    /// <summary>When it was asked. What it says held at some moment between then and <see cref="AnsweredAt"/>.</summary>
    public required DateTimeOffset At { get; init; }
    /// <summary>How long the answer took.</summary>
    public TimeSpan Took { get; init; }
    /// <summary>When the first of an unbroken series of answers with this role was in hand; null for the first.</summary>
    public DateTimeOffset? RoleSince { get; init; }
    /// <summary>When a value that shows recovery (profile: <c>probe.progress</c>) last moved; null while none did.</summary>
    [JsonIgnore] public DateTimeOffset? ProgressAt { get; init; }
    [JsonIgnore] public DateTimeOffset AnsweredAt => At + Took;
    /// <summary>Uid of the Pod that answered; a reading of an earlier Pod is worth nothing.</summary>
    public required string Uid { get; init; }
    /// <summary>Who answered, as shown in Evidence: <c>redis-cli on orders-a-1</c>.</summary>
    public required string Source { get; init; }
    public string? Role { get; init; }
    /// <summary>Replication position in the engine's unit (bytes).</summary>
    public long? Position { get; init; }
    /// <summary>Its replication link to the leader is up (leaders: true).</summary>
    public bool? Linked { get; init; }
    /// <summary>The engine's own word on the whole: cluster_state ok, all slots served …</summary>
    public bool? Healthy { get; init; }
    public double? LagSeconds { get; init; }
    public string? Version { get; init; }
    /// <summary>The values the reader found, for Evidence.</summary>
    public ImmutableSortedDictionary<string, string> Values { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
    /// <summary>Set when the probe gave no answer.</summary>
    public string? Error { get; init; }
    /// <summary>The probe could not be run at all (no kubelet, exec forbidden, no such container), as opposed to an engine that did not answer.</summary>
    public bool CannotRun { get; init; }
}
