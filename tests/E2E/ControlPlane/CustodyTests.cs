using System.Net;
using Rollcall.E2E.Support;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.E2E.ControlPlane;

/// <summary>A hold is never orphaned and never shared: processes that are killed, databases that are lost, and a second Rollcall.</summary>
public sealed class CustodyTests(RealPlane plane) : ServiceTest(plane)
{
    [Fact]
    public async Task Kill_RightAfterADeletion_TheNextProcessGoesOn()
    {
        await using var pods = await WatchAsync("killed");
        var before = await SetAsync("killed");
        string run;
        await using (var rollcall = await StartRollcallAsync())
        {
            run = (await rollcall.Api.StartAsync(Plan("killed", "2.4.0"), Ct)).Id;
            await pods.UntilDeletedAsync(1, Ct);
            await rollcall.KillAsync();
        }
        Assert.Single(pods.Deletions);

        await using (var rollcall = await StartRollcallAsync())
        {
            await pods.UntilDeletedAsync(2, Ct);
            await rollcall.KillAsync();
        }
        await using (var rollcall = await StartRollcallAsync())
        {
            await rollcall.Api.UntilAsync(run, RunState.Succeeded, Ct);
        }

        AssertOneByOne(pods, "killed-2", "killed-1", "killed-0");
        await pods.UntilAllReadyOnAsync(New, Ct);
        await AssertGivenBackAsync("killed", before);
    }

    [Fact]
    public async Task LostDatabase_TheClusterSaysItselfWhoHoldsIt_AndReleaseGivesItBack()
    {
        await using var pods = await WatchAsync("lost");
        var before = await SetAsync("lost");
        await using (var rollcall = await StartRollcallAsync())
        {
            await rollcall.Api.StartAsync(Plan("lost", "2.4.0"), Ct);
            await pods.UntilDeletedAsync(1, Ct);
            await rollcall.KillAsync();
        }
        await pods.UntilAsync("lost-2 Ready on the new version", p => p.TryGetValue("lost-2", out var pod) && Simulator.WatchedPods.IsReady(pod) && pod.Spec.Containers[0].Image == New, Ct);
        var owner = await HolderAsync("lost");

        await using (var other = await StartRollcallAsync("empty"))
        {
            Assert.Equal(owner, (await other.Api.ClusterAsync("lost", Ct)).Held?.Owner);
            var (status, detail) = await other.Api.RefusedToStoreAsync(Plan("lost", "2.4.0"), Ct);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains(owner, detail, StringComparison.Ordinal);
        }

        var refused = await ReleaseAsync("lost");
        Assert.True(refused.ExitCode == 1, refused.Output);
        Assert.Contains("lost-0, lost-1", refused.Output, StringComparison.Ordinal);
        Assert.Equal(owner, await HolderAsync("lost"));
        AssertOneByOne(pods, "lost-2");

        // The dead process' Lease must have run out first; until then this is refused too, and says so.
        var released = await Poll.UntilAsync("release --even-if-mixed", TimeSpan.FromSeconds(120), () => ReleaseAsync("lost", "--even-if-mixed"), r => r.ExitCode == 0, r => r.Output, Ct);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder("release")));
        Assert.Contains("lost", released.Output, StringComparison.Ordinal);
        // Now the StatefulSet controller is free to do the rest, which is what was asked for.
        await pods.UntilAllReadyOnAsync(New, Ct);
        AssertOneByOne(pods, "lost-2", "lost-1", "lost-0");
        await Poll.UntilAsync("the controller is done", TimeSpan.FromSeconds(60), () => SetAsync("lost"), s => s.Status.CurrentRevision == s.Status.UpdateRevision, s => s.Status.CurrentRevision, Ct);
        await AssertGivenBackAsync("lost", before);
    }

    [Fact]
    public async Task SecondRollcall_IsRefusedAndTheFirstGoesOn()
    {
        await using var pods = await WatchAsync("shared");
        await using var first = await StartRollcallAsync();
        await using var second = await StartRollcallAsync("second");
        var before = await SetAsync("shared");
        var plan = Plan("shared", "2.4.0", stages: null);
        var stored = await second.Api.StoreAsync(plan, Ct);

        var run = await first.Api.StartAsync(plan, Ct);
        run = await first.Api.UntilAsync(run.Id, "its gate is open", r => r.Gates.Any(g => g.State is GateState.Open), Ct);
        var atTheGate = await second.Api.RefusedToStartAsync(stored, Ct);
        await first.Api.ApproveAsync(run, Ct);
        await pods.UntilDeletedAsync(1, Ct);
        var underWay = await second.Api.RefusedToStartAsync(stored, Ct);
        var planned = await second.Api.RefusedToStoreAsync(plan, Ct);
        var owner = await HolderAsync("shared");
        await first.Api.UntilAsync(run.Id, RunState.Succeeded, Ct);

        Assert.All([atTheGate, underWay, planned], refused => Assert.Contains(owner, refused.Detail, StringComparison.Ordinal));
        Assert.Equal([HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.BadRequest], [atTheGate.Status, underWay.Status, planned.Status]);
        AssertOneByOne(pods, "shared-2", "shared-1", "shared-0");
        await AssertGivenBackAsync("shared", before);
    }
}
