using System.Collections.Immutable;
using System.Globalization;
using Rollcall.Shared;

namespace Rollcall.Engine.Topology;

/// <summary>Puts a fresh read of one shard's members into a snapshot.</summary>
internal static class TopologyMerge
{
    /// <summary>
    /// The snapshot with these members in place of the shard's. A member the read did not find is Missing; one that the watch already knows in a later state stays; what engines said
    /// about the same Pod stays. The same object comes back when nothing is different.
    /// </summary>
    public static TopologySnapshot WithShard(TopologySnapshot topology, string component, string shard, ImmutableArray<Instance> fresh)
    {
        for (var i = 0; i < topology.Components.Length; i++)
        {
            var c = topology.Components[i];
            if (c.Name != component)
                continue;
            for (var j = 0; j < c.Shards.Length; j++)
            {
                var s = c.Shards[j];
                if (s.Name != shard)
                    continue;
                var members = Merge(s.Instances, fresh);
                return Same(members, s.Instances) ? topology : topology with { Components = topology.Components.SetItem(i, c with { Shards = c.Shards.SetItem(j, s with { Instances = members }) }) };
            }
        }
        return topology;
    }

    private static ImmutableArray<Instance> Merge(ImmutableArray<Instance> known, ImmutableArray<Instance> fresh)
    {
        var read = fresh.ToDictionary(i => i.Name, StringComparer.Ordinal);
        var merged = ImmutableArray.CreateBuilder<Instance>(known.Length);
        foreach (var was in known)
            merged.Add(read.Remove(was.Name, out var now) ? One(was, now) : Gone(was));
        merged.AddRange(read.Values);
        merged.Sort((a, b) => a.Ordinal != b.Ordinal ? a.Ordinal.CompareTo(b.Ordinal) : string.CompareOrdinal(a.Name, b.Name));
        return merged.ToImmutable();
    }

    private static Instance One(Instance was, Instance now)
    {
        if (was.Uid != now.Uid)
            return now;
        if (was.ResourceVersion.Length > 0 && (was.ResourceVersion == now.ResourceVersion || Later(was.ResourceVersion, now.ResourceVersion)))
            return was;
        return now.Probe is not null && was.Probe is not null && now.Probe.At >= was.Probe.At ? now : now with
        {
            Probe = was.Probe, Role = was.Role, RoleSource = was.RoleSource, RoleSeenAt = was.RoleSeenAt, LagBytes = was.LagBytes, LagSeconds = was.LagSeconds, LagSource = was.LagSource,
        };
    }

    private static Instance Gone(Instance was) => was.Phase == "Missing" ? was : was with
    {
        Phase = "Missing", Ready = false, ReadySince = null, Uid = "", ResourceVersion = "", Role = null, RoleSource = "", RoleSeenAt = null, LabelRole = null, LabelRoleSince = null, Probe = null,
        LagBytes = null, LagSeconds = null, LagSource = "", Updated = false, Dead = false, Problem = null, ProblemMessage = null, StartedAt = null, Node = null, Zone = null,
    };

    /// <summary>Resource versions of one kind can be ordered as numbers (Kubernetes 1.35 says so; etcd always did).</summary>
    private static bool Later(string a, string b) =>
        ulong.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var x) && ulong.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var y) && x > y;

    private static bool Same(ImmutableArray<Instance> a, ImmutableArray<Instance> b)
    {
        if (a.Length != b.Length)
            return false;
        for (var i = 0; i < a.Length; i++)
            if (!ReferenceEquals(a[i], b[i]))
                return false;
        return true;
    }
}
