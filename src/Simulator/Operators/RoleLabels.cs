using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators;

/// <summary>
/// Writes a member's role on its Pod, late by one probe period: KubeBlocks' kbagent as <c>kubeblocks.io/role</c>, Patroni as
/// <c>role: master|replica</c>. The label of a member that cannot answer stays as it was.
/// </summary>
internal sealed class RoleLabels : Controller
{
    private readonly IKubernetes _client;
    private readonly ObjectCache<V1Pod> _pods;
    private readonly DatabaseHost _databases;

    public RoleLabels(IKubernetes client, ObjectCache<V1Pod> pods, DatabaseHost databases, TimeSpan probePeriod, AlarmClock alarms, ILogger log)
        : base("role labels", alarms, log)
    {
        (_client, _pods, _databases) = (client, pods, databases);
        databases.OnRoleChange(pod =>
        {
            if (databases.LabellingOf(pod) is not RoleLabelling.None)
                EnqueueAfter(pod, probePeriod);
        });
    }

    protected override async Task ReconcileAsync(string key, CancellationToken ct)
    {
        if (_pods.Find(key) is not { } pod || pod.Metadata.DeletionTimestamp is not null || _databases.RoleOf(key) is not { } role)
            return;
        var (label, value) = _databases.LabellingOf(key) is RoleLabelling.KubeBlocks
            ? ("kubeblocks.io/role", role)
            : ("role", role is "primary" ? "master" : "replica");
        if (pod.Metadata.Labels.TryGetValue(label, out var present) && present == value)
            return;
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Uid(), ["labels"] = new JsonObject { [label] = value } } };
        await Writing.UnlessGoneAsync(() => _client.CoreV1.PatchNamespacedPodAsync(Writing.Merge(patch), pod.Name(), pod.Namespace(), cancellationToken: ct));
    }
}
