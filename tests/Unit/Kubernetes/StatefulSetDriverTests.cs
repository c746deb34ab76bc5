using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Rollcall.Simulator.Api;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

public sealed class StatefulSetDriverTests
{
    private const string Foreign = """{"rollcall.dev/owner":"them","rollcall.dev/run":"run-9","rollcall.dev/held":"{}","rollcall.dev/since":"2026-08-20T12:00:00Z"}""";
    private static readonly HoldAct Hold = new("orders.hold", "orders", ["orders"]);
    private static readonly ReleaseAct Release = new("orders.release", "orders", ["orders"]);

    private static Task<ActResult> DoAsync(BareCluster cluster, Act act, ActContext? context = null) => cluster.StatefulSets.ExecuteAsync(act, context ?? BareCluster.Context(), CancellationToken.None);

    private static RetargetAct Retarget(string version) => new("orders.retarget", "orders", ["orders"], new VersionRef { Version = version });

    private static string Strategy(KubeObject set) => KubeObject.Get(set.Spec, "updateStrategy").GetRawText();

    [Theory]
    [InlineData("""{"type":"RollingUpdate","rollingUpdate":{"partition":0}}""")]
    [InlineData("""{"type":"OnDelete"}""")]
    public async Task HoldAndRelease_GiveBackExactlyWhatWasThere(string original)
    {
        await using var cluster = await BareCluster.StartAsync();
        var before = Strategy(await cluster.CreateSetAsync(original));
        Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, Hold)).Status);
        var held = await cluster.GetAsync(KubeKind.StatefulSets, "orders");
        Assert.Equal("""{"type":"OnDelete"}""", Strategy(held));
        Assert.Equal(("us", "run-1", before), (held.Annotation(Marks.Owner), held.Annotation(Marks.Run), held.Annotation(Marks.Held)));
        Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, Release)).Status);
        var free = await cluster.GetAsync(KubeKind.StatefulSets, "orders");
        Assert.Equal(before, Strategy(free));
        Assert.DoesNotContain(free.Annotations.Keys, k => k.StartsWith("rollcall.dev/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Hold_TakenOverByAnotherRunOfOurs_KeepsTheFirstOriginal()
    {
        await using var cluster = await BareCluster.StartAsync();
        var before = Strategy(await cluster.CreateSetAsync());
        await DoAsync(cluster, Hold);
        Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, Hold, BareCluster.Context("run-2"))).Status);
        var held = await cluster.GetAsync(KubeKind.StatefulSets, "orders");
        Assert.Equal(("run-2", before), (held.Annotation(Marks.Run), held.Annotation(Marks.Held)));
    }

    [Fact]
    public async Task AnyAct_HeldByAnotherRollcall_IsRefusedAndNamesIt()
    {
        await using var cluster = await BareCluster.StartAsync();
        await cluster.CreateSetAsync("""{"type":"OnDelete"}""", Foreign);
        var pod = await cluster.CreatePodAsync("orders-1");
        foreach (var act in (Act[])[Hold, Release, Retarget("8.0.1"), new ReplaceAct("r", "orders", "orders", "orders-1", pod.Uid, false), new SwitchoverAct("s", "orders", "orders", "orders-0", "orders-1")])
        {
            var result = await DoAsync(cluster, act);
            Assert.Equal(ActStatus.Refused, result.Status);
            Assert.Contains("held by them (run run-9) since 2026-08-20 12:00 UTC", result.Reason.Text, StringComparison.Ordinal);
        }
        Assert.Equal(pod.ResourceVersion, (await cluster.GetAsync(KubeKind.Pods, "orders-1")).ResourceVersion);
        Assert.Empty(cluster.Commands);
    }

    [Fact]
    public async Task Hold_PartitionOfSomebodyElse_IsRefused()
    {
        await using var cluster = await BareCluster.StartAsync();
        await cluster.CreateSetAsync("""{"type":"RollingUpdate","rollingUpdate":{"partition":2} }""");
        var result = await DoAsync(cluster, Hold);
        Assert.Equal(ActStatus.Refused, result.Status);
        Assert.Contains("partition of 2", result.Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retarget_WithoutTheHold_IsRefused()
    {
        await using var cluster = await BareCluster.StartAsync();
        await cluster.CreateSetAsync();
        Assert.Equal((ActStatus.Refused, "ObligationsRestored"), ((await DoAsync(cluster, Retarget("8.0.1"))).Status, (await DoAsync(cluster, Retarget("8.0.1"))).Reason.Rule));
    }

    [Fact]
    public async Task Retarget_WritesTheTagOfTheVersionsContainerAlone()
    {
        await using var cluster = await BareCluster.StartAsync();
        await cluster.CreateSetAsync();
        await DoAsync(cluster, Hold);
        Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, Retarget("8.0.1"))).Status);
        var set = await cluster.GetAsync(KubeKind.StatefulSets, "orders");
        Assert.Equal(["exporter:1", "redis:8.0.1"], KubeObject.Items(set.Spec, "template", "spec", "containers").Select(c => KubeObject.Text(c, "image")));
        Assert.Contains("already", (await DoAsync(cluster, Retarget("8.0.1"))).Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_OutrunBySomebody_IsTriedAgainAndThenNotNow()
    {
        await using var cluster = await BareCluster.StartAsync();
        await cluster.CreateSetAsync();
        using (cluster.Server.Faults.Add(new FaultRule { Verbs = ["patch"], Resource = "statefulsets", Status = 409, Times = 2 }))
            Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, Hold)).Status);
        using (cluster.Server.Faults.Add(new FaultRule { Verbs = ["patch"], Resource = "statefulsets", Status = 409 }))
            Assert.Equal(ActStatus.NotNow, (await DoAsync(cluster, Release)).Status);
    }

    [Fact]
    public async Task Write_NotPermitted_IsRefusedAndNamesTheRight()
    {
        await using var cluster = await BareCluster.StartAsync();
        await cluster.CreateSetAsync();
        using var denied = cluster.Server.Faults.Deny(new AccessRule(["patch"], ["statefulsets"]));
        var result = await DoAsync(cluster, Hold);
        Assert.Equal(ActStatus.Refused, result.Status);
        Assert.Contains("the verb patch on statefulsets.apps in namespace demo", result.Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_AnswerLost_IsUnknownAlthoughItWasDone()
    {
        await using var cluster = await BareCluster.StartAsync();
        await cluster.CreateSetAsync();
        using var lost = cluster.Server.Faults.Add(new FaultRule { Verbs = ["patch"], Resource = "statefulsets", LoseAnswer = true, Times = 1 });
        Assert.Equal(ActStatus.Unknown, (await DoAsync(cluster, Hold)).Status);
        Assert.Contains("already", (await DoAsync(cluster, Hold)).Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replace_PodOfAnotherUid_IsNotTouched()
    {
        await using var cluster = await BareCluster.StartAsync();
        await cluster.CreateSetAsync();
        await DoAsync(cluster, Hold);
        var pod = await cluster.CreatePodAsync("orders-1");
        foreach (var dead in (bool[])[false, true])
            Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, new ReplaceAct("r", "orders", "orders", "orders-1", "another", dead))).Status);
        Assert.Equal(pod.Uid, (await cluster.GetAsync(KubeKind.Pods, "orders-1")).Uid);
    }

    [Fact]
    public async Task Replace_BudgetSaysNo_IsNotNowAndNamesItAndDeletesNothing()
    {
        await using var cluster = await BareCluster.StartAsync();
        await cluster.CreateSetAsync();
        await DoAsync(cluster, Hold);
        var pod = await cluster.CreatePodAsync("orders-1");
        await cluster.CreateAsync(KubeKind.Budgets.Collection("demo"), """{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"orders-pdb","namespace":"demo"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"orders"} } } }""");
        var result = await DoAsync(cluster, new ReplaceAct("r", "orders", "orders", "orders-1", pod.Uid, false));
        Assert.Equal((ActStatus.NotNow, "PdbRespected"), (result.Status, result.Reason.Rule));
        Assert.StartsWith("PodDisruptionBudget orders-pdb does not allow orders-1", result.Reason.Text, StringComparison.Ordinal);
        Assert.False((await cluster.GetAsync(KubeKind.Pods, "orders-1")).Deleting);
    }

    [Fact]
    public async Task Replace_DeadPodThatIsReadyNow_IsNotDeleted()
    {
        await using var cluster = await BareCluster.StartAsync();
        await cluster.CreateSetAsync();
        await DoAsync(cluster, Hold);
        var pod = await cluster.CreatePodAsync("orders-1");
        Assert.Equal(ActStatus.NotNow, (await DoAsync(cluster, new ReplaceAct("r", "orders", "orders", "orders-1", pod.Uid, true))).Status);
        Assert.False((await cluster.GetAsync(KubeKind.Pods, "orders-1")).Deleting);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Replace_TakesExactlyThisPodAway(bool dead)
    {
        await using var cluster = await BareCluster.StartAsync();
        await cluster.CreateSetAsync();
        await DoAsync(cluster, Hold);
        var pod = await cluster.CreatePodAsync("orders-1", ready: !dead);
        await cluster.CreatePodAsync("orders-2");
        Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, new ReplaceAct("r", "orders", "orders", "orders-1", pod.Uid, dead))).Status);
        var left = await cluster.Connection.GetAsync(KubeKind.Pods.Object("demo", "orders-1"), CancellationToken.None);
        Assert.True(left.NotFound || left.Object.Deleting);
        Assert.False((await cluster.GetAsync(KubeKind.Pods, "orders-2")).Deleting);
    }

    [Fact]
    public async Task Switchover_RunsTheProfilesCommandOnlyWhileFromLeads()
    {
        await using var cluster = await BareCluster.StartAsync();
        await cluster.CreateSetAsync();
        await DoAsync(cluster, Hold);
        await cluster.CreatePodAsync("orders-0");
        await cluster.CreatePodAsync("orders-1");
        var context = BareCluster.Context() with { Profile = Given.Redis with { Switchover = new SwitchoverSpec { On = "to", Containers = ["redis"], Command = ["hand-over", "{from}", "{to}"], Expect = "OK" } } };
        var refused = await DoAsync(cluster, new SwitchoverAct("s", "orders", "orders", "orders-1", "orders-0"), context);
        Assert.Equal((ActStatus.NotNow, "FreshRoleBeforeAct"), (refused.Status, refused.Reason.Rule));
        Assert.DoesNotContain(cluster.Commands, c => c.Command[0] == "hand-over");

        var probe = cluster.Exec;
        cluster.Exec = r => r.Command[0] == "hand-over" ? new ExecResult(0, "OK\n", "") : probe(r);
        Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, new SwitchoverAct("s", "orders", "orders", "orders-0", "orders-1"), context)).Status);
        Assert.Equal(("orders-1", "hand-over orders-0 orders-1"), (cluster.Commands[^1].Pod, string.Join(' ', cluster.Commands[^1].Command)));

        cluster.Exec = r => r.Command[0] == "hand-over" ? new ExecResult(1, "", "ERR not a replica\n") : probe(r);
        var failed = await DoAsync(cluster, new SwitchoverAct("s", "orders", "orders", "orders-0", "orders-1"), context);
        Assert.Equal(ActStatus.Failed, failed.Status);
        Assert.Contains("exit code 1: ERR not a replica", failed.Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadShard_IsTheApiServersViewWithWhatEnginesSaid()
    {
        await using var cluster = await BareCluster.StartAsync();
        await cluster.CreateSetAsync();
        var shard = await cluster.StatefulSets.ReadShardAsync(BareCluster.Context().Topology, "orders", "orders", CancellationToken.None);
        Assert.Equal(["Missing", "Missing", "Missing"], shard.Select(i => i.Phase));
        using var down = cluster.Server.Faults.TakeServerDown();
        await Assert.ThrowsAsync<IOException>(() => cluster.StatefulSets.ReadShardAsync(BareCluster.Context().Topology, "orders", "orders", CancellationToken.None));
    }
}
