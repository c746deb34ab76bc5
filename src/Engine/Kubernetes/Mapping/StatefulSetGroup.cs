using System.Collections.Immutable;
using k8s.Models;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>Where a StatefulSet belongs: labels or annotations of ours, else the common ones, else it stands alone.</summary>
public static class StatefulSetGroup
{
    public static ClusterKey Cluster(V1StatefulSet set) => new(set.Metadata.NamespaceProperty ?? "", Said(set, Marks.Cluster) ?? Label(set, "app.kubernetes.io/instance") ?? set.Metadata.Name);

    public static string Component(V1StatefulSet set) =>
        Said(set, Marks.Component) ?? Label(set, "app.kubernetes.io/component") ?? Label(set, "app.kubernetes.io/name") ?? set.Metadata.Name;

    public static string Shard(V1StatefulSet set) => Said(set, Marks.Shard) ?? set.Metadata.Name;

    /// <summary>Another controller makes this StatefulSet; what is written to it here would be written back.</summary>
    public static V1OwnerReference? Owner(V1StatefulSet set) => set.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true);

    public static string? Said(V1StatefulSet set, string mark) => Label(set, mark) ?? Annotation(set, mark);

    public static string? Label(V1StatefulSet set, string key) => set.Metadata.Labels is { } labels && labels.TryGetValue(key, out var v) && v.Length > 0 ? v : null;

    public static string? Annotation(V1StatefulSet set, string key) => set.Metadata.Annotations is { } annotations && annotations.TryGetValue(key, out var v) && v.Length > 0 ? v : null;

    /// <summary>The container whose tag is the version: the profile's, where the template has it, else the first.</summary>
    public static string VersionContainer(V1StatefulSet set, EngineProfile profile)
    {
        var containers = set.Spec.Template.Spec.Containers;
        return profile.Probe?.Containers.FirstOrDefault(c => containers.Any(t => t.Name == c)) ?? containers[0].Name;
    }

    public static ImmutableSortedDictionary<string, string> Images(V1StatefulSet set) =>
        set.Spec.Template.Spec.Containers.ToImmutableSortedDictionary(c => c.Name, c => c.Image ?? "", StringComparer.Ordinal);
}
