using System.Globalization;
using System.Text.Json.Nodes;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>A Cluster's status, composed from its Components.</summary>
internal static class ClusterStatus
{
    public static JsonObject Of(KubeObject cluster, IReadOnlyList<ComponentPlan> plan, ObjectCache<KubeObject> components, DateTimeOffset now)
    {
        var generation = cluster.Metadata.Generation ?? 1;
        JsonObject byComponent = [], bySharding = [];
        List<string> phases = [];
        var observed = generation;
        foreach (var group in plan.GroupBy(p => p.Sharding ?? p.ShortName))
        {
            var members = group.Select(p => components.Find(ObjectKey.Of(cluster.Metadata.NamespaceProperty, p.ObjectName))).ToList();
            var built = members.Select(m => m is not null && long.TryParse(m.Metadata.Annotation(Keys.Generation), CultureInfo.InvariantCulture, out var at) ? at : 0).ToList();
            var phase = Compose([.. members.Select(m => m?.Status.Text("phase") is { Length: > 0 } p ? p : "Creating")], "Creating");
            if (group.First().Sharding is not null && phase is "Abnormal")
                phase = "Failed";
            phases.Add(phase);
            observed = Math.Min(observed, built.Min());
            var status = new JsonObject
            {
                ["phase"] = phase,
                ["observedGeneration"] = built.Min(),
                ["upToDate"] = members.All(m => m is not null && m.Status.Long("observedGeneration") == (m.Metadata.Generation ?? 1)) && built.Min() == generation,
            };
            (group.First().Sharding is null ? byComponent : bySharding)[group.Key] = status;
        }
        var composed = Compose(phases, cluster.Status.Text("phase") is { Length: > 0 } before ? before : "Creating");
        var ready = composed is "Running";
        var result = new JsonObject
        {
            ["observedGeneration"] = observed,
            ["phase"] = composed,
            ["conditions"] = KubeBlocksObjects.Conditions(cluster, now,
                ("ProvisioningStarted", true, "PreCheckSucceed", $"The operator has started the provisioning of Cluster: {cluster.Metadata.Name}"),
                ("ApplyResources", true, "ApplyResourcesSucceed", "Successfully applied for resources"),
                ("Ready", ready, ready ? "ClusterReady" : "ComponentsNotReady", ready ? "Cluster is ready" : "some components are not ready")),
        };
        if (byComponent.Count > 0)
            result["components"] = byComponent;
        if (bySharding.Count > 0)
            result["shardings"] = bySharding;
        return result;
    }

    public static string Compose(IReadOnlyList<string> phases, string before)
    {
        bool All(params string[] allowed) => phases.All(allowed.Contains);
        if (All("Stopped"))
            return "Stopped";
        if (All("Running", "Stopped"))
            return "Running";
        if (All("Creating"))
            return "Creating";
        if (All("Creating", "Running", "Updating") || phases.Contains("Starting"))
            return "Updating";
        if (phases.Contains("Stopping"))
            return "Stopping";
        if (All("Failed"))
            return "Failed";
        return phases.Any(p => p is "Failed" or "Abnormal") ? "Abnormal" : before;
    }
}
