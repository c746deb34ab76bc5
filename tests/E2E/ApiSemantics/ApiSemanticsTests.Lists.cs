using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Xunit;

namespace Rollcall.E2E.ApiSemantics;

public abstract partial class ApiSemanticsTests
{
    [Fact]
    public async Task List_InPages_BelongsToOneRevision()
    {
        foreach (var name in (string[])["a", "b", "c", "d", "e"])
            await CreateConfigMapAsync(name);
        var first = await Client.CoreV1.ListNamespacedConfigMapAsync(Ns, limit: 2, fieldSelector: "metadata.name!=kube-root-ca.crt", cancellationToken: Ct);
        Assert.Equal(["a", "b"], first.Items.Select(i => i.Metadata.Name));
        await Client.CoreV1.DeleteNamespacedConfigMapAsync("d", Ns, cancellationToken: Ct);
        await CreateConfigMapAsync("cc");

        var rest = await Client.CoreV1.ListNamespacedConfigMapAsync(Ns, limit: 9, continueParameter: first.Metadata.ContinueProperty, fieldSelector: "metadata.name!=kube-root-ca.crt", cancellationToken: Ct);
        Assert.Equal(["c", "d", "e"], rest.Items.Select(i => i.Metadata.Name));
        Assert.True(string.IsNullOrEmpty(rest.Metadata.ContinueProperty));
        Assert.Equal(first.Metadata.ResourceVersion, rest.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task List_ExpiredContinueToken_IsGone()
    {
        await CreateConfigMapAsync("a");
        await CreateConfigMapAsync("b");
        var first = await Client.CoreV1.ListNamespacedConfigMapAsync(Ns, limit: 1, cancellationToken: Ct);
        var later = await CreateConfigMapAsync("c");
        await ExpireHistoryAsync(later.Metadata.ResourceVersion);
        var status = await RefusedAsync(HttpStatusCode.Gone, () => Client.CoreV1.ListNamespacedConfigMapAsync(Ns, limit: 1, continueParameter: first.Metadata.ContinueProperty, cancellationToken: Ct));
        Assert.Equal("Expired", status.Reason);
    }

    [Theory]
    [InlineData("app=a", "1")]
    [InlineData("app==a,tier", "")]
    [InlineData("app!=a", "2 3")]
    [InlineData("app in (a,b)", "1 2")]
    [InlineData("app notin (a, b)", "3")]
    [InlineData("!tier", "1 2")]
    [InlineData("tier,!app", "3")]
    public async Task List_LabelSelector_Selects(string selector, string names)
    {
        await CreateConfigMapAsync("1", new() { ["app"] = "a", ["of"] = "test" });
        await CreateConfigMapAsync("2", new() { ["app"] = "b", ["of"] = "test" });
        await CreateConfigMapAsync("3", new() { ["tier"] = "c", ["of"] = "test" });
        var list = await Client.CoreV1.ListNamespacedConfigMapAsync(Ns, labelSelector: $"of=test,{selector}", cancellationToken: Ct);
        Assert.Equal(names, string.Join(' ', list.Items.Select(i => i.Metadata.Name)));
    }

    [Fact]
    public async Task List_FieldSelectors_SelectWhatTheKindOffers()
    {
        await CreatePodAsync("a");
        await CreatePodAsync("b");
        await Client.CoreV1.PatchNamespacedPodStatusAsync(MergePatch(new { status = new { phase = "Running" } }), "b", Ns, cancellationToken: Ct);
        async Task<string> NamesAsync(string selector) =>
            string.Join(' ', (await Client.CoreV1.ListNamespacedPodAsync(Ns, fieldSelector: selector, cancellationToken: Ct)).Items.Select(p => p.Metadata.Name));
        Assert.Equal("a", await NamesAsync("metadata.name=a"));
        Assert.Equal("b", await NamesAsync("status.phase=Running"));
        Assert.Equal("a", await NamesAsync("status.phase!=Running,spec.nodeName="));
        await RefusedAsync(HttpStatusCode.BadRequest, () => NamesAsync("spec.unheardOf=x"));
    }

    [Fact]
    public async Task List_AllNamespaces_FindsByNamespaceField()
    {
        await CreateConfigMapAsync("a");
        var list = await Client.CoreV1.ListConfigMapForAllNamespacesAsync(fieldSelector: $"metadata.namespace={Ns},metadata.name=a", cancellationToken: Ct);
        Assert.Equal(Ns, Assert.Single(list.Items).Metadata.NamespaceProperty);
    }

    [Fact]
    public async Task List_OfACustomResource_CarriesEachItemsKind()
    {
        await CreateBackupAsync("a");
        var custom = (JsonElement)await Client.CustomObjects.ListNamespacedCustomObjectAsync(BackupGroup, BackupVersion, Ns, "backups", cancellationToken: Ct);
        Assert.Equal(("BackupList", "Backup"), (custom.GetProperty("kind").GetString(), custom.GetProperty("items")[0].GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task List_OfABuiltInKind_LeavesTheItemsKindOut()
    {
        await CreateConfigMapAsync("a");
        var typed = await Client.CoreV1.ListNamespacedConfigMapAsync(Ns, cancellationToken: Ct);
        Assert.Equal("ConfigMapList", typed.Kind);
        Assert.All(typed.Items, i => Assert.Null(i.Kind));
    }

    [Fact]
    public async Task Discovery_ListsGroupsAndResources()
    {
        var groups = await Client.Apis.GetAPIVersionsAsync(Ct);
        Assert.Superset(new HashSet<string> { "apps", "policy", "coordination.k8s.io", "apps.kubeblocks.io", BackupGroup }, groups.Groups.Select(g => g.Name).ToHashSet());
        var core = await Client.CoreV1.GetAPIResourcesAsync(Ct);
        Assert.Superset(new HashSet<string> { "pods", "pods/status", "pods/exec", "pods/eviction", "events", "configmaps" }, core.Resources.Select(r => r.Name).ToHashSet());
        var apps = await Client.AppsV1.GetAPIResourcesAsync(Ct);
        var sets = Assert.Single(apps.Resources, r => r.Name == "statefulsets");
        Assert.True(sets.Namespaced);
        Assert.Contains("watch", sets.Verbs);
        Assert.Equal("StatefulSet", sets.Kind);
        Assert.StartsWith("v1.", (await Client.Version.GetCodeAsync(Ct)).GitVersion, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Discovery_KindThatIsNotInstalled_IsNotFound()
    {
        // Only within a known group does a server answer with a Status object.
        var group = await Assert.ThrowsAsync<HttpOperationException>(() => Client.CustomObjects.ListNamespacedCustomObjectAsync("nobody.example.com", "v1", Ns, "things", cancellationToken: Ct));
        Assert.Equal((HttpStatusCode.NotFound, "404 page not found\n"), (group.Response.StatusCode, group.Response.Content));
        var status = await RefusedAsync(HttpStatusCode.NotFound, () => Client.CustomObjects.ListNamespacedCustomObjectAsync("apps", "v1", Ns, "things", cancellationToken: Ct));
        Assert.Equal("NotFound", status.Reason);
    }

    [Fact]
    public async Task AccessReview_OfAnAdmin_Allows()
    {
        var review = new V1SelfSubjectAccessReview { Spec = new() { ResourceAttributes = new() { Verb = "delete", Resource = "pods", NamespaceProperty = Ns } } };
        Assert.True((await Client.AuthorizationV1.CreateSelfSubjectAccessReviewAsync(review, cancellationToken: Ct)).Status.Allowed);
    }
}
