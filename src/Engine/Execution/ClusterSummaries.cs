using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>One line of the cluster list, from the cluster's picture.</summary>
internal static class ClusterSummaries
{
    public static ClusterSummary Of(TopologySnapshot topology, string? activeRun)
    {
        int shards = 0, instances = 0, ready = 0;
        foreach (var shard in topology.Components.SelectMany(c => c.Shards))
        {
            shards++;
            instances += shard.Instances.Length;
            ready += shard.Instances.Count(i => i.Ready);
        }
        return new ClusterSummary
        {
            Namespace = topology.Cluster.Namespace,
            Name = topology.Cluster.Name,
            Kind = topology.Kind,
            Profile = topology.Profile,
            Phase = topology.Phase,
            ActiveRun = activeRun,
            Components = [.. topology.Components.Select(c => new ComponentSummary(c.Name, c.Version, c.AvailableVersions) { Versions = [.. c.Versions.Reverse()] })],
            Shards = shards,
            Instances = instances,
            Ready = ready,
            Held = topology.Held,
            Notes = topology.Notes,
            Version = topology.Version,
        };
    }
}
