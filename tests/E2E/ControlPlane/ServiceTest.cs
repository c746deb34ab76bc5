using k8s;
using k8s.Models;
using Rollcall.E2E.Support;
using Xunit;

namespace Rollcall.E2E.ControlPlane;

/// <summary>What the tests on the real control plane have in common: a role-less service each, a folder for databases, and the marks that Rollcall leaves on a StatefulSet.</summary>
[Collection(ControlPlaneTests.Name)]
public abstract class ServiceTest : IDisposable
{
    internal const string Old = "ledger:2.3.0", New = "ledger:2.4.0", Bad = "ledger:2.5.0-bad";

    private readonly RealPlane _plane;
    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-plane-").FullName;

    protected ServiceTest(RealPlane plane)
    {
        Assert.SkipWhen(RealControlPlane.SkipReason is not null, RealControlPlane.SkipReason ?? "");
        _plane = plane;
    }

    protected RealPlane Plane => _plane;

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A folder of its own for each word: another word is another Rollcall, with another database and another name.</summary>
    protected string Folder(string name = "first") => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    protected Task<DashboardProcess> StartRollcallAsync(string folder = "first") =>
        DashboardProcess.StartAsync(Plane.Kubeconfig, Path.Combine(Folder(folder), "rollcall.db"), Ct);

    /// <summary>As a person in despair runs it: no database, an empty folder.</summary>
    protected Task<(int ExitCode, string Output)> ReleaseAsync(string service, params string[] more) =>
        DashboardProcess.RunAsync(Folder("release"), Ct, ["release", $"{RealPlane.Space}/{service}", "--kubeconfig", Plane.Kubeconfig, .. more]);

    private protected Task<PodLog> WatchAsync(string service, int members = 3) => PodLog.StartAsync(Plane.Client, RealPlane.Space, $"rollcall.dev/cluster={service}", members, Ct);

    protected Task<V1StatefulSet> SetAsync(string service) => Plane.Client.AppsV1.ReadNamespacedStatefulSetAsync(service, RealPlane.Space, cancellationToken: Ct);

    /// <summary>The owner's name when the set is held as it should be.</summary>
    protected async Task<string> HolderAsync(string service)
    {
        var set = await SetAsync(service);
        Assert.Equal("OnDelete", set.Spec.UpdateStrategy.Type);
        Assert.Contains("RollingUpdate", set.Metadata.Annotations["rollcall.dev/held"], StringComparison.Ordinal);
        return set.Metadata.Annotations["rollcall.dev/owner"];
    }

    /// <summary>The strategy is the one of before, no mark is left, and the controller has nothing left to do.</summary>
    protected async Task AssertGivenBackAsync(string service, V1StatefulSet before)
    {
        ArgumentNullException.ThrowIfNull(before);
        var set = await SetAsync(service);
        Assert.Equal(KubernetesJson.Serialize(before.Spec.UpdateStrategy), KubernetesJson.Serialize(set.Spec.UpdateStrategy));
        Assert.DoesNotContain(set.Metadata.Annotations.Keys, k => k.StartsWith("rollcall.dev/", StringComparison.Ordinal) && k != "rollcall.dev/available-versions");
        Assert.Equal(set.Status.UpdateRevision, set.Status.CurrentRevision);
    }

    /// <summary>Each member once, the highest ordinal first, and each only when all others were Ready.</summary>
    private protected static void AssertOneByOne(PodLog pods, params string[] order)
    {
        Assert.Equal(order, pods.DeletedPods);
        Assert.All(pods.Deletions, d => Assert.Empty(d.Unready));
    }

    /// <param name="stages">Without: one stage and no gate.</param>
    protected static string Plan(string service, string version, string? stages = "[{ name: all, shards: rest }]") => $$"""
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: {{service}}-{{version.Replace('.', '-')}}, namespace: {{RealPlane.Space}} }
        spec:
          target: { kind: StatefulSetGroup, name: {{service}} }
          changes: [{ component: app, serviceVersion: {{version}} }]
        {{(stages is null ? "" : $"  stages: {stages}")}}
        """;
}
