using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Rollcall.E2E.Support;
using Rollcall.Simulator.Api;
using Xunit;

namespace Rollcall.E2E.Simulator;

/// <summary>The demo cluster through its API, as the engine sees it.</summary>
public sealed class DemoClusterTests
{
    private const string Space = "demo";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Demo_AfterStart_HasEveryMemberReadyInItsRole()
    {
        var (cluster, client, pods) = await WatchedPods.StartAsync("demo", Ct);
        await using var _ = cluster;
        using var __ = client;
        var all = await pods.UntilAsync("45 Pods Ready with their role labels",
            p => p.Count == 45 && p.Values.All(WatchedPods.IsReady)
                && p.Values.Count(x => WatchedPods.RoleOf(x) is not null) == 9
                && p.Values.Count(x => x.Metadata.Labels.ContainsKey("role")) == 3, Ct);

        Assert.Equal(["sessions-shard-k7d-0", "sessions-shard-m2x-2", "sessions-shard-q9p-1"],
            all.Values.Where(p => WatchedPods.RoleOf(p) == "primary").Select(p => p.Name()).Order(StringComparer.Ordinal));
        Assert.Equal("master", all["billing-1"].Metadata.Labels["role"]);
        Assert.Contains("role:master", await ExecAsync(client, "orders-a-1", "redis", "redis-cli", "INFO", "replication"), StringComparison.Ordinal);
        Assert.Contains("role:slave", await ExecAsync(client, "orders-a-0", "redis", "sh", "-c", "redis-cli INFO replication"), StringComparison.Ordinal);
        var postgres = JsonNode.Parse(await ExecAsync(client, "billing-1", "postgres", "psql", "-U", "postgres", "-Atc", "select json_build_object('role', 1)"))!;
        Assert.Equal("primary", postgres["role"]!.GetValue<string>());
        Assert.True(postgres["position"]!.GetValue<long>() > 0);
        // Members of one shard are in different zones.
        Assert.Equal(3, all.Values.Where(p => p.Name().StartsWith("orders-a-", StringComparison.Ordinal)).Select(p => p.Spec.NodeName[..^1]).Distinct().Count());
    }

