using System.Collections.Immutable;

namespace Rollcall.Shared;

/// <summary>
/// One frame of <c>WatchTopology</c>. A viewer is a cursor: it gets one merged delta from the version it holds, applies it, acknowledges, and gets the next.
/// </summary>
public sealed record TopologyFrame
{
    /// <summary>snapshot (replace everything: first frame, or the cursor is too old) or delta.</summary>
    public required string Kind { get; init; }
    public required string Cluster { get; init; }
    public string? From { get; init; }
    public required string Version { get; init; }
    public required DateTimeOffset ObservedAt { get; init; }
    public required bool Connected { get; init; }
    public TopologySnapshot? Topology { get; init; }
    /// <summary>Cluster-level values when they changed.</summary>
    public TopologyHeader? Header { get; init; }
    public ImmutableArray<InstanceUpsert> Upserts { get; init; } = [];
    public ImmutableArray<InstanceRef> Removed { get; init; } = [];
}

public sealed record TopologyHeader(string Phase, Custody? Held, ImmutableArray<string> Notes, ImmutableArray<ComponentSummary> Components)
{
    public ImmutableArray<Operation> Operations { get; init; } = [];
}

public sealed record InstanceRef(string Component, string Shard, string Name);

public sealed record InstanceUpsert(string Component, string Shard, Instance Instance);

/// <summary>One frame of <c>WatchRun</c>: the whole view first, then what changed.</summary>
public sealed record RunFrame
{
    /// <summary>snapshot or delta.</summary>
    public required string Kind { get; init; }
    public required string Run { get; init; }
    public required long Seq { get; init; }
    /// <summary>The run without its unchanged steps (a snapshot has them all).</summary>
    public required RunView View { get; init; }
}
