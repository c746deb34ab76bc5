using System.Text.Json.Nodes;
using k8s.Models;

namespace Rollcall.Simulator.Scenarios;

/// <summary>The objects of a scenario's StatefulSet groups, labelled as Rollcall groups them.</summary>
internal sealed record StatefulSetObjects(IReadOnlyList<V1StatefulSet> StatefulSets, IReadOnlyList<V1Service> Services, IReadOnlyList<JsonObject> Budgets)
{
    public static StatefulSetObjects For(Scenario scenario)
    {
        List<V1StatefulSet> sets = [];
        List<V1Service> services = [];
        List<JsonObject> budgets = [];
        foreach (var group in scenario.StatefulSets)
        {
            foreach (var shard in group.AllShards)
            {
                sets.Add(StatefulSet(group, shard));
                services.Add(Headless(group, shard));
                if (group.MaxUnavailable > 0)
                    budgets.Add(Budget(shard.Workload, scenario.Namespace, group.MaxUnavailable, Selector(group, shard)));
            }
        }
        return new(sets, services, budgets);
    }

    public static JsonObject Budget(string name, string space, int maxUnavailable, IReadOnlyDictionary<string, string> selector) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space },
        ["spec"] = new JsonObject
        {
            ["maxUnavailable"] = maxUnavailable,
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject(selector.Select(l => KeyValuePair.Create<string, JsonNode?>(l.Key, l.Value))) },
        },
    };

    private static V1StatefulSet StatefulSet(StatefulSetGroup group, ShardSpec shard)
    {
        var labels = new Dictionary<string, string>(Selector(group, shard))
        {
            ["rollcall.dev/profile"] = group.Profile,
            ["app.kubernetes.io/name"] = group.Component,
        };
        if (group.RoleLabel is not null)
            labels["rollcall.dev/role-label"] = group.RoleLabel;
        var container = new V1Container { Name = group.Container, Image = group.Image };
        if (group.Port > 0)
            container.Ports = [new() { Name = "main", ContainerPort = group.Port }];
        return new()
        {
            ApiVersion = "apps/v1",
            Kind = "StatefulSet",
            Metadata = new()
            {
                Name = shard.Workload,
                Labels = labels,
                Annotations = group.Versions.Count == 0 ? null : new Dictionary<string, string> { ["rollcall.dev/available-versions"] = string.Join(',', group.Versions) },
            },
            Spec = new()
            {
                Replicas = group.Replicas,
                ServiceName = shard.Workload,
                PodManagementPolicy = group.PodManagement,
                UpdateStrategy = new() { Type = group.UpdateStrategy },
                Selector = new() { MatchLabels = new Dictionary<string, string>(Selector(group, shard)) },
                Template = new()
                {
                    Metadata = new() { Labels = new Dictionary<string, string>(labels) },
                    Spec = new() { TerminationGracePeriodSeconds = 10, Containers = [container] },
                },
            },
        };
    }

    private static V1Service Headless(StatefulSetGroup group, ShardSpec shard) => new()
    {
        Metadata = new() { Name = shard.Workload, Labels = new Dictionary<string, string>(Selector(group, shard)) },
        Spec = new()
        {
            ClusterIP = "None",
            PublishNotReadyAddresses = true,
            Selector = new Dictionary<string, string>(Selector(group, shard)),
            Ports = [new() { Name = "main", Port = group.Port > 0 ? group.Port : 80 }],
        },
    };

    private static Dictionary<string, string> Selector(StatefulSetGroup group, ShardSpec shard) => new()
    {
        ["rollcall.dev/cluster"] = group.Cluster,
        ["rollcall.dev/component"] = group.Component,
        ["rollcall.dev/shard"] = shard.Name,
    };
}
