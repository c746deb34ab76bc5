using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>Component -> InstanceSet, and the Component's phase from what the InstanceSet reports.</summary>
internal sealed class ComponentController : Controller
{
    /// <summary>Containers that every Pod gets beside those of its definition.</summary>
    private const string AgentImage = "apecloud/kubeblocks-tools:1.1.0";

    private readonly IKubernetes _client;
    private readonly ObjectCache<KubeObject> _components;
    private readonly ObjectCache<KubeObject> _sets;
    private readonly Definitions _definitions;
    private readonly TimeProvider _time;

    public ComponentController(IKubernetes client, ObjectCache<KubeObject> components, ObjectCache<KubeObject> sets, Definitions definitions,
        AlarmClock alarms, TimeProvider time, ILogger log)
        : base("component controller", alarms, log)
    {
        (_client, _components, _sets, _definitions, _time) = (client, components, sets, definitions, time);
        components.OnChange((before, after) => Enqueue(ObjectKey.Of((after ?? before)!)));
        sets.OnChange((before, after) => Enqueue(ObjectKey.Of((after ?? before)!)));
    }

    protected override async Task ReconcileAsync(string key, CancellationToken ct)
    {
        if (_components.Find(key) is not { } component || component.Metadata.DeletionTimestamp is not null)
            return;
        var (release, problem) = _definitions.Resolve(component.Spec.Text("compDef"), component.Spec.Text("serviceVersion"));
        if (release is null)
            throw new InvalidOperationException(problem);
        await ApplyAsync(key, component, release, ct);
        await _client.PatchStatusAsync(ResourceKind.Component, component, Status(component, _sets.Find(key), release), ct);
    }

    private async Task ApplyAsync(string key, KubeObject component, Release release, CancellationToken ct)
    {
        var generation = (component.Metadata.Generation ?? 1).ToString(CultureInfo.InvariantCulture);
        var wanted = SpecOf(component, release);
        var annotations = new JsonObject
        {
            [Keys.Generation] = generation,
            [Keys.Definition] = release.Definition.Metadata.Name,
            [Keys.ServiceVersion] = release.ServiceVersion,
        };
        if (_sets.Find(key) is not { } present)
        {
            await _client.CreateAsync(ResourceKind.InstanceSet, new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = component.Metadata.Name,
                    ["namespace"] = component.Metadata.NamespaceProperty,
                    ["labels"] = IdentityLabels(component),
                    ["annotations"] = annotations,
                    ["ownerReferences"] = KubeBlocksObjects.Owner(ResourceKind.Component, component),
                },
                ["spec"] = wanted,
            }, ct);
            return;
        }
        var sameSpec = Writing.Covers(present.Spec, wanted)
            && (wanted.ContainsKey("instanceUpdateStrategy") || !present.Spec.ContainsKey("instanceUpdateStrategy"))
            && JsonNode.DeepEquals(present.Spec.Child("instanceUpdateStrategy")["rollingUpdate"], wanted.Child("instanceUpdateStrategy")["rollingUpdate"]);
        if (sameSpec && present.Metadata.Annotation(Keys.Generation) == generation)
            return;
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } };
        if (!sameSpec)
            patch["spec"] = ClusterController.SpecPatch(present.Spec, wanted);
        await _client.PatchAsync(ResourceKind.InstanceSet, key, patch, ct);
    }

    private static JsonObject SpecOf(KubeObject component, Release release)
    {
        var definition = release.Definition.Spec;
        var labels = IdentityLabels(component);
        labels[Keys.Definition] = release.Definition.Metadata.Name;
        labels[Keys.ServiceVersion] = release.ServiceVersion;
        labels[Keys.ReleasePhase] = "stable";
        var spec = new JsonObject
        {
            ["replicas"] = component.Spec.Int("replicas", 1),
            ["selector"] = new JsonObject { ["matchLabels"] = IdentityLabels(component) },
            ["podManagementPolicy"] = definition.Text("podManagementPolicy") is { Length: > 0 } policy ? policy : "OrderedReady",
            ["podUpgradePolicy"] = definition.Text("podUpgradePolicy") is { Length: > 0 } upgrade ? upgrade : "PreferInPlace",
            ["memberUpdateStrategy"] = definition.Text("updateStrategy") is { Length: > 0 } strategy ? strategy : "Serial",
            ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels }, ["spec"] = PodSpec(definition, release) },
        };
        if (definition["roles"] is JsonArray roles)
            spec["roles"] = roles.DeepClone();
        if (component.Spec["instanceUpdateStrategy"] is { } update)
            spec["instanceUpdateStrategy"] = update.DeepClone();
        return spec;
    }

    private static JsonObject PodSpec(JsonObject definition, Release release)
    {
        var spec = definition.Child("runtime").DeepClone().AsObject();
        foreach (var container in spec.Objects("containers"))
        {
            if (release.Images.TryGetValue(container.Text("name"), out var image))
                container["image"] = image;
        }
        if (definition.ContainsKey("lifecycleActions") && spec["containers"] is JsonArray containers)
            containers.Add(new JsonObject { ["name"] = "kbagent", ["image"] = AgentImage });
        return spec;
    }

    private static JsonObject IdentityLabels(KubeObject component)
    {
        var labels = new JsonObject
        {
            [Keys.ManagedBy] = "kubeblocks",
            [Keys.Instance] = component.Metadata.Label(Keys.Instance),
            [Keys.ComponentName] = component.Metadata.Label(Keys.ComponentName),
        };
        if (component.Metadata.Label(Keys.ShardingName) is { Length: > 0 } sharding)
            labels[Keys.ShardingName] = sharding;
        return labels;
    }

    private JsonObject Status(KubeObject component, KubeObject? set, Release release)
    {
        var generation = component.Metadata.Generation ?? 1;
        var reached = set is not null
            && set.Metadata.Annotation(Keys.Generation) == generation.ToString(CultureInfo.InvariantCulture)
            && set.Status.Long("observedGeneration") == (set.Metadata.Generation ?? 1);
        var wanted = component.Spec.Int("replicas", 1);
        var settled = reached
            && set!.Status.Int("replicas") == wanted && set.Status.Int("updatedReplicas") == wanted && set.Status.Int("readyReplicas") == wanted
            && (release.Definition.Spec.Objects("roles").Count == 0 || set.Status.Objects("instanceStatus").All(i => i.Text("role").Length > 0));
        var failed = set?.Status.Objects("conditions").Any(c => c.Text("type") is "InstanceFailure" && c.Text("status") is "True") is true;
        var before = component.Status.Text("phase");
        var phase = settled ? "Running" : failed ? "Failed" : before is "" or "Creating" ? "Creating" : "Updating";
        return new()
        {
            ["observedGeneration"] = reached ? generation : component.Status.Long("observedGeneration"),
            ["phase"] = phase,
            ["conditions"] = KubeBlocksObjects.Conditions(component, _time.GetUtcNow(), ("Available", settled, settled ? "Available" : "Unavailable", "")),
        };
    }
}
