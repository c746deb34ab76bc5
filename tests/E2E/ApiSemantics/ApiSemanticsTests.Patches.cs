using System.Net;
using k8s;
using k8s.Models;
using Xunit;

namespace Rollcall.E2E.ApiSemantics;

public abstract partial class ApiSemanticsTests
{
    [Fact]
    public async Task JsonPatch_FailedTest_IsInvalidAndChangesNothing()
    {
        await CreateConfigMapAsync("a");
        var patch = JsonPatch("""[{"op":"test","path":"/data/key","value":"other"},{"op":"replace","path":"/data/key","value":"two"}]""");
        var status = await RefusedAsync(HttpStatusCode.UnprocessableEntity, () => Client.CoreV1.PatchNamespacedConfigMapAsync(patch, "a", Ns, cancellationToken: Ct));
        Assert.Equal("Invalid", status.Reason);
        Assert.Equal("one", (await Client.CoreV1.ReadNamespacedConfigMapAsync("a", Ns, cancellationToken: Ct)).Data["key"]);
    }

    [Fact]
    public async Task JsonPatch_MissingPath_IsInvalid()
    {
        await CreateConfigMapAsync("a");
        foreach (var patch in (string[])["""[{"op":"remove","path":"/data/none"}]""", """[{"op":"add","path":"/none/x","value":"x"}]"""])
            await RefusedAsync(HttpStatusCode.UnprocessableEntity, () => Client.CoreV1.PatchNamespacedConfigMapAsync(JsonPatch(patch), "a", Ns, cancellationToken: Ct));
    }

    [Fact]
    public async Task JsonPatch_AllOperations_Apply()
    {
        await CreateConfigMapAsync("a");
        var patch = JsonPatch(
            """
            [{"op":"test","path":"/data/key","value":"one"},
             {"op":"add","path":"/metadata/labels","value":{"rollcall.dev/shard":"0"}},
             {"op":"replace","path":"/metadata/labels/rollcall.dev~1shard","value":"1"},
             {"op":"copy","from":"/data/key","path":"/data/copy"},
             {"op":"move","from":"/data/key","path":"/data/moved"},
             {"op":"add","path":"/metadata/finalizers","value":["example.com/b"]},
             {"op":"add","path":"/metadata/finalizers/0","value":"example.com/a"},
             {"op":"add","path":"/metadata/finalizers/-","value":"example.com/c"},
             {"op":"remove","path":"/metadata/finalizers/1"}]
            """);
        var map = await Client.CoreV1.PatchNamespacedConfigMapAsync(patch, "a", Ns, cancellationToken: Ct);
        Assert.Equal("1", map.Metadata.Labels["rollcall.dev/shard"]);
        Assert.Equal(new Dictionary<string, string> { ["copy"] = "one", ["moved"] = "one" }, map.Data);
        Assert.Equal(["example.com/a", "example.com/c"], map.Metadata.Finalizers);
    }

    [Fact]
    public async Task MergePatch_Null_Deletes()
    {
        await CreateConfigMapAsync("a", new() { ["keep"] = "1", ["drop"] = "1" });
        var map = await Client.CoreV1.PatchNamespacedConfigMapAsync(new("""{"metadata":{"labels":{"drop":null,"new":"1"}},"data":null}""", V1Patch.PatchType.MergePatch), "a", Ns, cancellationToken: Ct);
        Assert.Equal(["keep", "new"], map.Metadata.Labels.Keys.Order());
        Assert.Null(map.Data);
    }

    [Fact]
    public async Task Patch_WithAStaleVersion_IsConflict()
    {
        var created = await CreateConfigMapAsync("a");
        await Client.CoreV1.PatchNamespacedConfigMapAsync(MergePatch(new { data = new { key = "two" } }), "a", Ns, cancellationToken: Ct);
        var stale = MergePatch(new { metadata = new { resourceVersion = created.Metadata.ResourceVersion }, data = new { key = "three" } });
        var status = await RefusedAsync(HttpStatusCode.Conflict, () => Client.CoreV1.PatchNamespacedConfigMapAsync(stale, "a", Ns, cancellationToken: Ct));
        Assert.Equal("Conflict", status.Reason);
    }

    [Fact]
    public async Task StrategicPatch_ListsWithAKey_AreMerged()
    {
        await CreateStatefulSetAsync("db");
        var patch = new V1Patch(
            """
            {"spec":{"template":{"spec":{"containers":[
              {"name":"db","image":"db:2","env":[{"name":"A","value":"1"}]},
              {"name":"sidecar","$patch":"delete"},
              {"name":"proxy","image":"proxy:1"}]}}}}
            """, V1Patch.PatchType.StrategicMergePatch);
        var set = await Client.AppsV1.PatchNamespacedStatefulSetAsync(patch, "db", Ns, cancellationToken: Ct);
        Assert.Equal(["db:2", "proxy:1"], set.Spec.Template.Spec.Containers.Select(c => c.Image).Order());
        Assert.Equal("A", Assert.Single(set.Spec.Template.Spec.Containers.Single(c => c.Name == "db").Env).Name);
    }

    [Fact]
    public async Task StrategicPatch_Conditions_AreMergedByType()
    {
        await CreatePodAsync("db-0");
        foreach (var condition in (string[])["Ready", "ContainersReady"])
        {
            var body = $$$"""{"status":{"conditions":[{"type":"{{{condition}}}","status":"True"}]}}""";
            await Client.CoreV1.PatchNamespacedPodStatusAsync(new(body, V1Patch.PatchType.StrategicMergePatch), "db-0", Ns, cancellationToken: Ct);
        }

        var pod = await Client.CoreV1.ReadNamespacedPodAsync("db-0", Ns, cancellationToken: Ct);
        Assert.Equal(["ContainersReady", "Ready"], pod.Status.Conditions.Select(c => c.Type).Order());
    }

    [Fact]
    public async Task StrategicPatch_OfACustomResource_IsUnsupported()
    {
        await CreateBackupAsync("a");
        var patch = new V1Patch("""{"spec":{"backupMethod":"other"}}""", V1Patch.PatchType.StrategicMergePatch);
        await RefusedAsync(HttpStatusCode.UnsupportedMediaType, () =>
            Client.CustomObjects.PatchNamespacedCustomObjectAsync(patch, BackupGroup, BackupVersion, Ns, "backups", "a", cancellationToken: Ct));
    }

    [Fact]
    public async Task ApplyPatch_CreatesThenMerges()
    {
        var first = new V1Patch("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"1"}}""", V1Patch.PatchType.ApplyPatch);
        await Client.CoreV1.PatchNamespacedConfigMapAsync(first, "a", Ns, fieldManager: "rollcall", cancellationToken: Ct);
        var second = new V1Patch("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"1","y":"2"}}""", V1Patch.PatchType.ApplyPatch);
        var map = await Client.CoreV1.PatchNamespacedConfigMapAsync(second, "a", Ns, fieldManager: "rollcall", cancellationToken: Ct);
        Assert.Equal(new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" }, map.Data);
        Assert.Equal("Apply", Assert.Single(map.Metadata.ManagedFields).Operation);
    }
}
