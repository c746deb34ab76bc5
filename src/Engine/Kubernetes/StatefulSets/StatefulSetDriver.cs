using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Probing;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.StatefulSets;

/// <summary>
/// Groups of StatefulSets. Hold is <c>updateStrategy: OnDelete</c>, with the old strategy kept in an annotation; Replace evicts or deletes the chosen Pod; Switchover is the
/// profile's command in a Pod. Custody is read again from the objects before each of them.
/// </summary>
public sealed class StatefulSetDriver(KubernetesConnection connection, PodExec exec, ProfileResolver profiles, TimeProvider time) : IWorkloadDriver
{
    /// <summary>Objects written at once; a cluster of a thousand shards should be held within seconds, without a storm.</summary>
    private const int AtOnce = 8;

    private readonly Writes _writes = new(connection);
    private readonly PodRemoval _removal = new(connection);
    private readonly StatefulSetReader _reader = new(connection, profiles);
    private readonly ExecSwitchover _switchover = new(exec, time);

    public ClusterKind Kind => ClusterKind.StatefulSetGroup;

    public Task<ActResult> ExecuteAsync(Act act, ActContext context, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(act);
        ArgumentNullException.ThrowIfNull(context);
        return act switch
        {
            HoldAct hold => EachAsync(hold.Workloads, context, "hold", $"{hold.Component} is held: nothing restarts by itself.", (s, what) => StatefulSetPatches.Hold(s, context, time.GetUtcNow(), what), ct),
            RetargetAct retarget => EachAsync(retarget.Workloads, context, "write the version of", $"{retarget.To} is written into {string.Join(", ", retarget.Workloads)}.",
                (s, what) => StatefulSetPatches.Retarget(s, retarget.To, VersionContainer(context, retarget.Component, s.Name), context, what), ct),
            ReleaseAct release => EachAsync(release.Workloads, context, "release", $"{release.Component} is given back to its controllers.", (s, what) => StatefulSetPatches.Release(s, context, what), ct),
            ReplaceAct replace => ReplaceAsync(replace, context, ct),
            SwitchoverAct switchover => SwitchoverAsync(switchover, context, ct),
            _ => throw new NotSupportedException(act.GetType().Name),
        };
    }

    public Task<ImmutableArray<Instance>> ReadShardAsync(TopologySnapshot topology, string component, string shard, CancellationToken ct) => _reader.ReadAsync(topology, component, shard, ct);

    private static string VersionContainer(ActContext context, string component, string workload) =>
        context.Topology.Components.FirstOrDefault(c => c.Name == component)?.Workloads.FirstOrDefault(w => w.Name == workload)?.VersionContainer ?? "";

    private static string Object(ActContext context, string name) => $"StatefulSet {context.Cluster.Namespace}/{name}";

    private async Task<ActResult> EachAsync(ImmutableArray<string> workloads, ActContext context, string verb, string done, Func<KubeObject, string, Intention> judge, CancellationToken ct)
    {
        var results = new ActResult[workloads.Length];
        await Parallel.ForAsync(0, workloads.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (i, stop) =>
        {
            var what = $"{verb} {Object(context, workloads[i])}";
            results[i] = await _writes.PatchAsync(KubeKind.StatefulSets, context.Cluster.Namespace, workloads[i], what, s => judge(s, what), stop).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return Answers.Together(results, done);
    }

    private async Task<ActResult> ReplaceAsync(ReplaceAct act, ActContext context, CancellationToken ct) =>
        await CheckCustodyAsync(act.Component, act.Shard, $"replace {act.Instance}", context, i => i.Name == act.Instance, ct).ConfigureAwait(false)
        ?? await _removal.RemoveAsync(act, context, ct).ConfigureAwait(false);

    private async Task<ActResult> SwitchoverAsync(SwitchoverAct act, ActContext context, CancellationToken ct) =>
        await CheckCustodyAsync(act.Component, act.Shard, $"switch {act.Shard} over", context, i => i.Name == act.From || i.Name == act.To, ct).ConfigureAwait(false)
        ?? await _switchover.RunAsync(act, context, ct).ConfigureAwait(false);

    /// <summary>Null when the StatefulSets of these members are still held by this run.</summary>
    private async Task<ActResult?> CheckCustodyAsync(string component, string shard, string what, ActContext context, Func<Instance, bool> concerned, CancellationToken ct)
    {
        var members = context.Topology.Components.FirstOrDefault(c => c.Name == component)?.Shards.FirstOrDefault(s => s.Name == shard)?.Instances ?? [];
        foreach (var workload in members.Where(concerned).Select(i => i.Workload).Distinct(StringComparer.Ordinal))
        {
            var read = await connection.GetAsync(KubeKind.StatefulSets.Object(context.Cluster.Namespace, workload), ct).ConfigureAwait(false);
            if (!read.Ok)
                return read.Unknown ? ActResult.NotNow($"{Object(context, workload)} could not be read to {what}: {read.Message}") : Answers.Failure(read, what, "get", KubeKind.StatefulSets.Resource, context.Cluster.Namespace);
            if (StatefulSetPatches.NotOurs(read.Object, context, what) is { } refused)
                return refused;
        }
        return null;
    }
}
