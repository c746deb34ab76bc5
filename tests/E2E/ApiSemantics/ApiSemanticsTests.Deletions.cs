using System.Net;
using k8s;
using k8s.Models;
using Rollcall.E2E.Support;
using Xunit;

namespace Rollcall.E2E.ApiSemantics;

public abstract partial class ApiSemanticsTests
{
    [Fact]
    public async Task Delete_FailedPrecondition_IsConflict()
    {
        var map = await CreateConfigMapAsync("a");
        foreach (var preconditions in (V1Preconditions[])[new() { Uid = "11111111-1111-1111-1111-111111111111" }, new() { Uid = map.Metadata.Uid, ResourceVersion = "1" }])
        {
            var status = await RefusedAsync(HttpStatusCode.Conflict, () =>
                Client.CoreV1.DeleteNamespacedConfigMapAsync("a", Ns, new() { Preconditions = preconditions }, cancellationToken: Ct));
            Assert.Equal("Conflict", status.Reason);
        }

        var kept = new V1Preconditions { Uid = map.Metadata.Uid, ResourceVersion = map.Metadata.ResourceVersion };
        await Client.CoreV1.DeleteNamespacedConfigMapAsync("a", Ns, new() { Preconditions = kept }, cancellationToken: Ct);
        await RefusedAsync(HttpStatusCode.NotFound, () => Client.CoreV1.DeleteNamespacedConfigMapAsync("a", Ns, cancellationToken: Ct));
    }

    [Fact]
    public async Task Delete_WithAFinalizer_WaitsForIt()
    {
        var map = new V1ConfigMap { Metadata = new() { Name = "a", Finalizers = ["example.com/hold"] } };
        var created = await Client.CoreV1.CreateNamespacedConfigMapAsync(map, Ns, cancellationToken: Ct);
        await using var watch = WatchMaps(created.Metadata.ResourceVersion);
        await Client.CoreV1.DeleteNamespacedConfigMapAsync("a", Ns, cancellationToken: Ct);
        var marked = await watch.NextAsync(NotRootCa);
        Assert.Equal(WatchEventType.Modified, marked.Type);
        Assert.NotNull(marked.Object.Metadata.DeletionTimestamp);

        await RefusedAsync(HttpStatusCode.UnprocessableEntity, () =>
            Client.CoreV1.PatchNamespacedConfigMapAsync(MergePatch(new { metadata = new { finalizers = (string[])["example.com/hold", "example.com/more"] } }), "a", Ns, cancellationToken: Ct));
        await Client.CoreV1.PatchNamespacedConfigMapAsync(new("""{"metadata":{"finalizers":null}}""", V1Patch.PatchType.MergePatch), "a", Ns, cancellationToken: Ct);
        Assert.Equal(WatchEventType.Deleted, (await watch.NextAsync(NotRootCa)).Type);
    }

    [Fact]
    public async Task Delete_PodOnANode_WaitsForTheKubelet()
    {
        await EnsureNodeAsync();
        var pod = await CreatePodAsync("db-0", NodeName);
        await Client.CoreV1.DeleteNamespacedPodAsync("db-0", Ns, new() { Preconditions = new() { Uid = pod.Metadata.Uid } }, cancellationToken: Ct);
        var terminating = await Client.CoreV1.ReadNamespacedPodAsync("db-0", Ns, cancellationToken: Ct);
        Assert.NotNull(terminating.Metadata.DeletionTimestamp);
        Assert.Equal(30, terminating.Metadata.DeletionGracePeriodSeconds);

        // What a kubelet does when the containers are gone.
        await Client.CoreV1.DeleteNamespacedPodAsync("db-0", Ns, new() { GracePeriodSeconds = 0, Preconditions = new() { Uid = pod.Metadata.Uid } }, cancellationToken: Ct);
        await RefusedAsync(HttpStatusCode.NotFound, () => Client.CoreV1.ReadNamespacedPodAsync("db-0", Ns, cancellationToken: Ct));
    }

    [Fact]
    public async Task Delete_PodWithoutANode_IsImmediate()
    {
        await CreatePodAsync("db-0");
        await Client.CoreV1.DeleteNamespacedPodAsync("db-0", Ns, cancellationToken: Ct);
        await RefusedAsync(HttpStatusCode.NotFound, () => Client.CoreV1.ReadNamespacedPodAsync("db-0", Ns, cancellationToken: Ct));
    }

