using System.Collections.Immutable;
using System.Globalization;
using k8s.Models;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>What a Pod says about itself, read the same way for every kind of cluster.</summary>
public static class PodFacts
{
    /// <summary>Waiting is normal with these: the container is on its way.</summary>
    private static readonly ImmutableHashSet<string> OnItsWay = ["ContainerCreating", "PodInitializing"];

    /// <summary>A member without what only its workload can tell (<see cref="Instance.Updated"/> is false here).</summary>
    public static Instance Read(V1Pod pod, string versionContainer)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var statuses = pod.Status?.ContainerStatuses ?? [];
        var images = (pod.Spec?.Containers ?? []).ToImmutableSortedDictionary(c => c.Name, c => c.Image ?? "", StringComparer.Ordinal);
        var started = StartedAt(statuses);
        var ready = pod.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready");
        var readySince = ready?.Status == "True" ? Utc(ready.LastTransitionTime) : null;
        var terminating = pod.Metadata.DeletionTimestamp is not null;
        var (problem, message) = terminating ? default : Problem(pod, statuses);
        return new Instance
        {
            Name = pod.Metadata.Name,
            Uid = pod.Metadata.Uid ?? "",
            ResourceVersion = pod.Metadata.ResourceVersion ?? "",
            Ordinal = Ordinal(pod.Metadata.Name),
            Revision = Label(pod, "controller-revision-hash") ?? "",
            Images = images,
            Version = Mapping.Images.Version(images.GetValueOrDefault(versionContainer) ?? pod.Spec?.Containers?.FirstOrDefault()?.Image),
            Updated = false,
            // Ready that was already True when the present containers started speaks of the ones before.
            Ready = !terminating && ready?.Status == "True" && !(started > readySince),
            ReadySince = readySince,
            StartedAt = started,
            Node = string.IsNullOrEmpty(pod.Spec?.NodeName) ? null : pod.Spec.NodeName,
            Phase = terminating ? "Terminating" : pod.Status?.Phase is { Length: > 0 } phase ? phase : "Unknown",
            Problem = problem,
            ProblemMessage = message,
            Dead = statuses.Count == 0 || statuses.Any(s => s.State?.Running is null),
            Restarts = statuses.Sum(s => s.RestartCount),
            Claims = string.Join(", ", (pod.Spec?.Volumes ?? []).Select(v => v.PersistentVolumeClaim?.ClaimName).Where(c => !string.IsNullOrEmpty(c))),
        };
    }

    /// <summary>A slot whose Pod does not exist now.</summary>
    public static Instance Missing(string name, string workload) => new()
    {
        Name = name, Uid = "", Workload = workload, Ordinal = Ordinal(name), Version = "", Updated = false, Ready = false, Phase = "Missing",
    };

    /// <summary>The kubelet runs the images that the Pod asks for (an image that was patched in place takes a while).</summary>
    public static bool RunsItsImages(V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        foreach (var container in pod.Spec?.Containers ?? [])
            if (pod.Status?.ContainerStatuses?.FirstOrDefault(s => s.Name == container.Name) is { } status && !Mapping.Images.MayBe(container.Image ?? "", status.Image ?? ""))
                return false;
        return true;
    }

    /// <summary>Every container of the template runs with the template's image. Containers that others inject into the Pod do not count.</summary>
    public static bool HasImages(IReadOnlyDictionary<string, string> pod, IReadOnlyDictionary<string, string> template)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(template);
        return template.All(t => pod.TryGetValue(t.Key, out var image) && image == t.Value);
    }

    public static string? Label(V1Pod pod, string key)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Metadata?.Labels is { } labels && labels.TryGetValue(key, out var value) ? value : null;
    }

    public static int Ordinal(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var dash = name.LastIndexOf('-');
        return dash >= 0 && int.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
    }

    public static DateTimeOffset? Utc(DateTime? at) => at is { } t ? new DateTimeOffset(t.Kind == DateTimeKind.Local ? t.ToUniversalTime() : DateTime.SpecifyKind(t, DateTimeKind.Utc)) : null;

    private static DateTimeOffset? StartedAt(IList<V1ContainerStatus> statuses)
    {
        DateTimeOffset? latest = null;
        foreach (var status in statuses)
            if (Utc(status.State?.Running?.StartedAt) is { } at && !(latest >= at))
                latest = at;
        return latest;
    }

    private static (string?, string?) Problem(V1Pod pod, IList<V1ContainerStatus> statuses)
    {
        foreach (var status in (pod.Status?.InitContainerStatuses ?? []).Concat(statuses))
        {
            if (status.State?.Waiting is { Reason.Length: > 0 } waiting && !OnItsWay.Contains(waiting.Reason))
                return (waiting.Reason, waiting.Message);
            if (status.State?.Terminated is { } ended && (statuses.Contains(status) || ended.ExitCode != 0))
                return (ended.Reason ?? "Terminated", ended.Message ?? $"{status.Name} ended with exit code {ended.ExitCode}");
        }
        if (pod.Status?.Phase == "Failed")
            return (pod.Status.Reason ?? "Failed", pod.Status.Message);
        var scheduled = pod.Status?.Conditions?.FirstOrDefault(c => c.Type == "PodScheduled" && c.Status == "False");
        return scheduled is null ? (null, null) : (scheduled.Reason ?? "Unschedulable", scheduled.Message);
    }
}
