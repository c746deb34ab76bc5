using Rollcall.E2E.ControlPlane;
using Rollcall.E2E.Support;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.E2E.KubeBlocks;

/// <summary>
/// The same sharding on a real kube-apiserver with KubeBlocks' own CustomResourceDefinitions: what we write must pass their schemas, and the order is asserted from that server's own watches.
/// </summary>
[Collection(ControlPlaneTests.Name)]
public sealed class RealSessionsTests : IAsyncLifetime
{
    private readonly RealControlPlane _plane = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RealControlPlane.SkipReason is not null, RealControlPlane.SkipReason ?? "");
        await _plane.InitializeAsync();
        var no = await _plane.InstallKubeBlocksAsync();
        Assert.SkipWhen(no is not null, no ?? "");
    }

    public ValueTask DisposeAsync() => _plane.DisposeAsync();

    [Fact]
    public async Task Rollout_OnTheRealApiServer_TakesFollowersFirstAndAsksForOneSwitchoverPerShard_AndABadVersionIsTakenBack()
    {
        await using var sessions = await Sessions.StartAsync(_plane, Ct);
        await using var rollcall = await sessions.StartRollcallAsync(Ct);
        var before = await sessions.TemplateAsync(Ct);

        var run = await rollcall.Api.StartAsync(Sessions.Plan("serviceVersion: 7.2.5"), Ct);
        run = await rollcall.Api.SucceedsAsync(run.Id, Ct);
        Assert.Equal((9, 3), (run.Totals.Updated, run.Totals.SwitchoversDone));
        await sessions.AssertOrderAsync(run.Id, Ct);
        await sessions.Pods.UntilAllReadyOnAsync(Sessions.New, Ct);
        await sessions.AssertGivenBackAsync(before, Ct);

        run = await rollcall.Api.StartAsync(Sessions.Plan("serviceVersion: 8.2.0-bad, componentDef: redis-cluster-8"), Ct);
        run = await rollcall.Api.UntilAsync(run.Id, RunState.Paused, Ct);
        var stuck = sessions.Pods.DeletedPods[^1];
        Assert.Equal(10, sessions.Pods.DeletedPods.Length);
        Assert.Contains(stuck, run.Reason!.Text, StringComparison.Ordinal);
        var back = await rollcall.Api.CommandAsync(run.Id, "rollback", Ct);
        await rollcall.Api.SucceedsAsync(back.Id, Ct);
        Assert.Equal(stuck, sessions.Pods.DeletedPods[^1]);
        Assert.Equal((11, 3), (sessions.Pods.DeletedPods.Length, await sessions.OperationCountAsync(Ct)));
        await sessions.Pods.UntilAllReadyOnAsync(Sessions.New, Ct);
        await sessions.AssertGivenBackAsync(before, Ct);
    }
}