    [Theory]
    [InlineData("Background")]
    [InlineData("Foreground")]
    public async Task Delete_Owner_TakesItsDependents(string propagation)
    {
        var owner = await CreateConfigMapAsync("owner");
        var start = await CreateDependentAsync(owner);
        await using var watch = WatchMaps(start.Metadata.ResourceVersion);
        await Client.CoreV1.DeleteNamespacedConfigMapAsync("owner", Ns, new() { PropagationPolicy = propagation }, cancellationToken: Ct);

        var order = new List<string>();
        while (order.Count < 2)
            order.Add((await watch.NextAsync((type, _) => type == WatchEventType.Deleted)).Object.Metadata.Name);
        Assert.Equal(propagation == "Foreground" ? ["dependent", "owner"] : ["owner", "dependent"], order);
    }

    [Fact]
    public async Task Delete_OwnerAsOrphan_LeavesItsDependents()
    {
        var owner = await CreateConfigMapAsync("owner");
        var start = await CreateDependentAsync(owner);
        await using var watch = WatchMaps(start.Metadata.ResourceVersion);
        await Client.CoreV1.DeleteNamespacedConfigMapAsync("owner", Ns, new() { PropagationPolicy = "Orphan" }, cancellationToken: Ct);
        await watch.NextAsync((type, map) => type == WatchEventType.Deleted && map.Metadata.Name == "owner");
        var dependent = await Client.CoreV1.ReadNamespacedConfigMapAsync("dependent", Ns, cancellationToken: Ct);
        Assert.Null(dependent.Metadata.OwnerReferences);
        Assert.Null(dependent.Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task DeleteCollection_Selector_LimitsIt()
    {
        await CreateConfigMapAsync("a", new() { ["run"] = "1" });
        await CreateConfigMapAsync("b", new() { ["run"] = "2" });
        await Client.CoreV1.DeleteCollectionNamespacedConfigMapAsync(Ns, labelSelector: "run=1", cancellationToken: Ct);
        var left = await Client.CoreV1.ListNamespacedConfigMapAsync(Ns, labelSelector: "run", cancellationToken: Ct);
        Assert.Equal("b", Assert.Single(left.Items).Metadata.Name);
    }

    [Fact]
    public async Task Delete_Namespace_TakesItsContentAndRefusesMore()
    {
        var held = await Client.CoreV1.CreateNamespacedConfigMapAsync(new() { Metadata = new() { Name = "held", Finalizers = ["example.com/hold"] } }, Ns, cancellationToken: Ct);
        await using var watch = WatchMaps(held.Metadata.ResourceVersion);
        await Client.CoreV1.DeleteNamespaceAsync(Ns, cancellationToken: Ct);
        await watch.NextAsync((_, map) => map.Metadata is { Name: "held", DeletionTimestamp: not null });
        var status = await RefusedAsync(HttpStatusCode.Forbidden, () => CreateConfigMapAsync("late"));
        Assert.Equal("Forbidden", status.Reason);

        var space = await Client.CoreV1.ReadNamespaceAsync(Ns, cancellationToken: Ct);
        Assert.Equal("Terminating", space.Status.Phase);
        await using var spaces = new WatchReader<V1Namespace>((onError, ct) => Client.CoreV1.WatchListNamespaceAsync(
            fieldSelector: $"metadata.name={Ns}", resourceVersion: space.Metadata.ResourceVersion, onError: onError, cancellationToken: ct));
        await Client.CoreV1.PatchNamespacedConfigMapAsync(new("""{"metadata":{"finalizers":null}}""", V1Patch.PatchType.MergePatch), "held", Ns, cancellationToken: Ct);
        await spaces.NextAsync((type, _) => type == WatchEventType.Deleted);
    }

    private Task<V1ConfigMap> CreateDependentAsync(V1ConfigMap owner)
    {
        var reference = new V1OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = owner.Metadata.Name, Uid = owner.Metadata.Uid, BlockOwnerDeletion = true };
        return Client.CoreV1.CreateNamespacedConfigMapAsync(new() { Metadata = new() { Name = "dependent", OwnerReferences = [reference] } }, Ns, cancellationToken: Ct);
    }
}
