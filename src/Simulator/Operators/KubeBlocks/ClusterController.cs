using System.Text.Json.Nodes;
using k8s;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>
/// Cluster -> Components. Writes the resolved definition and version back into the spec, gives every component and every shard its
/// Component object, and composes the Cluster's phase from theirs. All shards of a sharding change in one pass.
/// </summary>
internal sealed class ClusterController : Controller
{
    private readonly IKubernetes _client;
    private readonly ObjectCache<KubeObject> _clusters;
    private readonly ObjectCache<KubeObject> _components;
    private readonly Definitions _definitions;
    private readonly TimeProvider _time;

    public ClusterController(IKubernetes client, ObjectCache<KubeObject> clusters, ObjectCache<KubeObject> components,
        ObjectCache<KubeObject> componentDefinitions, ObjectCache<KubeObject> componentVersions,
        AlarmClock alarms, TimeProvider time, ILogger log)
        : base("cluster controller", alarms, log)
    {
        (_client, _clusters, _components, _time) = (client, clusters, components, time);
        _definitions = new(componentDefinitions, componentVersions);
        clusters.OnChange((before, after) => Enqueue(ObjectKey.Of((after ?? before)!)));
        components.OnChange((before, after) =>
        {
            var component = (after ?? before)!;
            Enqueue(ObjectKey.Of(component.Metadata.NamespaceProperty, component.Metadata.Label(Keys.Instance)));
        });
        componentDefinitions.OnChange((_, _) => EnqueueAll());
        componentVersions.OnChange((_, _) => EnqueueAll());
    }

    private void EnqueueAll()
    {
        foreach (var cluster in _clusters.All)
            Enqueue(ObjectKey.Of(cluster));
    }

    protected override async Task ReconcileAsync(string key, CancellationToken ct)
    {
        if (_clusters.Find(key) is not { } cluster || cluster.Metadata.DeletionTimestamp is not null)
            return;
        var (problem, rewritten) = await NormaliseAsync(key, cluster, ct);
        if (problem is not null)
        {
            var failed = KubeBlocksObjects.Conditions(cluster, _time.GetUtcNow(), ("ProvisioningStarted", false, "PreCheckFailed", problem));
            await _client.PatchStatusAsync(ResourceKind.Cluster, cluster, new() { ["conditions"] = failed }, ct);
        }
        if (problem is not null || rewritten)
            return;

        var plan = ComponentPlan.Of(cluster);
        foreach (var wanted in plan)
            await ApplyAsync(cluster, wanted, ct);
        await PoliciesAsync(cluster, ct);
        await _client.PatchStatusAsync(ResourceKind.Cluster, cluster, ClusterStatus.Of(cluster, plan, _components, _time.GetUtcNow()), ct);
    }

    /// <summary>Writes resolved definitions and versions into the spec, or answers why that is impossible.</summary>
    private async Task<(string? Problem, bool Rewritten)> NormaliseAsync(string key, KubeObject cluster, CancellationToken ct)
    {
        var spec = cluster.Spec.DeepClone().AsObject();
        var changed = false;
        foreach (var component in spec.Objects("componentSpecs").Concat(spec.Objects("shardings").Select(s => s.Child("template"))))
        {
            var (release, problem) = _definitions.Resolve(component.Text("componentDef"), component.Text("serviceVersion"));
            if (release is null)
                return (problem, false);
            changed |= component.Text("componentDef") != release.Definition.Metadata.Name || component.Text("serviceVersion") != release.ServiceVersion;
            component["componentDef"] = release.Definition.Metadata.Name;
            component["serviceVersion"] = release.ServiceVersion;
        }
        if (changed)
        {
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = cluster.Metadata.ResourceVersion }, ["spec"] = spec };
            await _client.PatchAsync(ResourceKind.Cluster, key, patch, ct);
        }
        return (null, changed);
    }

    private async Task ApplyAsync(KubeObject cluster, ComponentPlan wanted, CancellationToken ct)
    {
        var space = cluster.Metadata.NamespaceProperty;
        var generation = (cluster.Metadata.Generation ?? 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (_components.Find(ObjectKey.Of(space, wanted.ObjectName)) is not { } present)
        {
            await _client.CreateAsync(ResourceKind.Component, new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = wanted.ObjectName,
                    ["namespace"] = space,
                    ["labels"] = wanted.Labels(cluster),
                    ["annotations"] = new JsonObject { [Keys.Generation] = generation, [Keys.ClusterUid] = cluster.Metadata.Uid },
                    ["ownerReferences"] = KubeBlocksObjects.Owner(ResourceKind.Cluster, cluster),
                },
                ["spec"] = wanted.Spec(),
            }, ct);
            return;
        }
        var sameSpec = JsonNode.DeepEquals(Comparable(present.Spec), Comparable(wanted.Spec()));
        if (sameSpec && present.Metadata.Annotation(Keys.Generation) == generation)
            return;
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Keys.Generation] = generation }, ["labels"] = wanted.Labels(cluster) },
        };
        if (!sameSpec)
            patch["spec"] = SpecPatch(present.Spec, wanted.Spec());
        await _client.PatchAsync(ResourceKind.Component, ObjectKey.Of(present), patch, ct);
    }

    /// <summary>Only what this controller decides; defaults that the API server filled in are not a difference.</summary>
    private static JsonObject Comparable(JsonObject spec) => new()
    {
        ["compDef"] = spec.Text("compDef"),
        ["serviceVersion"] = spec.Text("serviceVersion"),
        ["replicas"] = spec.Int("replicas"),
        ["type"] = spec.Child("instanceUpdateStrategy").Text("type"),
        ["rollingUpdate"] = spec.Child("instanceUpdateStrategy").Child("rollingUpdate").DeepClone(),
    };

    /// <summary>As a merge patch that also takes away what is no longer there.</summary>
    public static JsonObject SpecPatch(JsonObject present, JsonObject wanted)
    {
        var patch = wanted.DeepClone().AsObject();
        foreach (var (name, value) in present)
        {
            if (!wanted.ContainsKey(name) && name is "instanceUpdateStrategy")
                patch[name] = null;
            else if (value is JsonObject inner && wanted[name] is JsonObject other && name is "instanceUpdateStrategy")
                patch[name] = new JsonObject([.. inner.Where(i => !other.ContainsKey(i.Key)).Select(i => KeyValuePair.Create<string, JsonNode?>(i.Key, null)),
                    .. other.Select(o => KeyValuePair.Create(o.Key, o.Value?.DeepClone()))]);
        }
        return patch;
    }

    private async Task PoliciesAsync(KubeObject cluster, CancellationToken ct)
    {
        if (cluster.Status.Long("observedGeneration") > 0)
            return;
        foreach (var (name, component, sharded) in cluster.Spec.Objects("componentSpecs").Select(c => (c.Text("name"), c, false))
            .Concat(cluster.Spec.Objects("shardings").Select(s => (s.Text("name"), s.Child("template"), true))))
        {
            await _client.CreateAsync(ResourceKind.BackupPolicy, BackupController.PolicyFor(cluster, name, component.Text("componentDef"), sharded), ct);
        }
    }
}
