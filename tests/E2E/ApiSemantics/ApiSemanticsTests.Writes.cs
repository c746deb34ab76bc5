using System.Net;
using k8s;
using k8s.Models;
using Xunit;

namespace Rollcall.E2E.ApiSemantics;

public abstract partial class ApiSemanticsTests
{
    [Fact]
    public async Task Create_TakenName_IsAlreadyExists()
    {
        var created = await CreateConfigMapAsync("a");
        Assert.NotEmpty(created.Metadata.Uid);
        Assert.NotEmpty(created.Metadata.ResourceVersion);
        Assert.NotNull(created.Metadata.CreationTimestamp);

        var status = await RefusedAsync(HttpStatusCode.Conflict, () => CreateConfigMapAsync("a"));
        Assert.Equal("AlreadyExists", status.Reason);
        Assert.Equal("a", status.Details.Name);
    }

    [Fact]
    public async Task Create_GenerateName_GetsANameOfItsOwn()
    {
        var map = new V1ConfigMap { Metadata = new() { GenerateName = "run-" } };
        var first = await Client.CoreV1.CreateNamespacedConfigMapAsync(map, Ns, cancellationToken: Ct);
        var second = await Client.CoreV1.CreateNamespacedConfigMapAsync(map, Ns, cancellationToken: Ct);
        Assert.Matches("^run-[a-z0-9]{5}$", first.Metadata.Name);
        Assert.NotEqual(first.Metadata.Name, second.Metadata.Name);
    }

    [Fact]
    public async Task Create_MissingNamespace_IsNotFound()
    {
        var status = await RefusedAsync(HttpStatusCode.NotFound, () =>
            Client.CoreV1.CreateNamespacedConfigMapAsync(new() { Metadata = new() { Name = "a" } }, "no-such-namespace", cancellationToken: Ct));
        Assert.Equal("namespaces", status.Details.Kind);
    }

    [Fact]
    public async Task Create_InvalidName_IsInvalid()
    {
        var status = await RefusedAsync(HttpStatusCode.UnprocessableEntity, () => CreateConfigMapAsync("Not_A_Name"));
        Assert.Equal("Invalid", status.Reason);
        Assert.Equal("metadata.name", Assert.Single(status.Details.Causes).Field);
    }

    [Fact]
    public async Task Create_DryRun_StoresNothing()
    {
        await Client.CoreV1.CreateNamespacedConfigMapAsync(new() { Metadata = new() { Name = "a" } }, Ns, dryRun: "All", cancellationToken: Ct);
        await RefusedAsync(HttpStatusCode.NotFound, () => Client.CoreV1.ReadNamespacedConfigMapAsync("a", Ns, cancellationToken: Ct));
    }

    [Fact]
    public async Task Update_StaleVersion_IsConflict()
    {
        var stale = await CreateConfigMapAsync("a");
        var fresh = await Client.CoreV1.ReadNamespacedConfigMapAsync("a", Ns, cancellationToken: Ct);
        fresh.Data["key"] = "two";
        await Client.CoreV1.ReplaceNamespacedConfigMapAsync(fresh, "a", Ns, cancellationToken: Ct);

        stale.Data["key"] = "three";
        var status = await RefusedAsync(HttpStatusCode.Conflict, () => Client.CoreV1.ReplaceNamespacedConfigMapAsync(stale, "a", Ns, cancellationToken: Ct));
        Assert.Equal("Conflict", status.Reason);
        Assert.Equal("two", (await Client.CoreV1.ReadNamespacedConfigMapAsync("a", Ns, cancellationToken: Ct)).Data["key"]);
    }

