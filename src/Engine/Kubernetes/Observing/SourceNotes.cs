using System.Collections.Immutable;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Observing;

/// <summary>What people must know about where the picture comes from: what is not installed, not permitted, not reachable, or not ours.</summary>
internal static class SourceNotes
{
    private static readonly ImmutableArray<string> KubeBlocks =
        [.. new[] { KubeKind.Clusters, KubeKind.Components, KubeKind.InstanceSets, KubeKind.OpsRequests, KubeKind.ComponentDefinitions, KubeKind.ComponentVersions }.Select(k => k.Resource)];

    /// <summary>What must have been listed, or refused, before a cluster is shown.</summary>
    public static ImmutableArray<string> Needed { get; } = [KubeKind.Pods.Resource, KubeKind.StatefulSets.Resource, .. KubeBlocks];

    /// <summary>The sources a cluster's picture hangs on.</summary>
    public static ImmutableArray<string> Feeding(bool kubeBlocks) => kubeBlocks
        ? [KubeKind.Pods.Resource, KubeKind.Clusters.Resource, KubeKind.InstanceSets.Resource]
        : [KubeKind.Pods.Resource, KubeKind.StatefulSets.Resource];

    public static ImmutableArray<SourceNote> Of(IReadOnlyDictionary<string, InformerStatus> sources, IReadOnlyDictionary<string, string> foreign)
    {
        var notes = ImmutableArray.CreateBuilder<SourceNote>();
        var absent = sources.TryGetValue(KubeKind.Clusters.Resource, out var clusters) && clusters.Health == InformerHealth.Absent;
        if (absent)
            notes.Add(new SourceNote("KubeBlocks", Severity.Info, "KubeBlocks is not installed here: only StatefulSets are shown."));
        foreach (var (resource, status) in sources.OrderBy(s => s.Key, StringComparer.Ordinal))
            switch (status.Health)
            {
                case InformerHealth.Absent when !(absent && (KubeBlocks.Contains(resource) || resource == KubeKind.Backups.Resource)):
                    notes.Add(new SourceNote(resource, Severity.Info, $"{resource} is not served by this API server."));
                    break;
                case InformerHealth.Forbidden:
                    notes.Add(new SourceNote(resource, Needed.Contains(resource) ? Severity.Warning : Severity.Info, $"Not permitted to list and watch {resource}: {status.Message}"));
                    break;
                case InformerHealth.Failing:
                    notes.Add(new SourceNote(resource, Severity.Warning, $"The API server cannot be watched for {resource} ({status.Message}). What is shown may be old."));
                    break;
            }
        if (foreign.Count > 0)
            notes.Add(new SourceNote("StatefulSets", Severity.Info,
                $"{foreign.Count} StatefulSet{(foreign.Count == 1 ? "" : "s")} left out because another controller makes {(foreign.Count == 1 ? "it" : "them")}: {string.Join(", ", foreign.Take(3).Select(f => $"{f.Key} ({f.Value})"))}{(foreign.Count > 3 ? " …" : "")}."));
        return notes.ToImmutable();
    }
}
