using System.Collections.Immutable;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Unit.Web;

/// <summary>Small clusters made by hand, and what a viewer would make of frames.</summary>
internal static class Topologies
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static TopologyStore Store(int shards = 2, int members = 3, string epoch = "e") => new(Cluster(shards, members), epoch);

    public static TopologySnapshot Cluster(int shards, int members) => new()
    {
        Cluster = new ClusterKey("demo", "orders"), Version = "", Kind = ClusterKind.StatefulSetGroup, Profile = "redis-cluster", Phase = "Running", ObservedAt = Noon,
        Components =
        [
            new Component
            {
                Name = "redis", Version = "7.2.4",
                Shards = [.. Enumerable.Range(0, shards).Select(s => new Shard { Name = $"shard-{s}", Instances = [.. Enumerable.Range(0, members).Select(m => Member($"orders-{s}-{m}", m))] })],
            },
        ],
    };

    public static Instance Member(string name, int ordinal, long lag = 0) => new()
    {
        Name = name, Ordinal = ordinal, Role = ordinal == 0 ? "primary" : "replica", Version = "7.2.4", Updated = true, Ready = true, Uid = $"uid-{name}", Phase = "Running", LagBytes = lag, LagSource = "redis-cli",
    };

    /// <summary>Changes one shard and leaves the objects of all others as they are, as the observer does.</summary>
    public static TopologySnapshot WithShard(this TopologySnapshot topology, int shard, Func<ImmutableArray<Instance>, ImmutableArray<Instance>> change)
    {
        var component = topology.Components[0];
        var was = component.Shards[shard];
        return topology with { Components = [component with { Shards = component.Shards.SetItem(shard, was with { Instances = change(was.Instances) }) }] };
    }
}

/// <summary>What a browser does with frames; throws when one does not fit what it holds.</summary>
internal sealed class Viewer
{
    public string? Version { get; private set; }
    public string Phase { get; private set; } = "";
    public Dictionary<string, Instance> Instances { get; } = new(StringComparer.Ordinal);
    public int Snapshots { get; private set; }
    public int Deltas { get; private set; }

    public void Apply(TopologyFrame frame)
    {
        if (frame.Kind == "snapshot")
        {
            Snapshots++;
            Instances.Clear();
            foreach (var shard in frame.Topology!.Components.SelectMany(c => c.Shards))
                foreach (var instance in shard.Instances)
                    Instances[$"{shard.Name}/{instance.Name}"] = instance;
            Phase = frame.Topology.Phase;
        }
        else
        {
            Deltas++;
            if (frame.From != Version)
                throw new InvalidOperationException($"A delta from {frame.From} cannot be applied to {Version}.");
            foreach (var upsert in frame.Upserts)
                Instances[$"{upsert.Shard}/{upsert.Instance.Name}"] = upsert.Instance;
            foreach (var gone in frame.Removed)
                if (!Instances.Remove($"{gone.Shard}/{gone.Name}"))
                    throw new InvalidOperationException($"{gone.Name} was never there.");
            Phase = frame.Header?.Phase ?? Phase;
        }
        Version = frame.Version;
    }

    public bool Sees(TopologySnapshot topology)
    {
        var there = topology.Components.SelectMany(c => c.Shards).SelectMany(s => s.Instances.Select(i => (Key: $"{s.Name}/{i.Name}", Instance: i))).ToArray();
        return Phase == topology.Phase && there.Length == Instances.Count && there.All(t => Instances.TryGetValue(t.Key, out var mine) && TopologyDiff.Same(mine, t.Instance));
    }
}
