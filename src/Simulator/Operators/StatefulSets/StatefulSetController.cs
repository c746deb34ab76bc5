using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.StatefulSets;

/// <summary>
/// Kubernetes' StatefulSet controller as it behaves: Pods are made in order (or at once), a lost Pod comes back on the revision that the
/// strategy says, RollingUpdate replaces from the highest ordinal down, OnDelete replaces nothing. Its traps are here too: an OrderedReady
/// set waits for a Pod that is never ready before it looks at the update, so a revert does not replace that Pod (kubernetes#67250).
/// </summary>
internal sealed class StatefulSetController : Controller
{
    private readonly IKubernetes _client;
    private readonly ObjectCache<V1StatefulSet> _sets;
    private readonly ObjectCache<V1Pod> _pods;
    private readonly Revisions _revisions;
    private readonly TimeProvider _time;

    public StatefulSetController(IKubernetes client, ObjectCache<V1StatefulSet> sets, ObjectCache<V1ControllerRevision> revisions, ObjectCache<V1Pod> pods,
        AlarmClock alarms, TimeProvider time, ILogger log)
        : base("statefulset controller", alarms, log)
    {
        (_client, _sets, _pods, _time) = (client, sets, pods, time);
        _revisions = new Revisions(client, revisions);
        sets.OnChange((before, after) => Enqueue(ObjectKey.Of((after ?? before)!)));
        pods.OnChange((before, after) =>
        {
            var pod = (after ?? before)!;
            if (pod.Metadata.OwnerReferences?.FirstOrDefault(o => o is { Controller: true, Kind: "StatefulSet" }) is { } owner)
                Enqueue(ObjectKey.Of(pod.Namespace(), owner.Name));
        });
    }

    protected override async Task ReconcileAsync(string key, CancellationToken ct)
    {
        if (_sets.Find(key) is not { } set || set.Metadata.DeletionTimestamp is not null)
            return;
        var update = await _revisions.UpdateRevisionAsync(set, ct);
        var current = string.IsNullOrEmpty(set.Status?.CurrentRevision) ? update : set.Status.CurrentRevision;
        var replicas = new Replicas(set, _pods.OwnedBy(set.Uid()), update, current, _time.GetUtcNow());

        if (await AlignAsync(set, replicas, ct))
            await RollAsync(set, replicas, ct);
        await WriteStatusAsync(set, replicas, ct);
        await _revisions.TrimAsync(set, replicas.RevisionsInUse, ct);
        if (replicas.NextAvailable is { } wait)
            EnqueueAfter(key, wait);
    }

    /// <summary>Makes missing Pods and removes surplus ones; true when the set is complete and an update may be looked at.</summary>
    private async Task<bool> AlignAsync(V1StatefulSet set, Replicas replicas, CancellationToken ct)
    {
        var inOrder = set.Spec.PodManagementPolicy is not "Parallel";
        for (var ordinal = 0; ordinal < replicas.Wanted; ordinal++)
        {
            var pod = replicas[ordinal];
            if (pod?.Status?.Phase is "Failed" or "Succeeded")
            {
                await DeleteAsync(pod, ct);
                return false;
            }
            if (pod is null)
            {
                await CreateAsync(set, replicas, ordinal, ct);
                if (inOrder)
                    return false;
                continue;
            }
            if (inOrder && (pod.Metadata.DeletionTimestamp is not null || !replicas.IsAvailable(pod)))
                return false;
        }
        foreach (var surplus in replicas.Surplus)
        {
            if (surplus.Metadata.DeletionTimestamp is null)
                await DeleteAsync(surplus, ct);
            if (inOrder)
                return false;
        }
        return true;
    }

    /// <summary>One step of a rolling update: from the highest ordinal down, the first outdated Pod goes once all above it are healthy.</summary>
    private async Task RollAsync(V1StatefulSet set, Replicas replicas, CancellationToken ct)
    {
        if (set.Spec.UpdateStrategy?.Type is "OnDelete")
            return;
        var partition = set.Spec.UpdateStrategy?.RollingUpdate?.Partition ?? 0;
        for (var ordinal = replicas.Wanted - 1; ordinal >= partition; ordinal--)
        {
            if (replicas[ordinal] is not { } pod || pod.Metadata.DeletionTimestamp is not null)
                return;
            if (Replicas.RevisionOf(pod) != replicas.UpdateRevision)
            {
                await DeleteAsync(pod, ct);
                return;
            }
            if (!replicas.IsAvailable(pod))
                return;
        }
    }

    private async Task CreateAsync(V1StatefulSet set, Replicas replicas, int ordinal, CancellationToken ct)
    {
        var revision = replicas.RevisionFor(ordinal);
        var template = revision == replicas.UpdateRevision ? set.Spec.Template : _revisions.Template(set, revision);
        if (template is null)
            throw new InvalidOperationException($"Revision {revision} of {set.Name()} is not in the cache yet.");
        var copy = KubernetesJson.Deserialize<V1PodTemplateSpec>(KubernetesJson.Serialize(template));
        var name = $"{set.Name()}-{ordinal}";
        var pod = new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = copy.Metadata ?? new(),
            Spec = copy.Spec,
        };
        pod.Metadata.Name = name;
        pod.Metadata.NamespaceProperty = set.Namespace();
        pod.Metadata.OwnerReferences = [Revisions.OwnerOf(set)];
        pod.Metadata.Labels = new Dictionary<string, string>(pod.Metadata.Labels ?? new Dictionary<string, string>())
        {
            [Revisions.HashLabel] = revision,
            ["statefulset.kubernetes.io/pod-name"] = name,
            ["apps.kubernetes.io/pod-index"] = ordinal.ToString(CultureInfo.InvariantCulture),
        };
        pod.Spec.Hostname = name;
        pod.Spec.Subdomain = set.Spec.ServiceName;
        await Writing.UnlessExistsAsync(() => _client.CoreV1.CreateNamespacedPodAsync(pod, set.Namespace(), cancellationToken: ct));
    }

    private Task DeleteAsync(V1Pod pod, CancellationToken ct) => Writing.UnlessGoneAsync(() => _client.CoreV1.DeleteNamespacedPodAsync(
        pod.Name(), pod.Namespace(), new V1DeleteOptions { Preconditions = new() { Uid = pod.Uid() } }, cancellationToken: ct));

    private async Task WriteStatusAsync(V1StatefulSet set, Replicas replicas, CancellationToken ct)
    {
        var status = replicas.Status();
        var present = set.Status is null ? [] : JsonNode.Parse(KubernetesJson.Serialize(set.Status))!.AsObject();
        if (Writing.Covers(present, status))
            return;
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = set.Uid() }, ["status"] = status };
        await Writing.UnlessGoneAsync(() => _client.AppsV1.PatchNamespacedStatefulSetStatusAsync(Writing.Merge(patch), set.Name(), set.Namespace(), cancellationToken: ct));
    }
}
