using System.Text.Json.Nodes;
using k8s.Models;
using Rollcall.Simulator.Operators.KubeBlocks;

namespace Rollcall.Simulator.Scenarios;

/// <summary>The objects that a KubeBlocks installation and its users would have made.</summary>
internal static class KubeBlocksSeeds
{
    public const string SystemNamespace = "kb-system";

    /// <summary>Rollcall reads KubeBlocks' version from the operator's Deployment. It has no Pods: the operator is in this process.</summary>
    public static V1Deployment VersionMarker(string version)
    {
        Dictionary<string, string> labels = new() { ["app.kubernetes.io/name"] = "kubeblocks", ["app.kubernetes.io/version"] = version };
        return new()
        {
            Metadata = new() { Name = "kubeblocks", Labels = labels },
            Spec = new()
            {
                Replicas = 0,
                Selector = new() { MatchLabels = new Dictionary<string, string> { ["app.kubernetes.io/name"] = "kubeblocks" } },
                Template = new()
                {
                    Metadata = new() { Labels = new Dictionary<string, string>(labels) },
                    Spec = new() { Containers = [new() { Name = "manager", Image = $"apecloud/kubeblocks:{version}" }] },
                },
            },
        };
    }

    public static JsonObject Definition(DefinitionSpec definition) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = definition.Name, ["labels"] = new JsonObject { ["app.kubernetes.io/name"] = definition.ServiceKind } },
        ["spec"] = new JsonObject
        {
            ["serviceKind"] = definition.ServiceKind,
            ["serviceVersion"] = definition.ServiceVersion,
            ["provider"] = "simulator",
            ["updateStrategy"] = "BestEffortParallel",
            ["podManagementPolicy"] = "OrderedReady",
            ["podUpgradePolicy"] = definition.PodUpgradePolicy,
            ["roles"] = new JsonArray(
                new JsonObject { ["name"] = "primary", ["updatePriority"] = 2, ["participatesInQuorum"] = false },
                new JsonObject { ["name"] = "secondary", ["updatePriority"] = 1, ["participatesInQuorum"] = false }),
            ["lifecycleActions"] = new JsonObject
            {
                ["roleProbe"] = new JsonObject { ["exec"] = Script("role-probe.sh"), ["periodSeconds"] = 1, ["timeoutSeconds"] = 1 },
                ["switchover"] = new JsonObject { ["exec"] = Script("switchover.sh"), ["timeoutSeconds"] = 50 },
            },
            ["runtime"] = new JsonObject
            {
                ["terminationGracePeriodSeconds"] = 10,
                ["containers"] = new JsonArray(new JsonObject
                {
                    ["name"] = definition.Container,
                    ["ports"] = new JsonArray(new JsonObject { ["name"] = "main", ["containerPort"] = definition.Port }),
                }),
            },
        },
    };

    public static JsonObject Version(VersionSpec version)
    {
        var releases = version.Compatible.Values.SelectMany(v => v).Distinct().ToList();
        return new()
        {
            ["metadata"] = new JsonObject { ["name"] = version.Name },
            ["spec"] = new JsonObject
            {
                ["compatibilityRules"] = new JsonArray([.. version.Compatible.Select(rule => (JsonNode)new JsonObject
                {
                    ["compDefs"] = new JsonArray(rule.Key),
                    ["releases"] = new JsonArray([.. rule.Value.Select(r => (JsonNode)r)]),
                })]),
                ["releases"] = new JsonArray([.. releases.Select(release => (JsonNode)new JsonObject
                {
                    ["name"] = release,
                    ["serviceVersion"] = release,
                    ["images"] = new JsonObject { [version.Container] = $"{version.Repository}:{release}" },
                })]),
            },
        };
    }

    public static JsonObject Cluster(string space, ShardedCluster cluster) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = cluster.Name,
            ["namespace"] = space,
            ["annotations"] = new JsonObject { [Keys.ShardIds] = string.Join(',', cluster.ShardIds) },
        },
        ["spec"] = new JsonObject
        {
            ["terminationPolicy"] = "Delete",
            ["shardings"] = new JsonArray(new JsonObject
            {
                ["name"] = cluster.Sharding,
                ["shards"] = cluster.ShardIds.Count,
                ["template"] = new JsonObject
                {
                    ["name"] = cluster.Sharding,
                    ["componentDef"] = cluster.ComponentDef,
                    ["serviceVersion"] = cluster.ServiceVersion,
                    ["replicas"] = cluster.Replicas,
                },
            }),
        },
    };

    public static IReadOnlyList<JsonObject> Budgets(Scenario scenario) =>
    [
        .. from cluster in scenario.KubeBlocks?.Clusters ?? []
           where cluster.MaxUnavailable > 0
           from id in cluster.ShardIds
           select StatefulSetObjects.Budget($"{cluster.Name}-{cluster.Sharding}-{id}", scenario.Namespace, cluster.MaxUnavailable, new Dictionary<string, string>
           {
               [Keys.Instance] = cluster.Name, [Keys.ComponentName] = $"{cluster.Sharding}-{id}",
           }),
    ];

    private static JsonObject Script(string name) => new() { ["command"] = new JsonArray("/bin/sh", "-c", $"/scripts/{name}") };
}
