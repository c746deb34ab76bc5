using System.Text.Json;
using Rollcall.Engine.Kubernetes.Api;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>KubeBlocks' labels and the places of its Cluster specification that matter here.</summary>
public static class KubeBlocksNames
{
    public const string ManagedBy = "app.kubernetes.io/managed-by";
    public const string KubeBlocks = "kubeblocks";
    public const string Instance = "app.kubernetes.io/instance";
    public const string ComponentName = "apps.kubeblocks.io/component-name";
    public const string ShardingName = "apps.kubeblocks.io/sharding-name";
    public const string Definition = "app.kubernetes.io/component";
    public const string ServiceVersion = "apps.kubeblocks.io/service-version";
    public const string Role = "kubeblocks.io/role";
    public const string Rollout = "apps.kubeblocks.io/rollout-name";
    public const string Generation = "kubeblocks.io/generation";

    /// <summary>One entry of componentSpecs or shardings.</summary>
    /// <param name="Path">JSON pointer of the entry; its name is at <c>{Path}/name</c>.</param>
    /// <param name="SpecPath">JSON pointer of the component specification: the entry itself, or its <c>template</c>.</param>
    public sealed record Entry(string Name, bool Sharding, string Path, string SpecPath, JsonElement Item, JsonElement Spec);

    public static IEnumerable<Entry> Entries(KubeObject cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var i = 0;
        foreach (var item in KubeObject.Items(cluster.Spec, "componentSpecs"))
        {
            var path = $"/spec/componentSpecs/{i++}";
            yield return new Entry(KubeObject.Text(item, "name"), false, path, path, item, item);
        }
        i = 0;
        foreach (var item in KubeObject.Items(cluster.Spec, "shardings"))
        {
            var path = $"/spec/shardings/{i++}";
            yield return new Entry(KubeObject.Text(item, "name"), true, path, $"{path}/template", item, KubeObject.Get(item, "template"));
        }
    }

    public static Entry? Find(KubeObject cluster, string component) => Entries(cluster).FirstOrDefault(e => e.Name == component);
}
