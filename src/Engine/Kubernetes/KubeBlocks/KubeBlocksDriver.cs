using System.Collections.Immutable;
using k8s.Models;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Mapping;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.KubeBlocks;

/// <summary>
/// KubeBlocks Clusters. Hold is <c>instanceUpdateStrategy: OnDelete</c> of the component or of the sharding's template, the one lever that works in every 1.x version;
/// Switchover is an OpsRequest. Only the Cluster, OpsRequests and Pods are written, never what KubeBlocks derives from them.
/// </summary>
public sealed class KubeBlocksDriver(KubernetesConnection connection, ProfileResolver profiles, TimeProvider time) : IWorkloadDriver
{
    private readonly Writes _writes = new(connection);
    private readonly PodRemoval _removal = new(connection);
    private readonly SwitchoverRequest _switchover = new(connection);

    public ClusterKind Kind => ClusterKind.Cluster;

    public Task<ActResult> ExecuteAsync(Act act, ActContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(act);
        ArgumentNullException.ThrowIfNull(context);
        return act switch
        {
            HoldAct hold => WriteAsync(act, "hold", context, (c, what) => ClusterPatches.Hold(c, hold.Component, context, time.GetUtcNow(), what), ct),
            RetargetAct retarget => WriteAsync(act, "write the version of", context, (c, what) => ClusterPatches.Retarget(c, retarget.Component, retarget.To, context, what), ct),
            ReleaseAct release => WriteAsync(act, "release", context, (c, what) => ClusterPatches.Release(c, release.Component, context, what), ct),
            ReplaceAct replace => ReplaceAsync(replace, context, ct),
            SwitchoverAct switchover => SwitchoverAsync(switchover, context, ct),
            _ => throw new NotSupportedException(act.GetType().Name),
        };
    }

    public async Task<ImmutableArray<Instance>> ReadShardAsync(TopologySnapshot topology, string component, string shard, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(topology);
        var (ns, name) = (topology.Cluster.Namespace, topology.Cluster.Name);
        var below = $"{name}-{shard}";
        var cluster = new KubeObject(FreshLook.Body(await connection.GetAsync(KubeKind.Clusters.Object(ns, name), ct).ConfigureAwait(false), $"Cluster {topology.Cluster}"));
        var member = new KubeObject(FreshLook.Body(await connection.GetAsync(KubeKind.Components.Object(ns, below), ct).ConfigureAwait(false), $"Component {ns}/{below}"));
        var set = new KubeObject(FreshLook.Body(await connection.GetAsync(KubeKind.InstanceSets.Object(ns, below), ct).ConfigureAwait(false), $"InstanceSet {ns}/{below}"));
        var pods = await FreshLook.PodsAsync(connection, ns, new Dictionary<string, string> { [KubeBlocksNames.Instance] = name, [KubeBlocksNames.ComponentName] = shard }, ct).ConfigureAwait(false);
        var fresh = KubeBlocksMapping.Map(new KubeBlocksInput(cluster, profiles(topology.Profile, [], [])) { Components = [member], InstanceSets = [set], Pods = (IReadOnlyCollection<V1Pod>)pods });
        var instances = fresh.Components.FirstOrDefault(c => c.Name == component)?.Shards.SelectMany(s => s.Instances) ?? throw new InvalidOperationException($"{topology.Cluster} has no component {component} any more.");
        var known = topology.Components.FirstOrDefault(c => c.Name == component)?.Shards.FirstOrDefault(s => s.Name == shard)?.Instances ?? [];
        return FreshLook.WithWhatEnginesSaid(instances, known);
    }

    private Task<ActResult> WriteAsync(Act act, string verb, ActContext context, Func<KubeObject, string, Intention> judge, CancellationToken ct)
    {
        var what = $"{verb} {act.Component} of Cluster {context.Cluster}";
        return _writes.PatchAsync(KubeKind.Clusters, context.Cluster.Namespace, context.Cluster.Name, what, c => judge(c, what), ct);
    }

    private async Task<ActResult> ReplaceAsync(ReplaceAct act, ActContext context, CancellationToken ct) =>
        await CheckCustodyAsync(act.Component, $"replace {act.Instance}", context, ct).ConfigureAwait(false) ?? await _removal.RemoveAsync(act, context, ct).ConfigureAwait(false);

    private async Task<ActResult> SwitchoverAsync(SwitchoverAct act, ActContext context, CancellationToken ct) =>
        await CheckCustodyAsync(act.Component, $"switch {act.Shard} over", context, ct).ConfigureAwait(false) ?? await _switchover.AskAsync(act, context, ct).ConfigureAwait(false);

    private async Task<ActResult?> CheckCustodyAsync(string component, string what, ActContext context, CancellationToken ct)
    {
        var read = await connection.GetAsync(KubeKind.Clusters.Object(context.Cluster.Namespace, context.Cluster.Name), ct).ConfigureAwait(false);
        if (!read.Ok)
            return read.Unknown ? ActResult.NotNow($"Cluster {context.Cluster} could not be read to {what}: {read.Message}") : Answers.Failure(read, what, "get", KubeKind.Clusters.Resource, context.Cluster.Namespace);
        return ClusterPatches.NotOurs(read.Object, component, context, what);
    }
}
