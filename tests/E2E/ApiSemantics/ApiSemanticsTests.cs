using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Xunit;

namespace Rollcall.E2E.ApiSemantics;

/// <summary>
/// What Rollcall relies on in a Kubernetes API server. The same facts are asked of the simulated server and of a real one, so that the simulator
/// cannot drift from what it stands for.
/// </summary>
public abstract partial class ApiSemanticsTests : IAsyncLifetime
{
    private const string BackupGroup = "dataprotection.kubeblocks.io";
    private const string BackupVersion = "v1alpha1";

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected Kubernetes Client { get; private set; } = null!;

    /// <summary>A namespace of this test's own.</summary>
    protected string Ns { get; } = $"t-{Guid.NewGuid():n}"[..14];

    public virtual async ValueTask InitializeAsync()
    {
        Client = CreateClient();
        await Client.CoreV1.CreateNamespaceAsync(new() { Metadata = new() { Name = Ns } }, cancellationToken: Ct);
        await AwaitDefaultServiceAccountAsync();
    }

    public virtual ValueTask DisposeAsync()
    {
        Client?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected abstract Kubernetes CreateClient();

    /// <summary>Skips the test where custom resources cannot be made.</summary>
    protected virtual void RequireCustomResources()
    {
    }

    /// <summary>Makes every resourceVersion up to this one too old for continue tokens.</summary>
    protected abstract Task ExpireHistoryAsync(string resourceVersion);

    /// <summary>A resourceVersion from which Backups can no longer be watched.</summary>
    protected abstract Task<string> GetExpiredVersionAsync();

    protected static async Task<V1Status> RefusedAsync(HttpStatusCode code, Func<Task> act)
    {
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(act);
        Assert.Equal(code, refusal.Response.StatusCode);
        return KubernetesJson.Deserialize<V1Status>(refusal.Response.Content);
    }

    protected Task<V1ConfigMap> CreateConfigMapAsync(string name, Dictionary<string, string>? labels = null) =>
        Client.CoreV1.CreateNamespacedConfigMapAsync(new() { Metadata = new() { Name = name, Labels = labels }, Data = new Dictionary<string, string> { ["key"] = "one" } }, Ns, cancellationToken: Ct);

    protected Task<V1StatefulSet> CreateStatefulSetAsync(string name) => Client.AppsV1.CreateNamespacedStatefulSetAsync(
        new()
        {
            Metadata = new() { Name = name },
            Spec = new()
            {
                // Without replicas no controller has anything to do with it.
                Replicas = 0, ServiceName = name, Selector = new() { MatchLabels = new Dictionary<string, string> { ["app"] = name } },
                Template = new()
                {
                    Metadata = new() { Labels = new Dictionary<string, string> { ["app"] = name } },
                    Spec = new() { Containers = [new() { Name = "db", Image = "db:1" }, new() { Name = "sidecar", Image = "sidecar:1" }] },
                },
            },
        }, Ns, cancellationToken: Ct);

    protected Task<V1Pod> CreatePodAsync(string name, string? node = null, Dictionary<string, string>? labels = null, V1OwnerReference? owner = null) =>
        Client.CoreV1.CreateNamespacedPodAsync(
            new()
            {
                Metadata = new() { Name = name, Labels = labels, OwnerReferences = owner is null ? null : [owner] },
                Spec = new() { NodeName = node, Containers = [new() { Name = "db", Image = "db:1" }] },
            }, Ns, cancellationToken: Ct);

    /// <summary>A custom resource that no controller of either server touches.</summary>
    protected async Task<Backup> CreateBackupAsync(string name)
    {
        RequireCustomResources();
        var backup = new Backup { ApiVersion = $"{BackupGroup}/{BackupVersion}", Kind = "Backup", Metadata = new() { Name = name }, Spec = new() { BackupMethod = "snapshot", BackupPolicyName = "daily" } };
        return await Client.CustomObjects.CreateNamespacedCustomObjectAsync<Backup>(backup, BackupGroup, BackupVersion, Ns, "backups", cancellationToken: Ct);
    }

    protected static V1Patch MergePatch(object patch) => new(JsonSerializer.Serialize(patch), V1Patch.PatchType.MergePatch);

    protected static V1Patch JsonPatch(string patch) => new(patch, V1Patch.PatchType.JsonPatch);

    // A real server takes Pods only when the namespace's controller has been there.
    private async Task AwaitDefaultServiceAccountAsync()
    {
        await using var accounts = new Support.WatchReader<V1ServiceAccount>((onError, ct) =>
            Client.CoreV1.WatchListNamespacedServiceAccountAsync(Ns, fieldSelector: "metadata.name=default", onError: onError, cancellationToken: ct));
        await accounts.NextAsync();
    }

    public sealed class Backup : IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "";

        public string Kind { get; set; } = "";

        public V1ObjectMeta Metadata { get; set; } = new();

        public BackupSpec Spec { get; set; } = new();

        public BackupStatus? Status { get; set; }
    }

    public sealed class BackupSpec
    {
        public string BackupMethod { get; set; } = "";

        public string BackupPolicyName { get; set; } = "";
    }

    public sealed class BackupStatus
    {
        public string? Phase { get; set; }
    }
}
