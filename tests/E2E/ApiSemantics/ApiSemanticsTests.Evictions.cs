using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Rollcall.E2E.Support;
using Xunit;

namespace Rollcall.E2E.ApiSemantics;

public abstract partial class ApiSemanticsTests
{
    private const string NodeName = "node-of-tests";

    [Fact]
    public async Task Evict_WithinTheBudget_DeletesOnceAndThenNamesTheBudget()
    {
        await EnsureNodeAsync();
        foreach (var name in (string[])["db-0", "db-1", "db-2"])
            await CreateReadyPodAsync(name);
        var policy = await CreateBudgetAsync("keep-two", """{"minAvailable":2,"selector":{"matchLabels":{"app":"db"}}}""", allowed: 1);

        await EvictAsync("db-2", policy);
        Assert.NotNull((await Client.CoreV1.ReadNamespacedPodAsync("db-2", Ns, cancellationToken: Ct)).Metadata.DeletionTimestamp);

        // At first the controller may still have the first eviction to see, which is a 429 too; only a watched status is certain.
        await AwaitBudgetAsync(policy, "keep-two", allowed: 0);
        var status = await RefusedAsync(HttpStatusCode.TooManyRequests, () => EvictAsync("db-1", policy));
        Assert.Equal("TooManyRequests", status.Reason);
        var cause = Assert.Single(status.Details.Causes);
        Assert.Equal("DisruptionBudget", cause.Reason);
        Assert.Contains("keep-two needs 2 healthy pods and has 2 currently", cause.Message, StringComparison.Ordinal);
        Assert.Null((await Client.CoreV1.ReadNamespacedPodAsync("db-1", Ns, cancellationToken: Ct)).Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task Evict_PendingPod_AsksNoBudget()
    {
        await CreatePodAsync("db-0", labels: new() { ["app"] = "db" });
        var policy = await CreateBudgetAsync("keep-all", """{"minAvailable":1,"selector":{"matchLabels":{"app":"db"}}}""", allowed: 0);
        await EvictAsync("db-0", policy);
        await RefusedAsync(HttpStatusCode.NotFound, () => Client.CoreV1.ReadNamespacedPodAsync("db-0", Ns, cancellationToken: Ct));
    }

    [Fact]
    public async Task Evict_OtherUid_IsConflict()
    {
        await EnsureNodeAsync();
        await CreateReadyPodAsync("db-0");
        var policy = await PolicyVersionAsync();
        var options = new V1DeleteOptions { Preconditions = new() { Uid = "11111111-1111-1111-1111-111111111111" } };
        await RefusedAsync(HttpStatusCode.Conflict, () => EvictAsync("db-0", policy, options));
        Assert.Null((await Client.CoreV1.ReadNamespacedPodAsync("db-0", Ns, cancellationToken: Ct)).Metadata.DeletionTimestamp);
    }

    // Which version of the policy group a server has is asked, never assumed: old servers take v1beta1 only.
    private async Task<string> PolicyVersionAsync()
    {
        var groups = await Client.Apis.GetAPIVersionsAsync(Ct);
        return groups.Groups.Single(g => g.Name == "policy").PreferredVersion.Version;
    }

    private Task<V1Eviction> EvictAsync(string pod, string policy, V1DeleteOptions? options = null) => Client.CoreV1.CreateNamespacedPodEvictionAsync(
        new() { ApiVersion = $"policy/{policy}", Kind = "Eviction", Metadata = new() { Name = pod, NamespaceProperty = Ns }, DeleteOptions = options }, pod, Ns, cancellationToken: Ct);

    private async Task<string> CreateBudgetAsync(string name, string spec, int allowed)
    {
        var policy = await PolicyVersionAsync();
        var budget = JsonElement.Parse($$"""{"apiVersion":"policy/{{policy}}","kind":"PodDisruptionBudget","metadata":{"name":"{{name}}"},"spec":{{spec}} }""");
        await Client.CustomObjects.CreateNamespacedCustomObjectAsync(budget, "policy", policy, Ns, "poddisruptionbudgets", cancellationToken: Ct);
        await AwaitBudgetAsync(policy, name, allowed);
        return policy;
    }

    // Observed, and settled: nobody's eviction is still to be seen.
    private async Task AwaitBudgetAsync(string policy, string name, int allowed)
    {
        await using var watch = new WatchReader<object>((onError, ct) => Client.CustomObjects.WatchListNamespacedCustomObjectAsync(
            "policy", policy, Ns, "poddisruptionbudgets", fieldSelector: $"metadata.name={name}", onError: onError, cancellationToken: ct));
        await watch.NextAsync((type, item) =>
        {
            var budget = (JsonElement)item;
            return budget.TryGetProperty("status", out var status)
                && status.TryGetProperty("observedGeneration", out _)
                && status.GetProperty("disruptionsAllowed").GetInt32() == allowed
                && !(status.TryGetProperty("disruptedPods", out var pods) && pods.ValueKind == JsonValueKind.Object && pods.EnumerateObject().Any());
        });
    }

    private async Task EnsureNodeAsync()
    {
        try
        {
            await Client.CoreV1.CreateNodeAsync(new() { Metadata = new() { Name = NodeName } }, cancellationToken: Ct);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // Another test of the class made it.
        }
    }

    private async Task CreateReadyPodAsync(string name)
    {
        await CreatePodAsync(name, NodeName, new() { ["app"] = "db" });
        var ready = MergePatch(new { status = new { phase = "Running", conditions = new[] { new { type = "Ready", status = "True" } } } });
        await Client.CoreV1.PatchNamespacedPodStatusAsync(ready, name, Ns, cancellationToken: Ct);
    }
}
