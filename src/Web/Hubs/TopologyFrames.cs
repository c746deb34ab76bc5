using System.Collections.Immutable;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Web.Hubs;

/// <summary>The frame between two pictures of a cluster. Cost follows what changed: shards that did not are the same objects and are passed over.</summary>
public static class TopologyFrames
{
    public static TopologyFrame Snapshot(TopologySnapshot to)
    {
        ArgumentNullException.ThrowIfNull(to);
        return new TopologyFrame { Kind = "snapshot", Cluster = to.Cluster.ToString(), Version = to.Version, ObservedAt = to.ObservedAt, Connected = to.Connected, Topology = to };
    }

    /// <summary>What to change in <paramref name="from"/> to see <paramref name="to"/>. A snapshot when lanes came or went: that is rare, and order is then everybody's again.</summary>
    public static TopologyFrame Between(TopologySnapshot from, TopologySnapshot to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        if (!SameLanes(from, to))
            return Snapshot(to);
        var upserts = ImmutableArray.CreateBuilder<InstanceUpsert>();
        var removed = ImmutableArray.CreateBuilder<InstanceRef>();
        for (var c = 0; c < to.Components.Length; c++)
        {
            var (before, after) = (from.Components[c], to.Components[c]);
            if (ReferenceEquals(before, after))
                continue;
            for (var s = 0; s < after.Shards.Length; s++)
                if (!ReferenceEquals(before.Shards[s], after.Shards[s]))
                    Compare(after.Name, before.Shards[s], after.Shards[s], upserts, removed);
        }
        return new TopologyFrame
        {
            Kind = "delta", Cluster = to.Cluster.ToString(), From = from.Version, Version = to.Version, ObservedAt = to.ObservedAt, Connected = to.Connected,
            Header = SameHeader(from, to) ? null : HeaderOf(to), Upserts = upserts.DrainToImmutable(), Removed = removed.DrainToImmutable(),
        };
    }

    private static void Compare(string component, Shard before, Shard after, ImmutableArray<InstanceUpsert>.Builder upserts, ImmutableArray<InstanceRef>.Builder removed)
    {
        var gone = before.Instances.ToDictionary(i => i.Name, StringComparer.Ordinal);
        foreach (var instance in after.Instances)
            if (!gone.Remove(instance.Name, out var was) || !TopologyDiff.Same(was, instance))
                upserts.Add(new InstanceUpsert(component, after.Name, instance));
        foreach (var name in gone.Keys.Order(StringComparer.Ordinal))
            removed.Add(new InstanceRef(component, after.Name, name));
    }

    private static bool SameLanes(TopologySnapshot a, TopologySnapshot b)
    {
        if (a.Components.Length != b.Components.Length || a.Profile != b.Profile)
            return false;
        for (var c = 0; c < a.Components.Length; c++)
        {
            var (x, y) = (a.Components[c], b.Components[c]);
            if (ReferenceEquals(x, y))
                continue;
            if (x.Name != y.Name || x.Shards.Length != y.Shards.Length)
                return false;
            for (var s = 0; s < x.Shards.Length; s++)
                if (!ReferenceEquals(x.Shards[s], y.Shards[s]) && x.Shards[s].Name != y.Shards[s].Name)
                    return false;
        }
        return true;
    }

    private static bool SameHeader(TopologySnapshot a, TopologySnapshot b) =>
        a.Phase == b.Phase && a.Held == b.Held && a.Notes.SequenceEqual(b.Notes) && a.Operations.SequenceEqual(b.Operations)
        && a.Components.Zip(b.Components).All(p => ReferenceEquals(p.First, p.Second)
            || (p.First.Version == p.Second.Version && p.First.AvailableVersions.SequenceEqual(p.Second.AvailableVersions)));

    private static TopologyHeader HeaderOf(TopologySnapshot to) =>
        new(to.Phase, to.Held, to.Notes, [.. to.Components.Select(c => new ComponentSummary(c.Name, c.Version, c.AvailableVersions))]) { Operations = to.Operations };
}
