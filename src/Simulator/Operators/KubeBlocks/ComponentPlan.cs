using System.Text.Json.Nodes;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>One Component object that a Cluster's spec asks for.</summary>
internal sealed record ComponentPlan(string ObjectName, string ShortName, string? Sharding, JsonObject Source)
{
    public static IReadOnlyList<ComponentPlan> Of(KubeObject cluster)
    {
        List<ComponentPlan> plan = [];
        var name = cluster.Metadata.Name;
        foreach (var component in cluster.Spec.Objects("componentSpecs"))
            plan.Add(new($"{name}-{component.Text("name")}", component.Text("name"), null, component));
        foreach (var sharding in cluster.Spec.Objects("shardings"))
        {
            var shard = sharding.Text("name");
            foreach (var id in KubeBlocksObjects.ShardIdsOf(cluster, shard, sharding.Int("shards")))
                plan.Add(new($"{name}-{shard}-{id}", $"{shard}-{id}", shard, sharding.Child("template")));
        }
        return plan;
    }

    public JsonObject Labels(KubeObject cluster)
    {
        var labels = new JsonObject
        {
            [Keys.ManagedBy] = "kubeblocks",
            [Keys.Instance] = cluster.Metadata.Name,
            [Keys.ComponentName] = ShortName,
            [Keys.Definition] = Source.Text("componentDef"),
            [Keys.ServiceVersion] = Source.Text("serviceVersion"),
        };
        if (Sharding is not null)
            labels[Keys.ShardingName] = Sharding;
        return labels;
    }

    public JsonObject Spec()
    {
        var spec = new JsonObject
        {
            ["compDef"] = Source.Text("componentDef"),
            ["serviceVersion"] = Source.Text("serviceVersion"),
            ["replicas"] = Source.Int("replicas", 1),
        };
        foreach (var field in (string[])["instanceUpdateStrategy", "podUpgradePolicy", "podUpdatePolicy"])
        {
            if (Source[field] is { } value)
                spec[field] = value.DeepClone();
        }
        return spec;
    }
}
