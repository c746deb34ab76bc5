using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>InstanceSet -> Pods: makes missing ones from the newest template and updates the others as <see cref="UpdatePlan"/> says.</summary>
internal sealed class InstanceSetController : Controller
{
    private readonly IKubernetes _client;
    private readonly ObjectCache<KubeObject> _sets;
    private readonly ObjectCache<V1Pod> _pods;
    private readonly DatabaseHost _databases;
    private readonly TimeProvider _time;

    public InstanceSetController(IKubernetes client, ObjectCache<KubeObject> sets, ObjectCache<V1Pod> pods, DatabaseHost databases,
        AlarmClock alarms, TimeProvider time, ILogger log)
        : base("instanceset controller", alarms, log)
    {
        (_client, _sets, _pods, _databases, _time) = (client, sets, pods, databases, time);
        sets.OnChange((before, after) => Enqueue(ObjectKey.Of((after ?? before)!)));
        pods.OnChange((before, after) =>
        {
            var pod = (after ?? before)!;
            if (pod.Metadata.OwnerReferences?.FirstOrDefault(o => o is { Controller: true, Kind: "InstanceSet" }) is { } owner)
                Enqueue(ObjectKey.Of(pod.Namespace(), owner.Name));
        });
    }

    protected override async Task ReconcileAsync(string key, CancellationToken ct)
    {
        if (_sets.Find(key) is not { } set || set.Metadata.DeletionTimestamp is not null)
            return;
        var instances = new Instances(set, _pods.OwnedBy(set.Metadata.Uid), _time.GetUtcNow());
        if (await AlignAsync(set, instances, ct))
            await UpdateAsync(set, instances, ct);
        await _client.PatchStatusAsync(ResourceKind.InstanceSet, set, instances.Status(), ct);
        if (instances.NextFailure is { } wait)
            EnqueueAfter(key, wait);
    }

    /// <summary>True when the Pods are exactly the wanted ones.</summary>
    private async Task<bool> AlignAsync(KubeObject set, Instances instances, CancellationToken ct)
    {
        var inOrder = set.Spec.Text("podManagementPolicy") is not "Parallel";
        var complete = true;
        for (var ordinal = 0; ordinal < instances.Wanted; ordinal++)
        {
            var pod = instances[ordinal];
            if (pod is null)
            {
                complete = false;
                // Creation waits for the Pods before it; a lost Pod of a set that was complete comes back whatever the others do.
                if (inOrder && set.Status.Int("initReplicas") < instances.Wanted && ordinal > 0 && !(instances[ordinal - 1] is { } previous && Instances.IsReady(previous)))
                    break;
                await CreateAsync(set, instances, ordinal, ct);
            }
            else if (pod.Metadata.DeletionTimestamp is not null)
            {
                complete = false;
            }
        }
        foreach (var surplus in instances.Surplus)
        {
            complete = false;
            await DeleteAsync(surplus, ct);
        }
        return complete;
    }

    private async Task UpdateAsync(KubeObject set, Instances instances, CancellationToken ct)
    {
        foreach (var step in UpdatePlan.Next(set.Spec, instances))
        {
            if (step.Recreate)
            {
                await SwitchOverAsync(step.Pod, instances);
                await DeleteAsync(step.Pod, ct);
            }
            else
            {
                await PatchAsync(step.Pod, instances, ct);
            }
        }
    }

    /// <summary>The definition's switchover action, without a candidate; what it answers is ignored, as KubeBlocks ignores it.</summary>
    private async Task SwitchOverAsync(V1Pod pod, Instances instances)
    {
        if (Instances.RoleOf(pod) is not "primary")
            return;
        await SwitchoverAction.RunAsync(_databases, pod, candidate: null, instances.Pods);
    }

    private async Task CreateAsync(KubeObject set, Instances instances, int ordinal, CancellationToken ct)
    {
        var name = $"{set.Metadata.Name}-{ordinal}";
        var template = set.Spec.Child("template");
        var labels = template.Child("metadata").Child("labels").DeepClone().AsObject();
        labels[Keys.InstanceSet] = set.Metadata.Name;
        labels[Keys.WorkloadManagedBy] = "InstanceSet";
        labels[Keys.PodName] = name;
        labels[Keys.Revision] = instances.Revision;
        var spec = template.Child("spec").DeepClone().AsObject();
        spec["hostname"] = name;
        spec["subdomain"] = $"{set.Metadata.Name}-headless";
        var pod = KubernetesJson.Deserialize<V1Pod>(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = set.Metadata.NamespaceProperty,
                ["labels"] = labels,
                ["ownerReferences"] = KubeBlocksObjects.Owner(ResourceKind.InstanceSet, set),
            },
            ["spec"] = spec,
        }.ToJsonString());
        await Writing.UnlessExistsAsync(() => _client.CoreV1.CreateNamespacedPodAsync(pod, set.Metadata.NamespaceProperty, cancellationToken: ct));
    }

    /// <summary>In place: images and labels of the template.</summary>
    private Task PatchAsync(V1Pod pod, Instances instances, CancellationToken ct)
    {
        var containers = new JsonArray([.. instances.Images.Select(i => (JsonNode)new JsonObject { ["name"] = i.Key, ["image"] = i.Value })]);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = pod.Uid(), ["labels"] = instances.TemplateLabels.DeepClone() },
            ["spec"] = new JsonObject { ["containers"] = containers },
        };
        return Writing.UnlessGoneAsync(() => _client.CoreV1.PatchNamespacedPodAsync(
            new V1Patch(patch, V1Patch.PatchType.StrategicMergePatch), pod.Name(), pod.Namespace(), cancellationToken: ct));
    }

    private Task DeleteAsync(V1Pod pod, CancellationToken ct) => pod.Metadata.DeletionTimestamp is not null
        ? Task.CompletedTask
        : Writing.UnlessGoneAsync(() => _client.CoreV1.DeleteNamespacedPodAsync(
            pod.Name(), pod.Namespace(), new V1DeleteOptions { Preconditions = new() { Uid = pod.Uid() } }, cancellationToken: ct));
}
