using System.Collections.Immutable;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Bench;

/// <summary>A cluster of any size in the store of a running dashboard, and churn in it: what the informers would write, without the API server that would have to hold it.</summary>
internal sealed class BigCluster
{
    public const int Members = 3;

    private readonly TopologyStore _store;
    private int _next;

    private BigCluster(TopologyStore store) => _store = store;

    public static ClusterKey Key { get; } = new("bench", "big");

    /// <param name="rollable">With a workload behind each shard, so that a plan can be made for it.</param>
    public static BigCluster Put(ClusterCatalog catalog, int instances, bool rollable = false)
    {
        var shards = (instances + Members - 1) / Members;
        var topology = new TopologySnapshot
        {
            Cluster = Key, Version = "", Kind = ClusterKind.StatefulSetGroup, Profile = "redis-cluster", Phase = "Running", ObservedAt = TimeProvider.System.GetUtcNow(),
            Components = [new Component { Name = "redis", Version = "7.2.4", Versions = ["7.2.4"], Shards = [.. Enumerable.Range(0, shards).Select(s => Shard(s, rollable))], Workloads = rollable ? [.. Enumerable.Range(0, shards).Select(Workload)] : [] }],
        };
        return new BigCluster(catalog.GetOrAdd(Key, () => new TopologyStore(topology, "bench")));
    }

    /// <summary>Changes <paramref name="count"/> members, one in each of as many shards, and stamps them with the time: a viewer can tell how old the news is.</summary>
    public void Churn(int count)
    {
        _store.Update(t =>
        {
            var component = t.Components[0];
            var shards = component.Shards.ToBuilder();
            var now = TimeProvider.System.GetUtcNow();
            for (var i = 0; i < count; i++, _next++)
            {
                var at = _next % shards.Count;
                var member = 1 + (_next / shards.Count % (Members - 1));
                var shard = shards[at];
                shards[at] = shard with { Instances = shard.Instances.SetItem(member, shard.Instances[member] with { LagBytes = now.UtcTicks }) };
            }
            return t with { ObservedAt = now, Components = [component with { Shards = shards.DrainToImmutable() }] };
        });
    }

    private static string ShardName(int s) => $"shard-{s:0000}";

    // Each its own, as if it had just been read: nothing is shared that an informer would not share.
    private static ImmutableSortedDictionary<string, string> Images() => ImmutableSortedDictionary<string, string>.Empty.Add("redis", "redis:7.2.4");

    private static Workload Workload(int s) => new()
    {
        Name = $"big-{s:0000}", Uid = Guid.NewGuid().ToString(), Shards = [ShardName(s)], Strategy = "RollingUpdate", TargetVersion = "7.2.4", Observed = true, Settled = true, Images = Images(), Replicas = Members,
    };

    private static Shard Shard(int s, bool rollable) => new()
    {
        Name = ShardName(s),
        Instances = [.. Enumerable.Range(0, Members).Select(m => new Instance
        {
            Name = $"big-{s:0000}-{m}", Ordinal = m, Role = m == 0 ? "primary" : "secondary", RoleSource = "probe", Version = "7.2.4", Updated = true, Ready = true, Phase = "Running",
            Uid = Guid.NewGuid().ToString(), Node = $"node-{s % 100}", Zone = "abc"[s % 3].ToString(), LagBytes = m == 0 ? null : 0, LagSource = "redis-cli",
            Workload = rollable ? $"big-{s:0000}" : "", Images = rollable ? Images() : ImmutableSortedDictionary<string, string>.Empty,
        })],
    };
}