    [Fact]
    public async Task Update_NothingChanged_KeepsTheVersion()
    {
        var created = await CreateConfigMapAsync("a");
        var updated = await Client.CoreV1.ReplaceNamespacedConfigMapAsync(created, "a", Ns, cancellationToken: Ct);
        Assert.Equal(created.Metadata.ResourceVersion, updated.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Update_OtherUid_IsConflict()
    {
        var created = await CreateConfigMapAsync("a");
        created.Metadata.Uid = "11111111-1111-1111-1111-111111111111";
        created.Metadata.ResourceVersion = null;
        var status = await RefusedAsync(HttpStatusCode.Conflict, () => Client.CoreV1.ReplaceNamespacedConfigMapAsync(created, "a", Ns, cancellationToken: Ct));
        Assert.Equal("Conflict", status.Reason);
    }

    [Fact]
    public async Task Update_CustomResourceWithoutVersion_IsInvalid()
    {
        var backup = await CreateBackupAsync("a");
        backup.Metadata.ResourceVersion = null;
        await RefusedAsync(HttpStatusCode.UnprocessableEntity, () =>
            Client.CustomObjects.ReplaceNamespacedCustomObjectAsync(backup, BackupGroup, BackupVersion, Ns, "backups", "a", cancellationToken: Ct));
    }

    [Fact]
    public async Task Generation_SpecChanges_AreCounted()
    {
        var set = await CreateStatefulSetAsync("db");
        Assert.Equal(1, set.Metadata.Generation);
        var labelled = await Client.AppsV1.PatchNamespacedStatefulSetAsync(MergePatch(new { metadata = new { labels = new { a = "b" } } }), "db", Ns, cancellationToken: Ct);
        Assert.Equal(1, labelled.Metadata.Generation);
        var changed = await Client.AppsV1.PatchNamespacedStatefulSetAsync(MergePatch(new { spec = new { updateStrategy = new { rollingUpdate = new { partition = 3 } } } }), "db", Ns, cancellationToken: Ct);
        Assert.Equal(2, changed.Metadata.Generation);
        var status = await Client.AppsV1.PatchNamespacedStatefulSetStatusAsync(MergePatch(new { status = new { replicas = 0, observedGeneration = 1 } }), "db", Ns, cancellationToken: Ct);
        Assert.Equal(2, status.Metadata.Generation);
    }

    [Fact]
    public async Task Status_OfACustomResource_IsASubresource()
    {
        var backup = await CreateBackupAsync("a");
        backup.Status = new() { Phase = "Running" };
        backup.Spec.BackupPolicyName = "hourly";
        var throughMain = await Client.CustomObjects.ReplaceNamespacedCustomObjectAsync<Backup>(backup, BackupGroup, BackupVersion, Ns, "backups", "a", cancellationToken: Ct);
        Assert.Null(throughMain.Status?.Phase);
        Assert.Equal(("hourly", 2), (throughMain.Spec.BackupPolicyName, throughMain.Metadata.Generation));

        throughMain.Status = new() { Phase = "Running" };
        throughMain.Spec.BackupPolicyName = "daily";
        throughMain.Metadata.Labels = new Dictionary<string, string> { ["a"] = "b" };
        var throughStatus = await Client.CustomObjects.ReplaceNamespacedCustomObjectStatusAsync<Backup>(throughMain, BackupGroup, BackupVersion, Ns, "backups", "a", cancellationToken: Ct);
        Assert.Equal("Running", throughStatus.Status?.Phase);
        Assert.Equal(("hourly", 2), (throughStatus.Spec.BackupPolicyName, throughStatus.Metadata.Generation));
        Assert.Null(throughStatus.Metadata.Labels);
    }

    [Fact]
    public async Task Status_OfAPod_LetsLabelsThroughButNoSpec()
    {
        await CreatePodAsync("db-0");
        var patch = MergePatch(new { metadata = new { labels = new { role = "primary" } }, spec = new { terminationGracePeriodSeconds = 5 }, status = new { phase = "Running" } });
        var pod = await Client.CoreV1.PatchNamespacedPodStatusAsync(patch, "db-0", Ns, cancellationToken: Ct);
        Assert.Equal(("Running", "primary", 30), (pod.Status.Phase, pod.Metadata.Labels["role"], pod.Spec.TerminationGracePeriodSeconds));
    }

    [Fact]
    public async Task StatefulSet_OnDeleteBesideADefaultedPartition_IsInvalid()
    {
        var set = await CreateStatefulSetAsync("db");
        Assert.Equal(("RollingUpdate", 0), (set.Spec.UpdateStrategy.Type, set.Spec.UpdateStrategy.RollingUpdate.Partition));

        var careless = MergePatch(new { spec = new { updateStrategy = new { type = "OnDelete" } } });
        await RefusedAsync(HttpStatusCode.UnprocessableEntity, () => Client.AppsV1.PatchNamespacedStatefulSetAsync(careless, "db", Ns, cancellationToken: Ct));
        var careful = MergePatch(new { spec = new { updateStrategy = new { type = "OnDelete", rollingUpdate = (object?)null } } });
        var held = await Client.AppsV1.PatchNamespacedStatefulSetAsync(careful, "db", Ns, cancellationToken: Ct);
        Assert.Equal("OnDelete", held.Spec.UpdateStrategy.Type);
        Assert.Null(held.Spec.UpdateStrategy.RollingUpdate);
    }

    [Fact]
    public async Task StatefulSet_ImmutableField_IsInvalid()
    {
        await CreateStatefulSetAsync("db");
        await RefusedAsync(HttpStatusCode.UnprocessableEntity, () =>
            Client.AppsV1.PatchNamespacedStatefulSetAsync(MergePatch(new { spec = new { serviceName = "other" } }), "db", Ns, cancellationToken: Ct));
    }

    [Fact]
    public async Task Pod_ImageMayChangeAndCommandMayNot()
    {
        await CreatePodAsync("db-0");
        var image = await Client.CoreV1.PatchNamespacedPodAsync(JsonPatch("""[{"op":"replace","path":"/spec/containers/0/image","value":"db:2"}]"""), "db-0", Ns, cancellationToken: Ct);
        Assert.Equal("db:2", image.Spec.Containers[0].Image);
        await RefusedAsync(HttpStatusCode.UnprocessableEntity, () =>
            Client.CoreV1.PatchNamespacedPodAsync(JsonPatch("""[{"op":"add","path":"/spec/containers/0/command","value":["sh"]}]"""), "db-0", Ns, cancellationToken: Ct));
    }

    [Fact]
    public async Task ManagedFields_NameTheWriter()
    {
        await CreateConfigMapAsync("a");
        var patched = await Client.CoreV1.PatchNamespacedConfigMapAsync(MergePatch(new { data = new { key = "two" } }), "a", Ns, fieldManager: "argocd-controller", cancellationToken: Ct);
        var entry = Assert.Single(patched.Metadata.ManagedFields, f => f.Manager == "argocd-controller");
        Assert.Equal(("Update", "v1"), (entry.Operation, entry.ApiVersion));
        Assert.Contains("f:key", entry.FieldsV1.ToString(), StringComparison.Ordinal);
    }
}
