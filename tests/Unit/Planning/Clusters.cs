using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Unit.Planning;

/// <summary>Small clusters for planner tests.</summary>
internal static class Clusters
{
    public static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Redis Cluster as one StatefulSet per shard: orders-a, orders-b …</summary>
    public static TopologySnapshot Redis(int shards = 4, int members = 3, string version = "7.2.4", params string[] available) => new()
    {
        Cluster = new ClusterKey("demo", "orders"),
        Version = "e-1",
        Kind = ClusterKind.StatefulSetGroup,
        Profile = "redis-cluster",
        Phase = "Running",
        ObservedAt = Now,
        Components = [StatefulSets("redis", [.. Enumerable.Range(0, shards).Select(i => $"orders-{(char)('a' + i)}")], members, version, available)],
    };

    public static Component StatefulSets(string name, string[] shards, int members, string version, string[] available, string repository = "docker.io/library/redis") => new()
    {
        Name = name,
        Version = version,
        Versions = [version],
        AvailableVersions = [.. available],
        Workloads = [.. shards.Select(s => new Workload { Name = s, Uid = $"u-{s}", Shards = [s], Strategy = "RollingUpdate", TargetVersion = version, Images = Images((name, $"{repository}:{version}")), Replicas = members })],
        Shards = [.. shards.Select(s => Shard(s, members, version))],
    };

    public static Component Sharding(string name, string[] shards, int members, string version, string definition, params (string Version, string Definition)[] available) => new()
    {
        Name = name,
        Version = version,
        Versions = [version],
        AvailableVersions = [.. available.Select(a => a.Version)],
        Definitions = available.ToImmutableDictionary(a => a.Version, a => a.Definition),
        Workloads = [new Workload { Name = name, Uid = $"u-{name}", Shards = [.. shards], Strategy = "RollingUpdate", TargetVersion = version, ComponentDefinition = definition, Replicas = members }],
        Shards = [.. shards.Select(s => Shard(s, members, version))],
    };

    public static TopologySnapshot KubeBlocks(params Component[] components) => Redis() with { Kind = ClusterKind.Cluster, Components = [.. components] };

    public static Shard Shard(string name, int members, string version) => new()
    {
        Name = name,
        Instances = [.. Enumerable.Range(0, members).Select(i => new Instance { Name = $"{name}-{i}", Version = version, Updated = true, Ready = true, Uid = $"u-{name}-{i}", Phase = "Running", Ordinal = i })],
    };

    public static ImmutableSortedDictionary<string, string> Images(params (string Container, string Image)[] images) =>
        images.ToImmutableSortedDictionary(i => i.Container, i => i.Image, StringComparer.Ordinal);

    public static TopologySnapshot With(this TopologySnapshot cluster, Func<Component, Component> change) => cluster with { Components = [.. cluster.Components.Select(change)] };

    public static TopologySnapshot WithWorkloads(this TopologySnapshot cluster, Func<Workload, Workload> change) => cluster.With(c => c with { Workloads = [.. c.Workloads.Select(change)] });
}
