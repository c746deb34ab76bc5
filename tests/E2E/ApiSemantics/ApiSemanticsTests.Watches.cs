using k8s;
using k8s.Models;
using Rollcall.E2E.Support;
using Xunit;

namespace Rollcall.E2E.ApiSemantics;

public abstract partial class ApiSemanticsTests
{
    [Fact]
    public async Task Watch_FromAVersion_SeesEverythingAfterItOnce()
    {
        await CreateConfigMapAsync("before");
        var start = (await Client.CoreV1.ListNamespacedConfigMapAsync(Ns, cancellationToken: Ct)).Metadata.ResourceVersion;
        await CreateConfigMapAsync("a");
        await Client.CoreV1.PatchNamespacedConfigMapAsync(MergePatch(new { data = new { key = "two" } }), "a", Ns, cancellationToken: Ct);

        await using var watch = WatchMaps(start);
        var added = await watch.NextAsync(NotRootCa);
        Assert.Equal((WatchEventType.Added, "a", "one"), (added.Type, added.Object.Metadata.Name, added.Object.Data["key"]));
        Assert.Equal("ConfigMap", added.Object.Kind);
        var modified = await watch.NextAsync(NotRootCa);
        Assert.Equal((WatchEventType.Modified, "two"), (modified.Type, modified.Object.Data["key"]));

        await Client.CoreV1.DeleteNamespacedConfigMapAsync("a", Ns, cancellationToken: Ct);
        var deleted = await watch.NextAsync(NotRootCa);
        Assert.Equal((WatchEventType.Deleted, "two"), (deleted.Type, deleted.Object.Data["key"]));
        Assert.True(VersionOf(deleted.Object) > VersionOf(modified.Object));
        Assert.True(VersionOf(modified.Object) > VersionOf(added.Object));
    }

    [Fact]
    public async Task Watch_WithoutAVersion_BeginsWithWhatIsThere()
    {
        await CreateConfigMapAsync("a", new() { ["w"] = "1" });
        await using var watch = WatchMaps(null, "w");
        var first = await watch.NextAsync();
        Assert.Equal((WatchEventType.Added, "a"), (first.Type, first.Object.Metadata.Name));
        await CreateConfigMapAsync("b", new() { ["w"] = "1" });
        Assert.Equal("b", (await watch.NextAsync()).Object.Metadata.Name);
    }

    [Fact]
    public async Task Watch_ObjectCrossingTheSelector_IsAddedAndDeleted()
    {
        var start = await CreateConfigMapAsync("a", new() { ["role"] = "secondary" });
        await using var watch = WatchMaps(start.Metadata.ResourceVersion, "role=primary");
        await LabelAsync("primary");
        var entered = await watch.NextAsync();
        Assert.Equal((WatchEventType.Added, "primary"), (entered.Type, entered.Object.Metadata.Labels["role"]));

        var left = await LabelAsync("secondary");
        var gone = await watch.NextAsync();
        Assert.Equal((WatchEventType.Deleted, "primary"), (gone.Type, gone.Object.Metadata.Labels["role"]));
        Assert.Equal(left.Metadata.ResourceVersion, gone.Object.Metadata.ResourceVersion);

        Task<V1ConfigMap> LabelAsync(string role) =>
            Client.CoreV1.PatchNamespacedConfigMapAsync(MergePatch(new { metadata = new { labels = new { role } } }), "a", Ns, cancellationToken: Ct);
    }

    [Fact]
    public async Task Watch_WithBookmarks_GetsOneBeforeItsTimeIsOver()
    {
        var start = await CreateConfigMapAsync("a");
        await using var watch = new WatchReader<V1ConfigMap>((onError, ct) => Client.CoreV1.WatchListNamespacedConfigMapAsync(
            Ns, allowWatchBookmarks: true, labelSelector: "w", resourceVersion: start.Metadata.ResourceVersion, timeoutSeconds: 6, onError: onError, cancellationToken: ct));
        await CreateConfigMapAsync("b", new() { ["w"] = "1" });
        Assert.Equal("b", (await watch.NextAsync()).Object.Metadata.Name);
        // Something happens that this watch does not select: only a bookmark can tell it how far it is.
        var other = await CreateConfigMapAsync("c");
        var (type, bookmark) = await watch.NextAsync();
        Assert.Equal(WatchEventType.Bookmark, type);
        Assert.True(VersionOf(bookmark) >= VersionOf(other));
        Assert.DoesNotContain(await watch.EndAsync(), e => e.Type != WatchEventType.Bookmark);
    }

    [Fact]
    public async Task Watch_ExpiredVersion_IsGone()
    {
        var expired = await GetExpiredVersionAsync();
        await using var watch = new WatchReader<object>((onError, ct) =>
            Client.CustomObjects.WatchListNamespacedCustomObjectAsync(BackupGroup, BackupVersion, Ns, "backups", resourceVersion: expired, onError: onError, cancellationToken: ct));
        var error = await Assert.ThrowsAsync<KubernetesException>(() => watch.NextAsync());
        Assert.Equal((410, "Expired"), (error.Status.Code, error.Status.Reason));
    }

    [Fact]
    public async Task Watch_OfOneName_SeesOnlyThat()
    {
        var start = await CreateConfigMapAsync("a");
        await using var watch = new WatchReader<V1ConfigMap>((onError, ct) => Client.CoreV1.WatchListNamespacedConfigMapAsync(
            Ns, fieldSelector: "metadata.name=c", resourceVersion: start.Metadata.ResourceVersion, onError: onError, cancellationToken: ct));
        await CreateConfigMapAsync("b");
        await CreateConfigMapAsync("c");
        Assert.Equal("c", (await watch.NextAsync()).Object.Metadata.Name);
    }

    private static bool NotRootCa(WatchEventType type, V1ConfigMap map) => map.Metadata.Name != "kube-root-ca.crt";

    private static long VersionOf(V1ConfigMap map) => long.Parse(map.Metadata.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture);

    private WatchReader<V1ConfigMap> WatchMaps(string? version, string? labels = null) => new((onError, ct) =>
        Client.CoreV1.WatchListNamespacedConfigMapAsync(Ns, resourceVersion: version, labelSelector: labels, onError: onError, cancellationToken: ct));
}
