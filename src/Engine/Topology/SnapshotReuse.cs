using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Topology;

/// <summary>
/// Keeps the objects of the last snapshot wherever the next one says the same. Whoever compares by reference (Decide's cache, the frames) then pays for what changed and no more.
/// </summary>
public static class SnapshotReuse
{
    public static TopologySnapshot Keep(TopologySnapshot before, TopologySnapshot next)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(next);
        var components = Keep(before.Components, next.Components, c => c.Name, Keep);
        return next with
        {
            Components = components,
            Notes = next.Notes.SequenceEqual(before.Notes) ? before.Notes : next.Notes,
            Backups = next.Backups.SequenceEqual(before.Backups) ? before.Backups : next.Backups,
            Operations = next.Operations.SequenceEqual(before.Operations) ? before.Operations : next.Operations,
        };
    }

    private static Component Keep(Component before, Component next)
    {
        next = next with
        {
            Shards = Keep(before.Shards, next.Shards, s => s.Name, Keep),
            Workloads = Keep(before.Workloads, next.Workloads, w => w.Name, Keep),
            Versions = next.Versions.SequenceEqual(before.Versions) ? before.Versions : next.Versions,
            AvailableVersions = next.AvailableVersions.SequenceEqual(before.AvailableVersions) ? before.AvailableVersions : next.AvailableVersions,
            Definitions = Same(before.Definitions, next.Definitions) ? before.Definitions : next.Definitions,
        };
        return next == before ? before : next;
    }

    private static Workload Keep(Workload before, Workload next)
    {
        next = next with
        {
            Images = next.Images.SequenceEqual(before.Images) ? before.Images : next.Images,
            Shards = next.Shards.SequenceEqual(before.Shards) ? before.Shards : next.Shards,
            Blockers = next.Blockers.SequenceEqual(before.Blockers) ? before.Blockers : next.Blockers,
        };
        return next == before ? before : next;
    }

    private static Shard Keep(Shard before, Shard next)
    {
        next = next with { Instances = Keep(before.Instances, next.Instances, i => i.Name, Keep) };
        return next == before ? before : next;
    }

    private static Instance Keep(Instance before, Instance next)
    {
        if (!ReferenceEquals(next.Images, before.Images) && next.Images.SequenceEqual(before.Images))
            next = next with { Images = before.Images };
        return next == before ? before : next;
    }

    /// <summary>The old array itself if every element could be kept in its place.</summary>
    private static ImmutableArray<T> Keep<T>(ImmutableArray<T> before, ImmutableArray<T> next, Func<T, string> name, Func<T, T, T> keep)
        where T : class
    {
        if (next.IsEmpty || before.IsEmpty)
            return next;
        var result = ImmutableArray.CreateBuilder<T>(next.Length);
        var same = before.Length == next.Length;
        Dictionary<string, T>? byName = null;
        for (var i = 0; i < next.Length; i++)
        {
            var item = next[i];
            var was = i < before.Length && name(before[i]) == name(item) ? before[i] : (byName ??= Index(before, name)).GetValueOrDefault(name(item));
            var kept = was is null ? item : keep(was, item);
            same = same && ReferenceEquals(kept, before[i]);
            result.Add(kept);
        }
        return same ? before : result.MoveToImmutable();
    }

    private static Dictionary<string, T> Index<T>(ImmutableArray<T> items, Func<T, string> name)
    {
        var index = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var item in items)
            index.TryAdd(name(item), item);
        return index;
    }

    private static bool Same(ImmutableDictionary<string, string> a, ImmutableDictionary<string, string> b) =>
        ReferenceEquals(a, b) || (a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out var v) && v == p.Value));
}
