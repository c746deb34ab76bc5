using Microsoft.Extensions.Time.Testing;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Probing;
using Rollcall.Shared;
using Rollcall.Simulator.Api;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

/// <summary>Actions against an API server without controllers: the test plays them.</summary>
public sealed class ActionRunnerTests : IAsyncLifetime
{
    private BareCluster _cluster = null!;
    private readonly OutputTail _output = new();
    private readonly HttpClient _http = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await BareCluster.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _cluster.DisposeAsync();
    }

    private static ActionAct Act(ActionSpec spec, string? instance = null) => new("redis.all.hook.check", "redis", null, instance, spec) { Stage = "all", Point = HookPoints.BeforeStage };

    private Task<ActResult> RunAsync(ActionAct act, bool resumed = false, int attempt = 1, TimeProvider? time = null)
    {
        var runner = new ActionRunner(_cluster.Connection, new PodExec(_cluster.Connection, TimeProvider.System), _http, new WebhookOptions(), time ?? TimeProvider.System);
        return runner.RunAsync(act, new ActContext(new ClusterKey("demo", "orders"), "r1", attempt, "me", Make.Redis, Make.Cluster(1)) { Resumed = resumed }, _output, Ct);
    }

    /// <summary>The object as soon as it is there; what the runner answered instead, if it did.</summary>
    private async Task<KubeObject> ExistingAsync(KubeKind kind, Task<ActResult> running)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (await _cluster.Connection.GetAsync(kind.Object("demo", Name), limit.Token) is { Ok: true } read)
                return read.Object;
            Assert.False(running.IsCompleted, running.IsCompleted ? (await running).Reason.Text : "");
        }
    }

    private Task<ApiAnswer> StatusAsync(KubeKind kind, string name, string status) => _cluster.Connection.PatchAsync($"{kind.Object("demo", name)}/status", $$"""{"status":{{status}} }""", KubernetesConnection.MergePatch, Ct);

    private static readonly ActionSpec Job = new() { Job = new JobAction { Image = "check:1", Command = ["check", "--all"] } };
    private const string Name = "r1-redis-all-hook-check-1";

    [Fact]
    public async Task Job_IsMadeOnceAndFollowedToItsEnd()
    {
        var running = RunAsync(Act(Job));
        var job = await ExistingAsync(KubeKind.Jobs, running);
        Assert.Equal("r1", job.Annotation(Marks.Run));
        Assert.Equal((0L, 60L), (KubeObject.Number(job.Spec, "backoffLimit"), KubeObject.Number(job.Spec, "activeDeadlineSeconds")));
        var pod = KubeObject.Get(job.Spec, "template", "spec");
        Assert.False(KubeObject.Flag(pod, "automountServiceAccountToken"));
        Assert.Contains("demo/orders", KubeObject.Items(KubeObject.Items(pod, "containers").First(), "env").Select(e => KubeObject.Text(e, "value")));
        await StatusAsync(KubeKind.Jobs, Name, """{"conditions":[{"type":"Complete","status":"True"}]}""");

        var result = await running;
        Assert.Equal(ActStatus.Accepted, result.Status);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Job_OfAnEarlierLife_IsFollowedAndNotMadeAgain()
    {
        using var first = new CancellationTokenSource();
        var act = Act(Job);
        var runner = new ActionRunner(_cluster.Connection, new PodExec(_cluster.Connection, TimeProvider.System), _http, new WebhookOptions(), TimeProvider.System);
        var cut = runner.RunAsync(act, new ActContext(new ClusterKey("demo", "orders"), "r1", 1, "me", Make.Redis, Make.Cluster(1)), _output, first.Token);
        var uid = (await ExistingAsync(KubeKind.Jobs, cut)).Uid;
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cut);
        await StatusAsync(KubeKind.Jobs, Name, """{"conditions":[{"type":"Failed","status":"True","reason":"BackoffLimitExceeded","message":"Job has reached the specified backoff limit"}]}""");

        var result = await RunAsync(act, resumed: true);

        Assert.Equal((ActStatus.Failed, "Job r1-redis-all-hook-check-1 failed (BackoffLimitExceeded: Job has reached the specified backoff limit)."), (result.Status, result.Reason.Text));
        Assert.Equal(uid, (await _cluster.GetAsync(KubeKind.Jobs, Name)).Uid);
    }

    [Fact]
    public async Task Job_WhoseNameSomebodyElseHas_IsRefused()
    {
        await _cluster.CreateAsync(KubeKind.Jobs.Collection("demo"), $$$"""{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"{{{Name}}}","namespace":"demo"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"a","image":"b"}]} } } }""");

        Assert.Equal(ActStatus.Refused, (await RunAsync(Act(Job))).Status);
    }

    [Fact]
    public async Task Job_ThatTakesTooLong_HasFailed()
    {
        var time = new FakeTimeProvider(Make.Noon);
        var running = RunAsync(Act(Job), time: time);
        await ExistingAsync(KubeKind.Jobs, running);
        while (!running.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        Assert.Contains("did not end within 60 s", (await running).Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_IsReadAlongAndItsExitCodeKept()
    {
        await _cluster.CreatePodAsync("orders-a-0");
        _cluster.Exec = _ => new ExecResult(3, "half way\n", "disk full\n");

        var result = await RunAsync(Act(new ActionSpec { Exec = new ExecAction { Container = "redis", Command = ["redis-cli", "BGSAVE"] } }, "orders-a-0"));

        Assert.Equal(ActStatus.Failed, result.Status);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("half way", _output.Text, StringComparison.Ordinal);
        Assert.Contains("disk full", _output.Text, StringComparison.Ordinal);
        Assert.Equal(["redis-cli", "BGSAVE"], Assert.Single(_cluster.Commands).Command);
    }

    [Fact]
    public async Task Command_OfAnEarlierLife_IsNotRunAgain()
    {
        await _cluster.CreatePodAsync("orders-a-0");

        var result = await RunAsync(Act(new ActionSpec { Exec = new ExecAction { Command = ["x"] } }, "orders-a-0"), resumed: true);

        Assert.Equal(ActStatus.Unknown, result.Status);
        Assert.Empty(_cluster.Commands);
    }

    [Fact]
    public async Task Command_InAContainerThatIsNotThere_IsRefused()
    {
        var result = await RunAsync(Act(new ActionSpec { Exec = new ExecAction { Container = "nginx", Command = ["x"] } }, "orders-a-0"));

        Assert.Equal((ActStatus.Refused, "orders-a-0 has no container nginx; it has redis."), (result.Status, result.Reason.Text));
    }

    [Theory]
    [InlineData("""{"phase":"Completed","totalSize":"118204416"}""", ActStatus.Accepted, "Backup r1-redis-all-hook-check-1 is complete, 112.7 MiB.")]
    [InlineData("""{"phase":"Failed","failureReason":"no repository"}""", ActStatus.Failed, "Backup r1-redis-all-hook-check-1 failed: no repository.")]
    public async Task Backup_IsFollowedUntilItSays(string status, ActStatus wanted, string text)
    {
        var running = RunAsync(Act(new ActionSpec { Backup = new BackupAction { Method = "datafile" } }));
        var backup = await ExistingAsync(KubeKind.Backups, running);
        Assert.Equal(("orders-redis-backup-policy", "datafile"), (KubeObject.Text(backup.Spec, "backupPolicyName"), KubeObject.Text(backup.Spec, "backupMethod")));
        await StatusAsync(KubeKind.Backups, Name, status);

        var result = await running;
        Assert.Equal((wanted, text), (result.Status, result.Reason.Text));
    }

    [Theory]
    [InlineData("Succeed", ActStatus.Accepted)]
    [InlineData("Aborted", ActStatus.Failed)]
    public async Task Operation_IsFollowedToItsPhase(string phase, ActStatus wanted)
    {
        var running = RunAsync(Act(new ActionSpec { Ops = new OpsAction { OpsDefinition = "check", Parameters = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("a", "1") } }));
        var op = await ExistingAsync(KubeKind.OpsRequests, running);
        Assert.Equal(("Custom", "orders", "check"), (KubeObject.Text(op.Spec, "type"), KubeObject.Text(op.Spec, "clusterName"), KubeObject.Text(op.Spec, "custom", "opsDefinitionName")));
        Assert.Equal("redis", KubeObject.Text(KubeObject.Items(op.Spec, "custom", "components").First(), "componentName"));
        await StatusAsync(KubeKind.OpsRequests, Name, $$"""{"phase":"{{phase}}","progress":"1/1"}""");

        Assert.Equal(wanted, (await running).Status);
        Assert.Contains($"{phase} 1/1", _output.Text, StringComparison.Ordinal);
    }
}
