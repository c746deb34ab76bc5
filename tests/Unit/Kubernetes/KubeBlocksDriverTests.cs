using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

public sealed class KubeBlocksDriverTests
{
    private static readonly HoldAct Hold = new("shard.hold", "shard", ["shard"]);
    private static readonly SwitchoverAct Switchover = new("shard.shard-abc.switchover", "shard", "shard-abc", "orders-shard-abc-0", "orders-shard-abc-1");

    private static ActContext Context(string run = "run-1", int attempt = 1) => BareCluster.Context(run, attempt, "shard", "shard-abc", "orders-shard-abc", ClusterKind.Cluster);

    private static Task<ActResult> DoAsync(BareCluster cluster, Act act, ActContext? context = null) => cluster.KubeBlocks.ExecuteAsync(act, context ?? Context(), CancellationToken.None);

    private static async Task<BareCluster> StartAsync(string extra = "", string metadata = "")
    {
        var cluster = await BareCluster.StartAsync();
        await cluster.CreateAsync(KubeKind.Clusters.Collection("demo"), $$"""
            {"apiVersion":"apps.kubeblocks.io/v1","kind":"Cluster","metadata":{"name":"orders","namespace":"demo" {{metadata}} },
             "spec":{"terminationPolicy":"Delete",
              "componentSpecs":[{"name":"proxy","componentDef":"proxy-1","serviceVersion":"1.0.0","replicas":1}],
              "shardings":[{"name":"shard","shards":1,"template":{"name":"redis","componentDef":"redis-7","serviceVersion":"7.2.4","replicas":3 {{extra}} } }]} }
            """);
        return cluster;
    }

    private static async Task<string> TemplateAsync(BareCluster cluster) => KubeObject.Items((await cluster.GetAsync(KubeKind.Clusters, "orders")).Spec, "shardings").Select(s => KubeObject.Get(s, "template").GetRawText()).Single();

    private static Task<KubeObject> OperationAsync(BareCluster cluster, string name, string annotations = "{}", string labels = "{}") => cluster.CreateAsync(KubeKind.OpsRequests.Collection("demo"),
        $$"""{"apiVersion":"operations.kubeblocks.io/v1alpha1","kind":"OpsRequest","metadata":{"name":"{{name}}","namespace":"demo","annotations":{{annotations}},"labels":{{labels}} },"spec":{"clusterName":"orders","type":"Restart"} }""");