    [Fact]
    public async Task StatefulSet_OnDeleteWithNewImage_ReplacesOnlyTheDeletedPod()
    {
        var (cluster, client, pods) = await WatchedPods.StartAsync("small", Ct);
        await using var _ = cluster;
        using var __ = client;
        var before = await pods.UntilAllReadyAsync(6, Ct);
        await PatchSetAsync(client, "orders-a", """{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null},"template":{"spec":{"containers":[{"name":"redis","image":"redis:7.2.5"}]}}}}""");

        await client.CoreV1.DeleteNamespacedPodAsync("orders-a-0", Space, cancellationToken: Ct);
        var after = await pods.UntilAsync("orders-a-0 back on 7.2.5", p => p.TryGetValue("orders-a-0", out var pod)
            && pod.Uid() != before["orders-a-0"].Uid() && WatchedPods.IsReady(pod), Ct);

        Assert.Equal("redis:7.2.5", after["orders-a-0"].Spec.Containers[0].Image);
        foreach (var name in before.Keys.Where(n => n != "orders-a-0"))
            Assert.Equal(before[name].Uid(), after[name].Uid());
        var set = await client.AppsV1.ReadNamespacedStatefulSetAsync("orders-a", Space, cancellationToken: Ct);
        Assert.NotEqual(set.Status.CurrentRevision, set.Status.UpdateRevision);
        Assert.Equal(set.Status.UpdateRevision, after["orders-a-0"].Metadata.Labels["controller-revision-hash"]);
        Assert.Equal(set.Status.CurrentRevision, after["orders-a-1"].Metadata.Labels["controller-revision-hash"]);
        Assert.Contains("redis_version:7.2.5", await ExecAsync(client, "orders-a-0", "redis", "redis-cli", "INFO", "server"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StatefulSet_BadImage_StaysInImagePullBackOffAndIsNotRevertedByRollingUpdate()
    {
        var (cluster, client, pods) = await WatchedPods.StartAsync("demo", Ct);
        await using var _ = cluster;
        using var __ = client;
        await pods.UntilAllReadyAsync(45, Ct);
        await PatchSetAsync(client, "orders-b", """{"spec":{"template":{"spec":{"containers":[{"name":"redis","image":"redis:8.2.0-bad"}]}}}}""");
        static bool BackingOff(V1Pod pod) => pod.Status?.ContainerStatuses?[0].State?.Waiting?.Reason == "ImagePullBackOff";
        var stuck = await pods.UntilAsync("orders-b-2 in ImagePullBackOff", p => p.TryGetValue("orders-b-2", out var pod) && BackingOff(pod), Ct);

        // kubernetes#67250: an ordered set waits for the broken Pod and does not replace it after the revert.
        await PatchSetAsync(client, "orders-b", """{"spec":{"template":{"spec":{"containers":[{"name":"redis","image":"redis:7.2.4"}]}}}}""");
        await client.CoreV1.DeleteNamespacedPodAsync("notify-0", Space, cancellationToken: Ct);
        await pods.UntilAsync("notify-0 replaced, so the controllers had their turn",
            p => p.TryGetValue("notify-0", out var pod) && pod.Uid() != stuck["notify-0"].Uid() && WatchedPods.IsReady(pod), Ct);
        var still = await client.CoreV1.ReadNamespacedPodAsync("orders-b-2", Space, cancellationToken: Ct);
        Assert.Equal(stuck["orders-b-2"].Uid(), still.Uid());

        await client.CoreV1.DeleteNamespacedPodAsync("orders-b-2", Space, cancellationToken: Ct);
        await pods.UntilAsync("orders-b-2 healed by its deletion", p => p.TryGetValue("orders-b-2", out var pod)
            && WatchedPods.IsReady(pod) && pod.Spec.Containers[0].Image == "redis:7.2.4", Ct);
    }

    [Fact]
    public async Task StatefulSet_RollingUpdate_EndsWithEveryPodOnTheNewRevision()
    {
        var (cluster, client, pods) = await WatchedPods.StartAsync("small", Ct);
        await using var _ = cluster;
        using var __ = client;
        await pods.UntilAllReadyAsync(6, Ct);
        List<string> order = [];

        await PatchSetAsync(client, "orders-a", """{"spec":{"template":{"spec":{"containers":[{"name":"redis","image":"redis:7.2.5"}]}}}}""");
        await pods.UntilAsync("all of orders-a Ready on 7.2.5", p =>
        {
            order.AddRange(p.Values.Where(x => x.Spec.Containers[0].Image == "redis:7.2.5").Select(x => x.Name()).Except(order));
            return p.Values.Count(x => WatchedPods.IsReady(x) && x.Spec.Containers[0].Image == "redis:7.2.5") == 3;
        }, Ct);

        Assert.Equal(["orders-a-2", "orders-a-1", "orders-a-0"], order);
    }

    [Fact]
    public async Task Redis_RevertAfterTheNewMajorLed_CrashLoops()
    {
        var (cluster, client, pods) = await WatchedPods.StartAsync("small", Ct);
        await using var _ = cluster;
        using var __ = client;
        await pods.UntilAllReadyAsync(6, Ct);
        await PatchSetAsync(client, "orders-b", """{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null},"template":{"spec":{"containers":[{"name":"redis","image":"redis:8.0.1"}]}}}}""");
        await ReplaceAsync("orders-b-1", "redis:8.0.1");
        // Asked for by name: an election could choose another member.
        Assert.Contains("OK", await ExecAsync(client, "orders-b-1", "redis", "redis-cli", "CLUSTER", "FAILOVER"), StringComparison.Ordinal);
        await Poll.UntilAsync("orders-b-1 leads", TimeSpan.FromSeconds(60), () => ExecAsync(client, "orders-b-1", "redis", "redis-cli", "INFO", "replication"), said => said.Contains("role:master", StringComparison.Ordinal), said => said, Ct);
        await ReplaceAsync("orders-b-1", "redis:8.0.1");

        await PatchSetAsync(client, "orders-b", """{"spec":{"template":{"spec":{"containers":[{"name":"redis","image":"redis:7.2.4"}]}}}}""");
        await client.CoreV1.DeleteNamespacedPodAsync("orders-b-1", Space, cancellationToken: Ct);
        var crashed = await pods.UntilAsync("orders-b-1 in CrashLoopBackOff", p => p.TryGetValue("orders-b-1", out var pod)
            && pod.Status?.ContainerStatuses?[0].State?.Waiting?.Reason == "CrashLoopBackOff" && pod.Status.ContainerStatuses[0].RestartCount > 0, Ct);

        Assert.Contains("RDB format", crashed["orders-b-1"].Status.ContainerStatuses[0].LastState.Terminated.Message, StringComparison.Ordinal);

        async Task ReplaceAsync(string name, string image)
        {
            var old = await client.CoreV1.ReadNamespacedPodAsync(name, Space, cancellationToken: Ct);
            await client.CoreV1.DeleteNamespacedPodAsync(name, Space, cancellationToken: Ct);
            await pods.UntilAsync($"{name} replaced", p => p.TryGetValue(name, out var pod)
                && pod.Uid() != old.Uid() && WatchedPods.IsReady(pod) && pod.Spec.Containers[0].Image == image, Ct);
        }
    }

    [Fact]
    public async Task ApiFaults_HitClientsAndSpareTheOperators()
    {
        var (cluster, client, pods) = await WatchedPods.StartAsync("small", Ct);
        await using var _ = cluster;
        using var __ = client;
        var before = await pods.UntilAllReadyAsync(6, Ct);
        using var errors = cluster.Faults.Add(new FaultRule { Verbs = ["patch", "create"], Status = 500 });
        cluster.Faults.FreezeWatches();

        await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(() => PatchSetAsync(client, "orders-a", "{}"));
        await client.CoreV1.DeleteNamespacedPodAsync("orders-a-0", Space, cancellationToken: Ct);

        await pods.UntilAsync("orders-a-0 replaced", p => p.TryGetValue("orders-a-0", out var pod)
            && pod.Uid() != before["orders-a-0"].Uid() && WatchedPods.IsReady(pod), Ct);
    }

    [Fact]
    public async Task KubeBlocks_HeldUpgrade_MovesOneDeletedPodAndSwitchesOverOnlyWithForce()
    {
        var (cluster, client, pods) = await WatchedPods.StartAsync("kubeblocks", Ct);
        await using var _ = cluster;
        using var __ = client;
        var before = await pods.UntilAsync("9 Pods with roles", p => p.Count == 9 && p.Values.All(x => WatchedPods.IsReady(x) && WatchedPods.RoleOf(x) is not null), Ct);
        await PhaseAsync(client, "clusters", "apps.kubeblocks.io", "v1", "sessions", "Running");

        await PatchClusterAsync(client, template => template["instanceUpdateStrategy"] = new JsonObject { ["type"] = "OnDelete" });
        await PatchClusterAsync(client, template => (template["componentDef"], template["serviceVersion"]) = ("redis-cluster-8", "8.0.1"));
        await PhaseAsync(client, "clusters", "apps.kubeblocks.io", "v1", "sessions", "Updating");
        await client.CoreV1.DeleteNamespacedPodAsync("sessions-shard-k7d-2", Space, cancellationToken: Ct);
        var after = await pods.UntilAsync("k7d-2 back on 8.0.1 with its role", p => p.TryGetValue("sessions-shard-k7d-2", out var pod)
            && pod.Spec.Containers[0].Image == "redis:8.0.1" && WatchedPods.IsReady(pod) && WatchedPods.RoleOf(pod) == "secondary", Ct);
        foreach (var name in before.Keys.Where(n => n != "sessions-shard-k7d-2"))
            Assert.Equal(before[name].Uid(), after[name].Uid());
        Assert.Equal(before["sessions-shard-k7d-2"].Metadata.Labels["controller-revision-hash"], after["sessions-shard-k7d-2"].Metadata.Labels["controller-revision-hash"]);

        await SwitchoverAsync(client, "without-force", force: false);
        var refused = await PhaseAsync(client, "opsrequests", "operations.kubeblocks.io", "v1alpha1", "without-force", "Failed");
        Assert.Contains("forbidden when Cluster.status.phase=Updating", refused.ToJsonString(), StringComparison.Ordinal);
        await SwitchoverAsync(client, "with-force", force: true);
        await PhaseAsync(client, "opsrequests", "operations.kubeblocks.io", "v1alpha1", "with-force", "Succeed");
        await pods.UntilAsync("the roles of k7d swapped", p => WatchedPods.RoleOf(p["sessions-shard-k7d-2"]) == "primary"
            && WatchedPods.RoleOf(p["sessions-shard-k7d-0"]) == "secondary", Ct);
    }

    private static async Task SwitchoverAsync(IKubernetes client, string name, bool force) => await client.CustomObjects.CreateNamespacedCustomObjectAsync(
        new JsonObject
        {
            ["apiVersion"] = "operations.kubeblocks.io/v1alpha1",
            ["kind"] = "OpsRequest",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["clusterName"] = "sessions", ["type"] = "Switchover", ["force"] = force, ["timeoutSeconds"] = 60,
                ["switchover"] = new JsonArray(new JsonObject
                {
                    ["componentObjectName"] = "sessions-shard-k7d", ["instanceName"] = "sessions-shard-k7d-0", ["candidateName"] = "sessions-shard-k7d-2",
                }),
            },
        }, "operations.kubeblocks.io", "v1alpha1", Space, "opsrequests", cancellationToken: Ct);

    private static async Task PatchClusterAsync(IKubernetes client, Action<JsonObject> change)
    {
        var current = JsonNode.Parse(((JsonElement)await client.CustomObjects.GetNamespacedCustomObjectAsync("apps.kubeblocks.io", "v1", Space, "clusters", "sessions", Ct)).GetRawText())!;
        var shardings = current["spec"]!["shardings"]!.DeepClone().AsArray();
        change(shardings[0]!["template"]!.AsObject());
        var patch = new JsonObject { ["spec"] = new JsonObject { ["shardings"] = shardings } };
        await client.CustomObjects.PatchNamespacedCustomObjectAsync(
            new V1Patch(patch, V1Patch.PatchType.MergePatch), "apps.kubeblocks.io", "v1", Space, "clusters", "sessions", cancellationToken: Ct);
    }

    /// <summary>Watches a custom object until its status.phase is the wanted one.</summary>
    private static async Task<JsonNode> PhaseAsync(IKubernetes client, string plural, string group, string version, string name, string phase)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        await foreach (var (_, raw) in client.CustomObjects.WatchListNamespacedCustomObjectAsync(
            group, version, Space, plural, fieldSelector: $"metadata.name={name}", onError: e => throw e, cancellationToken: patience.Token))
        {
            var item = JsonNode.Parse(((JsonElement)raw).GetRawText())!;
            if (item["metadata"]?["name"]?.GetValue<string>() == name && item["status"]?["phase"]?.GetValue<string>() == phase)
                return item;
        }
        throw new InvalidOperationException($"The watch of {name} ended before its phase was {phase}.");
    }

    private static async Task PatchSetAsync(IKubernetes client, string name, string patch) => await client.AppsV1.PatchNamespacedStatefulSetAsync(
        new V1Patch(patch, V1Patch.PatchType.StrategicMergePatch), name, Space, cancellationToken: Ct);

    private static async Task<string> ExecAsync(IKubernetes client, string pod, string container, params string[] command)
    {
        var output = "";
        await client.NamespacedPodExecAsync(pod, Space, container, command, tty: false, async (_, stdout, _) =>
        {
            using var reader = new StreamReader(stdout, Encoding.UTF8);
            output = await reader.ReadToEndAsync(Ct);
        }, Ct);
        return output;
    }
}
