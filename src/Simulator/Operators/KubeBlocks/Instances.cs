using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>An InstanceSet's Pods compared with its template, and the status that follows.</summary>
internal sealed class Instances
{
    /// <summary>A container has to fail for so long before the instance counts as failed.</summary>
    private static readonly TimeSpan FailureAfter = TimeSpan.FromSeconds(10);

    private readonly KubeObject _set;
    private readonly DateTimeOffset _now;
    private readonly SortedDictionary<int, V1Pod> _pods = [];

    public Instances(KubeObject set, IReadOnlyList<V1Pod> owned, DateTimeOffset now)
    {
        (_set, _now) = (set, now);
        foreach (var pod in owned)
        {
            var name = pod.Name();
            if (int.TryParse(name[(name.LastIndexOf('-') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal))
                _pods[ordinal] = pod;
        }
        var template = set.Spec.Child("template");
        TemplateLabels = template.Child("metadata").Child("labels");
        Images = template.Child("spec").Objects("containers").ToDictionary(c => c.Text("name"), c => c.Text("image"), StringComparer.Ordinal);
        Revision = $"{set.Metadata.Name}-{StableHash.Hex(WithoutImages(template).ToJsonString(), 8)}";
    }

    public int Wanted => _set.Spec.Int("replicas", 1);

    public IReadOnlyList<V1Pod> Pods => [.. _pods.Values];

    public IReadOnlyDictionary<string, string> Images { get; }

    public JsonObject TemplateLabels { get; }

    /// <summary>Hash of the template without what can change in place: an image-only upgrade leaves it as it was.</summary>
    public string Revision { get; }

    public bool HasRoles => _set.Spec.Objects("roles").Count > 0;

    public V1Pod? this[int ordinal] => _pods.GetValueOrDefault(ordinal);

    public IEnumerable<V1Pod> Surplus => _pods.Where(p => p.Key >= Wanted).Select(p => p.Value);

    /// <summary>Until the next failing container has failed for long enough.</summary>
    public TimeSpan? NextFailure { get; private set; }

    public static string RoleOf(V1Pod pod) => pod.Metadata.Label(Keys.Role);

    public int PriorityOf(V1Pod pod) => _set.Spec.Objects("roles")
        .FirstOrDefault(r => string.Equals(r.Text("name"), RoleOf(pod), StringComparison.OrdinalIgnoreCase))?.Int("updatePriority") ?? 0;

    public static bool IsReady(V1Pod pod) => pod.Metadata.DeletionTimestamp is null
        && pod.Status is { Phase: "Running", Conditions: { } conditions } && conditions.Any(c => c is { Type: "Ready", Status: "True" });

    public bool HasTemplateImages(V1Pod pod) => pod.Spec.Containers.All(c => !Images.TryGetValue(c.Name, out var image) || image == c.Image);

    public bool HasTemplateRevision(V1Pod pod) => pod.Metadata.Label(Keys.Revision) == Revision;

    public bool IsUpToDate(V1Pod pod) => HasTemplateRevision(pod) && HasTemplateImages(pod)
        && TemplateLabels.All(l => pod.Metadata.Label(l.Key) == l.Value!.GetValue<string>());

    /// <summary>The status shows what the spec asks for: an image that was patched in place has been started.</summary>
    public static bool RunsItsImages(V1Pod pod) => pod.Status?.ContainerStatuses is { } statuses
        && pod.Spec.Containers.All(c => statuses.Any(s => s.Name == c.Name && s.Image == c.Image));

    public JsonObject Status()
    {
        var live = _pods.Values.ToList();
        var ready = live.Where(IsReady).ToList();
        var updated = live.Where(p => p.Metadata.DeletionTimestamp is null && IsUpToDate(p)).ToList();
        var notReady = new JsonArray([.. live.Where(p => !IsReady(p)).Select(p => (JsonNode)p.Name())]);
        var failed = new JsonArray([.. live.Where(IsFailed).Select(p => (JsonNode)p.Name())]);
        var status = new JsonObject
        {
            ["observedGeneration"] = _set.Metadata.Generation ?? 1,
            ["replicas"] = live.Count,
            ["readyReplicas"] = ready.Count,
            ["availableReplicas"] = ready.Count,
            ["currentReplicas"] = live.Count(HasTemplateRevision),
            ["updatedReplicas"] = updated.Count,
            ["initReplicas"] = Math.Max(_set.Status.Int("initReplicas"), live.Count == Wanted && ready.Count == Wanted ? Wanted : 0),
            ["currentRevision"] = Revision,
            ["updateRevision"] = Revision,
            ["instanceStatus"] = new JsonArray([.. live.Select(p => (JsonNode)InstanceStatus(p))]),
            ["conditions"] = KubeBlocksObjects.Conditions(_set, _now,
                ("InstanceReady", notReady.Count == 0, notReady.Count == 0 ? "Ready" : "NotReady", Names(notReady)),
                ("InstanceAvailable", notReady.Count == 0, notReady.Count == 0 ? "Available" : "NotAvailable", Names(notReady)),
                ("InstanceFailure", failed.Count > 0, "InstanceFailure", Names(failed))),
        };
        return status;
    }

    private JsonObject InstanceStatus(V1Pod pod)
    {
        var status = new JsonObject
        {
            ["podName"] = pod.Name(),
            ["desiredState"] = "Active",
            ["currentState"] = pod.Metadata.DeletionTimestamp is null ? "Present" : "Terminating",
            ["currentRevision"] = pod.Metadata.Label(Keys.Revision),
            ["updateRevision"] = Revision,
            ["upToDate"] = IsUpToDate(pod),
            ["ready"] = IsReady(pod),
            ["available"] = IsReady(pod),
        };
        if (RoleOf(pod) is { Length: > 0 } role)
            status["role"] = role;
        return status;
    }

    private static string Names(JsonArray pods) => pods.Count == 0 ? "" : pods.ToJsonString();

    private bool IsFailed(V1Pod pod)
    {
        var failing = pod.Status?.ContainerStatuses?.Any(s =>
            s.State?.Waiting?.Reason is "CrashLoopBackOff" or "ImagePullBackOff" or "ErrImagePull" or "CreateContainerError") is true;
        if (!failing || pod.Metadata.DeletionTimestamp is not null)
            return false;
        var since = pod.Status!.Conditions?.FirstOrDefault(c => c.Type is "ContainersReady")?.LastTransitionTime ?? _now.UtcDateTime;
        var missing = since.ToUniversalTime() + FailureAfter - _now.UtcDateTime;
        if (missing <= TimeSpan.Zero)
            return true;
        NextFailure = NextFailure < missing ? NextFailure : missing;
        return false;
    }

    private static JsonObject WithoutImages(JsonObject template)
    {
        var spec = template.Child("spec").DeepClone().AsObject();
        foreach (var container in spec.Objects("containers"))
        {
            container.Remove("image");
            container.Remove("resources");
        }
        return spec;
    }
}