    [Theory]
    [InlineData("")]
    [InlineData(",\"instanceUpdateStrategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":1} }")]
    public async Task HoldRetargetRelease_TouchTheShardingAloneAndGiveBackWhatWasThere(string strategy)
    {
        await using var cluster = await StartAsync(strategy, ",\"annotations\":{\"keep\":\"me\"}");
        var before = await TemplateAsync(cluster);
        Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, Hold)).Status);
        var held = await cluster.GetAsync(KubeKind.Clusters, "orders");
        Assert.Equal(("us", "run-1"), (held.Annotation("rollcall.dev/owner.shard"), held.Annotation("rollcall.dev/run.shard")));
        Assert.Contains("\"type\":\"OnDelete\"", await TemplateAsync(cluster), StringComparison.Ordinal);

        var to = new VersionRef { Version = "8.0.1", ComponentDef = "redis-8" };
        Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, new RetargetAct("r", "shard", ["shard"], to))).Status);
        Assert.Contains("\"componentDef\":\"redis-8\",\"serviceVersion\":\"8.0.1\"", await TemplateAsync(cluster), StringComparison.Ordinal);
        Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, new RetargetAct("r", "shard", ["shard"], new VersionRef { Version = "7.2.4", ComponentDef = "redis-7" }))).Status);

        Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, new ReleaseAct("r", "shard", ["shard"]))).Status);
        Assert.Equal(before, await TemplateAsync(cluster));
        Assert.Equal(["keep"], (await cluster.GetAsync(KubeKind.Clusters, "orders")).Annotations.Keys);
    }

    [Fact]
    public async Task Hold_OfTwoComponents_HasMarksOfEach()
    {
        await using var cluster = await StartAsync();
        await DoAsync(cluster, Hold);
        Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, new HoldAct("proxy.hold", "proxy", ["proxy"]))).Status);
        Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, new ReleaseAct("proxy.release", "proxy", ["proxy"]))).Status);
        Assert.All((await cluster.GetAsync(KubeKind.Clusters, "orders")).Annotations.Keys, k => Assert.EndsWith(".shard", k, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", ",\"labels\":{\"apps.kubeblocks.io/rollout-name\":\"ro\"}", "Rollout ro")]
    [InlineData(",\"enableInstanceAPI\":true", "", "Instance API")]
    [InlineData("", ",\"annotations\":{\"rollcall.dev/owner.shard\":\"them\",\"rollcall.dev/run.shard\":\"run-9\",\"rollcall.dev/held.shard\":\"null\"}", "held by them")]
    public async Task Hold_NotOursToTake_IsRefused(string extra, string metadata, string says)
    {
        await using var cluster = await StartAsync(extra, metadata);
        var result = await DoAsync(cluster, Hold);
        Assert.Equal(ActStatus.Refused, result.Status);
        Assert.Contains(says, result.Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switchover_IsAForcedOpsRequestWithCandidateAndTimeout()
    {
        await using var cluster = await StartAsync();
        await DoAsync(cluster, Hold);
        await cluster.CreatePodAsync("orders-shard-abc-0", role: "primary");
        Assert.Equal(ActStatus.Accepted, (await DoAsync(cluster, Switchover)).Status);
        var request = await cluster.GetAsync(KubeKind.OpsRequests, "run-1-shard-shard-abc-switchover-1");
        Assert.Equal(("run-1", "shard.shard-abc.switchover"), (request.Label(Marks.Run), request.Label(Marks.Step)));
        Assert.Equal((true, 60L), (KubeObject.Flag(request.Spec, "force"), KubeObject.Number(request.Spec, "timeoutSeconds")));
        var asked = KubeObject.Items(request.Spec, "switchover").Single();
        Assert.Equal(("orders-shard-abc", "orders-shard-abc-0", "orders-shard-abc-1"), (KubeObject.Text(asked, "componentObjectName"), KubeObject.Text(asked, "instanceName"), KubeObject.Text(asked, "candidateName")));
        // Asked again while it runs (a crash in between): the one under way counts, whatever the attempt.
        Assert.Contains("under way already", (await DoAsync(cluster, Switchover, Context(attempt: 2))).Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switchover_OperationOfSomebodyElse_IsNotNowAndNamesIt()
    {
        await using var cluster = await StartAsync();
        await DoAsync(cluster, Hold);
        await cluster.CreatePodAsync("orders-shard-abc-0", role: "primary");
        await OperationAsync(cluster, "theirs");
        var result = await DoAsync(cluster, Switchover);
        Assert.Equal((ActStatus.NotNow, "NoConcurrentOps"), (result.Status, result.Reason.Rule));
        Assert.Contains("Restart theirs", result.Reason.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"rollcall.dev/run":"run-1"}""", ActStatus.Accepted)]
    [InlineData("{}", ActStatus.Refused)]
    public async Task Switchover_NameTaken_IsAdoptedOnlyIfItIsOurs(string labels, ActStatus expected)
    {
        await using var cluster = await StartAsync();
        await DoAsync(cluster, Hold);
        await cluster.CreatePodAsync("orders-shard-abc-0", role: "primary");
        await OperationAsync(cluster, "run-1-shard-shard-abc-switchover-1", labels: labels);
        await cluster.Connection.PatchAsync(KubeKind.OpsRequests.Object("demo", "run-1-shard-shard-abc-switchover-1") + "/status", """{"status":{"phase":"Failed"} }""", KubernetesConnection.MergePatch, CancellationToken.None);
        Assert.Equal(expected, (await DoAsync(cluster, Switchover)).Status);
    }

    [Fact]
    public async Task Switchover_FromDoesNotLead_AsksForNothing()
    {
        await using var cluster = await StartAsync();
        await DoAsync(cluster, Hold);
        await cluster.CreatePodAsync("orders-shard-abc-0", role: "secondary");
        Assert.Equal((ActStatus.NotNow, "FreshRoleBeforeAct"), ((await DoAsync(cluster, Switchover)).Status, (await DoAsync(cluster, Switchover)).Reason.Rule));
    }
}
