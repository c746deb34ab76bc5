using System.Collections.Immutable;
using k8s;
using k8s.Models;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Mapping;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.StatefulSets;

/// <summary>A shard's members from the API server itself, mapped exactly as the observed ones are.</summary>
internal sealed class StatefulSetReader(KubernetesConnection connection, ProfileResolver profiles)
{
    public async Task<ImmutableArray<Instance>> ReadAsync(TopologySnapshot topology, string component, string shard, CancellationToken ct)
    {
        var ns = topology.Cluster.Namespace;
        var known = topology.Components.FirstOrDefault(c => c.Name == component) ?? throw new InvalidOperationException($"{topology.Cluster} has no component {component}.");
        List<V1StatefulSet> sets = [];
        var pods = new Dictionary<string, IReadOnlyList<V1Pod>>(StringComparer.Ordinal);
        foreach (var workload in known.Workloads.Where(w => w.Shards.Contains(shard)))
        {
            var read = await connection.GetAsync(KubeKind.StatefulSets.Object(ns, workload.Name), ct).ConfigureAwait(false);
            var set = KubernetesJson.Deserialize<V1StatefulSet>(FreshLook.Body(read, $"StatefulSet {ns}/{workload.Name}"));
            var members = await FreshLook.PodsAsync(connection, ns, set.Spec.Selector.MatchLabels, ct).ConfigureAwait(false);
            sets.Add(set);
            pods[set.Metadata.Uid] = [.. members.Where(p => p.Metadata.OwnerReferences?.Any(o => o.Controller == true && o.Uid == set.Metadata.Uid) == true)];
        }
        if (sets.Count == 0)
            throw new InvalidOperationException($"{component} has no shard {shard}.");
        var profile = profiles(topology.Profile, [], []);
        var fresh = StatefulSetMapping.Map(new StatefulSetGroupInput(topology.Cluster, profile, sets, pods, [], _ => null));
        var instances = fresh.Components.SelectMany(c => c.Shards).SelectMany(s => s.Instances);
        return FreshLook.WithWhatEnginesSaid(instances, known.Shards.FirstOrDefault(s => s.Name == shard)?.Instances ?? []);
    }
}
