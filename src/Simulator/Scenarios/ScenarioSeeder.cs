using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Rollcall.Simulator.Operators.Machinery;
using Rollcall.Simulator.Operators.Nodes;

namespace Rollcall.Simulator.Scenarios;

/// <summary>Creates a scenario's objects through the API. What is there already stays as it is.</summary>
internal sealed class ScenarioSeeder(IKubernetes client, Scenario scenario, ILogger log)
{
    private const int AtOnce = 8;

    public async Task SeedAsync(bool kubeBlocks, CancellationToken ct)
    {
        await CreateNamespaceAsync(scenario.Namespace, ct);
        var objects = StatefulSetObjects.For(scenario);
        foreach (var node in scenario.Nodes)
            await CreateNodeAsync(node.ToNode(), ct);
        await Parallel.ForEachAsync(objects.Services, Options(ct), async (service, token) =>
            await Writing.UnlessExistsAsync(() => client.CoreV1.CreateNamespacedServiceAsync(service, scenario.Namespace, cancellationToken: token)));
        await CreateBudgetsAsync([.. objects.Budgets, .. kubeBlocks ? KubeBlocksSeeds.Budgets(scenario) : []], ct);
        await Parallel.ForEachAsync(objects.StatefulSets, Options(ct), async (set, token) =>
            await Writing.UnlessExistsAsync(() => client.AppsV1.CreateNamespacedStatefulSetAsync(set, scenario.Namespace, cancellationToken: token)));
        if (kubeBlocks && scenario.KubeBlocks is { } spec)
            await SeedKubeBlocksAsync(spec, ct);
        Log.ScenarioSeeded(log, scenario.Name, objects.StatefulSets.Count + (kubeBlocks ? scenario.KubeBlocks?.Clusters.Count ?? 0 : 0), scenario.Namespace);
    }

    private async Task SeedKubeBlocksAsync(KubeBlocksSpec spec, CancellationToken ct)
    {
        await CreateNamespaceAsync(KubeBlocksSeeds.SystemNamespace, ct);
        await Writing.UnlessExistsAsync(() =>
            client.AppsV1.CreateNamespacedDeploymentAsync(KubeBlocksSeeds.VersionMarker(spec.Version), KubeBlocksSeeds.SystemNamespace, cancellationToken: ct));
        foreach (var definition in spec.Definitions)
            await client.CreateAsync(ResourceKind.ComponentDefinition, KubeBlocksSeeds.Definition(definition), ct);
        foreach (var version in spec.Versions)
            await client.CreateAsync(ResourceKind.ComponentVersion, KubeBlocksSeeds.Version(version), ct);
        foreach (var cluster in spec.Clusters)
            await client.CreateAsync(ResourceKind.Cluster, KubeBlocksSeeds.Cluster(scenario.Namespace, cluster), ct);
    }

    private Task<bool> CreateNamespaceAsync(string name, CancellationToken ct) => Writing.UnlessExistsAsync(() =>
        client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new() { Name = name } }, cancellationToken: ct));

    private async Task CreateNodeAsync(SimulatedNode node, CancellationToken ct)
    {
        var created = new V1Node
        {
            Metadata = new()
            {
                Name = node.Name,
                Labels = new Dictionary<string, string>
                {
                    ["kubernetes.io/hostname"] = node.Name, ["topology.kubernetes.io/zone"] = node.Zone, ["topology.kubernetes.io/region"] = "region-1",
                },
            },
        };
        await Writing.UnlessExistsAsync(() => client.CoreV1.CreateNodeAsync(created, cancellationToken: ct));
        var status = new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True", ["reason"] = "KubeletReady", ["message"] = "kubelet is posting ready status" }),
                ["capacity"] = new JsonObject { ["cpu"] = "16", ["memory"] = "64Gi", ["pods"] = "5000" },
                ["allocatable"] = new JsonObject { ["cpu"] = "16", ["memory"] = "64Gi", ["pods"] = "5000" },
            },
        };
        await client.CoreV1.PatchNodeStatusAsync(Writing.Merge(status), node.Name, cancellationToken: ct);
    }

    /// <summary>As policy/v1 where the server has it, else as v1beta1 (before Kubernetes 1.21), which has no class in the client.</summary>
    private async Task CreateBudgetsAsync(IReadOnlyList<JsonObject> budgets, CancellationToken ct)
    {
        if (budgets.Count == 0)
            return;
        var version = await ServesPolicyV1Async(ct) ? "v1" : "v1beta1";
        var kind = new ResourceKind("policy", version, "poddisruptionbudgets", "PodDisruptionBudget");
        await Parallel.ForEachAsync(budgets, Options(ct), async (budget, token) => await client.CreateAsync(kind, budget, token));
    }

    private async Task<bool> ServesPolicyV1Async(CancellationToken ct)
    {
        try
        {
            var resources = await client.PolicyV1.GetAPIResourcesAsync(ct);
            return resources.Resources.Any(r => r.Name == "poddisruptionbudgets");
        }
        catch (HttpOperationException error) when (error.Response.StatusCode is HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private static ParallelOptions Options(CancellationToken ct) => new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct };
}
