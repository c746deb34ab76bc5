using Microsoft.Extensions.Time.Testing;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Shared;
using Rollcall.Simulator.Api;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

public sealed class LeaseCustodyTests
{
    private static readonly ClusterKey Cluster = new("demo", "orders");

    private static Task<Engine.Execution.ActResult> TakeAsync(LeaseCustody custody, string owner) => custody.AcquireAsync(Cluster, owner, "run-1", CancellationToken.None);

    private static string Text(KubeObject lease, string field) => KubeObject.Text(lease.Spec, field);

    [Fact]
    public async Task Acquire_Free_IsOursAndRenewable()
    {
        await using var cluster = await BareCluster.StartAsync();
        var time = new FakeTimeProvider(Given.Noon);
        var custody = new LeaseCustody(cluster.Connection, time);
        Assert.Equal(ActStatus.Accepted, (await TakeAsync(custody, "us")).Status);
        var taken = await cluster.GetAsync(KubeKind.Leases, "rollcall-orders");
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(ActStatus.Accepted, (await TakeAsync(custody, "us")).Status);
        var renewed = await cluster.GetAsync(KubeKind.Leases, "rollcall-orders");
        Assert.Equal(("us", "2026-08-20T12:00:00.000000Z", "2026-08-20T12:00:10.000000Z", 0L), (Text(renewed, "holderIdentity"), Text(renewed, "acquireTime"), Text(renewed, "renewTime"), KubeObject.Number(renewed.Spec, "leaseTransitions")));
        Assert.Equal(Text(taken, "acquireTime"), Text(renewed, "acquireTime"));
    }

    [Fact]
    public async Task Acquire_HeldByALivingRollcall_IsRefusedAndNamesIt()
    {
        await using var cluster = await BareCluster.StartAsync();
        var time = new FakeTimeProvider(Given.Noon);
        await TakeAsync(new LeaseCustody(cluster.Connection, time), "them");
        var result = await TakeAsync(new LeaseCustody(cluster.Connection, time), "us");
        Assert.Equal(ActStatus.Refused, result.Status);
        Assert.Contains("in the hands of them (run run-1)", result.Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Acquire_HolderDied_IsTakenOverOnlyAfterItStoodStillBeforeOurEyes()
    {
        await using var cluster = await BareCluster.StartAsync();
        var time = new FakeTimeProvider(Given.Noon);
        await TakeAsync(new LeaseCustody(cluster.Connection, time), "them");
        // Hours later by the clock; but clocks may be wrong, so the Lease is watched for its whole length first.
        time.Advance(TimeSpan.FromHours(3));
        var us = new LeaseCustody(cluster.Connection, time);
        Assert.Equal(ActStatus.NotNow, (await TakeAsync(us, "us")).Status);
        time.Advance(LeaseCustody.Duration - TimeSpan.FromSeconds(1));
        Assert.Equal(ActStatus.NotNow, (await TakeAsync(us, "us")).Status);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ActStatus.Accepted, (await TakeAsync(us, "us")).Status);
        Assert.Equal(("us", 1L), (Text(await cluster.GetAsync(KubeKind.Leases, "rollcall-orders"), "holderIdentity"), KubeObject.Number((await cluster.GetAsync(KubeKind.Leases, "rollcall-orders")).Spec, "leaseTransitions")));
    }

    [Fact]
    public async Task Acquire_HolderRenewsWhileWeWatch_StaysTheHolders()
    {
        await using var cluster = await BareCluster.StartAsync();
        var time = new FakeTimeProvider(Given.Noon);
        var (them, us) = (new LeaseCustody(cluster.Connection, time), new LeaseCustody(cluster.Connection, time));
        await TakeAsync(them, "them");
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(ActStatus.Refused, (await TakeAsync(us, "us")).Status);
            time.Advance(TimeSpan.FromSeconds(20));
            await TakeAsync(them, "them");
        }
    }

    [Fact]
    public async Task Release_IsForTheHolderAlone()
    {
        await using var cluster = await BareCluster.StartAsync();
        var custody = new LeaseCustody(cluster.Connection, TimeProvider.System);
        await TakeAsync(custody, "them");
        await custody.ReleaseAsync(Cluster, "us", CancellationToken.None);
        Assert.Equal(ActStatus.Refused, (await TakeAsync(custody, "us")).Status);
        await custody.ReleaseAsync(Cluster, "them", CancellationToken.None);
        Assert.Equal(ActStatus.Accepted, (await TakeAsync(custody, "us")).Status);
    }

    [Fact]
    public async Task Acquire_NotPermitted_NamesTheRight()
    {
        await using var cluster = await BareCluster.StartAsync();
        using var denied = cluster.Server.Faults.Deny(new AccessRule(["create"], ["leases"]));
        var result = await TakeAsync(new LeaseCustody(cluster.Connection, TimeProvider.System), "us");
        Assert.Equal(ActStatus.Refused, result.Status);
        Assert.Contains("the verb create on leases.coordination.k8s.io", result.Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Acquire_ServerDown_IsNotNow()
    {
        await using var cluster = await BareCluster.StartAsync();
        using var down = cluster.Server.Faults.TakeServerDown();
        Assert.Equal(ActStatus.NotNow, (await TakeAsync(new LeaseCustody(cluster.Connection, TimeProvider.System), "us")).Status);
    }
}
