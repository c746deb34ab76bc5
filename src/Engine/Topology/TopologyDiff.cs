using Rollcall.Shared;

namespace Rollcall.Engine.Topology;

/// <summary>What a viewer would see change between two snapshots. Ages alone are not a change.</summary>
public static class TopologyDiff
{
    public static bool SameToTheEye(TopologySnapshot a, TopologySnapshot b)
    {
        if (a.Phase != b.Phase || a.Connected != b.Connected || a.Held != b.Held || !a.Notes.SequenceEqual(b.Notes) || a.Components.Length != b.Components.Length || !a.Operations.SequenceEqual(b.Operations) || !a.Backups.SequenceEqual(b.Backups))
            return false;
        for (var i = 0; i < a.Components.Length; i++)
        {
            var (x, y) = (a.Components[i], b.Components[i]);
            if (ReferenceEquals(x, y))
                continue;
            if (x.Name != y.Name || x.Version != y.Version || x.Shards.Length != y.Shards.Length || !x.AvailableVersions.SequenceEqual(y.AvailableVersions))
                return false;
            for (var j = 0; j < x.Shards.Length; j++)
                if (!Same(x.Shards[j], y.Shards[j]))
                    return false;
        }
        return true;
    }

    public static bool Same(Shard a, Shard b)
    {
        if (ReferenceEquals(a, b))
            return true;
        if (a.Name != b.Name || a.Instances.Length != b.Instances.Length)
            return false;
        for (var i = 0; i < a.Instances.Length; i++)
            if (!Same(a.Instances[i], b.Instances[i]))
                return false;
        return true;
    }

    public static bool Same(Instance a, Instance b) => ReferenceEquals(a, b) ||
        (a.Name == b.Name && a.Uid == b.Uid && a.Role == b.Role && a.Version == b.Version && a.Updated == b.Updated && a.Ready == b.Ready && a.Phase == b.Phase && a.Problem == b.Problem
         && a.LagBytes == b.LagBytes && a.LagSeconds == b.LagSeconds && a.LagSource == b.LagSource && a.RoleSource == b.RoleSource && a.Node == b.Node && a.Zone == b.Zone && a.Restarts == b.Restarts);
}
