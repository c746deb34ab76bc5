using Rollcall.Shared;
using Xunit;

namespace Rollcall.E2E.ControlPlane;

/// <summary>A rollout and its ways out, on a real StatefulSet.</summary>
public sealed class RolloutTests(RealPlane plane) : ServiceTest(plane)
{
    [Fact]
    public async Task Rollout_ThroughItsGate_TakesMembersOneByOneAndGivesTheSetBack()
    {
        await using var pods = await WatchAsync("gated", members: 4);
        await using var rollcall = await StartRollcallAsync();
        var before = await SetAsync("gated");

        var run = await rollcall.Api.StartAsync(Plan("gated", "2.4.0", stages: null), Ct);
        run = await rollcall.Api.UntilAsync(run.Id, "its gate is open", r => r.Gates.Any(g => g.State is GateState.Open), Ct);
        Assert.Equal(RunState.Waiting, run.State);
        Assert.NotNull(run.Reason);
        Assert.Empty(pods.Deletions);
        await rollcall.Api.ApproveAsync(run, Ct);
        await pods.UntilDeletedAsync(1, Ct);
        var owner = await HolderAsync("gated");
        run = await rollcall.Api.UntilAsync(run.Id, RunState.Succeeded, Ct);

        AssertOneByOne(pods, "gated-3", "gated-2", "gated-1", "gated-0");
        await pods.UntilAllReadyOnAsync(New, Ct);
        await AssertGivenBackAsync("gated", before);
        Assert.All(run.Obligations, o => Assert.True(o.Returned && o.Owner == owner, o.Object));
    }

    [Fact]
    public async Task Rollout_OfAnImageThatNeverStarts_HaltsAndOneRollbackHeals()
    {
        await using var pods = await WatchAsync("broken");
        await using var rollcall = await StartRollcallAsync();
        var before = await SetAsync("broken");

        var run = await rollcall.Api.StartAsync(Plan("broken", "2.5.0-bad"), Ct);
        run = await rollcall.Api.UntilAsync(run.Id, RunState.Paused, Ct);
        Assert.Contains("broken-2", run.Reason!.Text, StringComparison.Ordinal);
        Assert.Matches("ImagePullBackOff|ErrImagePull", run.Reason.Text);
        AssertOneByOne(pods, "broken-2");
        await HolderAsync("broken");

        var back = await rollcall.Api.CommandAsync(run.Id, "rollback", Ct);
        Assert.Equal(run.Id, back.RollbackOf);
        await rollcall.Api.UntilAsync(back.Id, RunState.Succeeded, Ct);
        run = await rollcall.Api.RunAsync(run.Id, Ct);
        Assert.Equal((RunState.Aborted, back.Id), (run.State, run.RolledBackBy));
        AssertOneByOne(pods, "broken-2", "broken-2");
        await pods.UntilAllReadyOnAsync(Old, Ct);
        await AssertGivenBackAsync("broken", before);
    }

    [Fact]
    public async Task Abort_InTheMiddle_KeepsTheHoldUntilAnotherRunFinishes()
    {
        await using var pods = await WatchAsync("stopped");
        await using var rollcall = await StartRollcallAsync();
        var before = await SetAsync("stopped");

        var run = await rollcall.Api.StartAsync(Plan("stopped", "2.4.0"), Ct);
        await pods.UntilDeletedAsync(1, Ct);
        await rollcall.Api.CommandAsync(run.Id, "abort", Ct);
        run = await rollcall.Api.UntilAsync(run.Id, RunState.Aborted, Ct);
        Assert.Contains(run.Obligations, o => !o.Returned);
        var owner = await HolderAsync("stopped");
        await pods.UntilAsync("stopped-2 Ready on the new version", p => p.TryGetValue("stopped-2", out var pod) && Simulator.WatchedPods.IsReady(pod) && pod.Spec.Containers[0].Image == New, Ct);
        var cluster = await rollcall.Api.ClusterUntilAsync("stopped", "all Ready again", c => c.Ready == 3, Ct);
        Assert.Equal((owner, run.Id, null), (cluster.Held?.Owner, cluster.Held?.Run, cluster.ActiveRun));
        AssertOneByOne(pods, "stopped-2");

        var finish = await rollcall.Api.StartAsync(Plan("stopped", "2.4.0"), Ct);
        await rollcall.Api.UntilAsync(finish.Id, RunState.Succeeded, Ct);
        AssertOneByOne(pods, "stopped-2", "stopped-1", "stopped-0");
        await AssertGivenBackAsync("stopped", before);
        run = await rollcall.Api.RunAsync(run.Id, Ct);
        Assert.All(run.Obligations, o => Assert.True(o.Returned, o.Object));
        Assert.Null((await rollcall.Api.ClusterUntilAsync("stopped", "given back", c => c.Held is null, Ct)).ActiveRun);
    }
}
