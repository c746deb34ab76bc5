using System.Net;
using Rollcall.E2E.ControlPlane;
using Rollcall.E2E.Simulator;
using Rollcall.E2E.Support;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.E2E.KubeBlocks;

/// <summary>
/// A KubeBlocks sharding under Rollcall as a process of its own, through the simulator's API, where exec answers.
/// </summary>
[Collection(ControlPlaneTests.Name)]
public sealed class SessionsTests
{
    private const string Minor = "serviceVersion: 7.2.5", Bad = "serviceVersion: 8.2.0-bad, componentDef: redis-cluster-8";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rollout_ThroughItsGates_TakesFollowersFirstAndAsksForOneSwitchoverPerShard()
    {
        await using var sessions = await Sessions.StartAsync(Ct);
        await using var rollcall = await sessions.StartRollcallAsync(Ct);
        var before = await sessions.TemplateAsync(Ct);

        var run = await rollcall.Api.StartAsync(Sessions.Plan(Minor, stages: "[{ name: canary, shards: { count: 1 } }, { name: rest, shards: rest, gate: { approvals: 1 } }]"), Ct);
        run = await rollcall.Api.UntilAsync(run.Id, "its gate is open", r => r.Gates.Any(g => g.State is GateState.Open), Ct);
        Assert.Equal(3, sessions.Pods.Deletions.Length);
        Assert.Equal("OnDelete", (await sessions.TemplateAsync(Ct))["instanceUpdateStrategy"]!["type"]!.GetValue<string>());
        await rollcall.Api.ApproveAsync(run, Ct);
        run = await rollcall.Api.SucceedsAsync(run.Id, Ct);

        Assert.Equal((9, 3), (run.Totals.Updated, run.Totals.SwitchoversDone));
        await sessions.AssertOrderAsync(run.Id, Ct);
        await sessions.Pods.UntilAllReadyOnAsync(Sessions.New, Ct);
        await sessions.AssertGivenBackAsync(before, Ct);
    }

    [Fact]
    public async Task Rollout_OfAVersionThatNeverStarts_IsWrittenBackAtOnceAndOneRollbackHeals()
    {
        await using var sessions = await Sessions.StartAsync(Ct);
        await using var rollcall = await sessions.StartRollcallAsync(Ct);
        var before = await sessions.TemplateAsync(Ct);

        var run = await rollcall.Api.StartAsync(Sessions.Plan(Bad), Ct);
        run = await rollcall.Api.UntilAsync(run.Id, RunState.Paused, Ct);
        var first = Assert.Single(sessions.Pods.DeletedPods);
        Assert.DoesNotContain(first, Sessions.Leaders.Values);
        Assert.Contains(first, run.Reason!.Text, StringComparison.Ordinal);
        Assert.Matches("ImagePullBackOff|ErrImagePull", run.Reason.Text);
        await Poll.UntilAsync("the old version is written back", TimeSpan.FromSeconds(60), () => sessions.TemplateAsync(Ct), t => t["serviceVersion"]!.GetValue<string>() == "7.2.4", t => t.ToJsonString(), Ct);

        var back = await rollcall.Api.CommandAsync(run.Id, "rollback", Ct);
        back = await rollcall.Api.SucceedsAsync(back.Id, Ct);
        Assert.Equal([first, first], sessions.Pods.DeletedPods);
        Assert.Equal((run.Id, 0), (back.RollbackOf, await sessions.OperationCountAsync(Ct)));
        await sessions.Pods.UntilAllReadyOnAsync(Sessions.Old, Ct);
        await sessions.AssertGivenBackAsync(before, Ct);
    }

    [Fact]
    public async Task Kill_RightAfterASwitchoverIsAskedFor_TheNextProcessGoesOnAndAsksForNoSecond()
    {
        await using var sessions = await Sessions.StartAsync(Ct);
        var before = await sessions.TemplateAsync(Ct);
        string id;
        await using (var rollcall = await sessions.StartRollcallAsync(Ct))
        {
            id = (await rollcall.Api.StartAsync(Sessions.Plan(Minor), Ct)).Id;
            await sessions.NextSwitchoverAsync();
            await rollcall.KillAsync();
        }
        await using (var rollcall = await sessions.StartRollcallAsync(Ct))
        {
            var run = await rollcall.Api.SucceedsAsync(id, Ct);
            Assert.Equal((9, 3), (run.Totals.Updated, run.Totals.SwitchoversDone));
        }

        Assert.Equal(3, await sessions.OperationCountAsync(Ct));
        Assert.Equal(9, sessions.Pods.DeletedPods.Length);
        Assert.Equal(9, sessions.Pods.DeletedPods.Distinct(StringComparer.Ordinal).Count());
        await sessions.Pods.UntilAllReadyOnAsync(Sessions.New, Ct);
        await sessions.AssertGivenBackAsync(before, Ct);
    }

    [Fact]
    public async Task Abort_KeepsTheHold_AndReleaseWithoutTheDatabaseNamesWhatWillRestart()
    {
        await using var sessions = await Sessions.StartAsync(Ct);
        var before = await sessions.TemplateAsync(Ct);
        await using (var rollcall = await sessions.StartRollcallAsync(Ct))
        {
            var run = await rollcall.Api.StartAsync(Sessions.Plan(Minor), Ct);
            await sessions.Pods.UntilDeletedAsync(1, Ct);
            await rollcall.Api.CommandAsync(run.Id, "abort", Ct);
            run = await rollcall.Api.UntilAsync(run.Id, RunState.Aborted, Ct);
            Assert.Contains(run.Obligations, o => !o.Returned);
            await sessions.Pods.UntilAsync("all Ready, one of them new", p => p.Count == 9 && p.Values.All(WatchedPods.IsReady) && p.Values.Count(x => x.Spec.Containers[0].Image == Sessions.New) == 1, Ct);
            var cluster = await rollcall.Api.ClusterUntilAsync("sessions", "all Ready again", c => c.Ready == 9, Ct);
            Assert.Equal((run.Id, null), (cluster.Held?.Run, cluster.ActiveRun));
        }
        Assert.Equal("OnDelete", (await sessions.TemplateAsync(Ct))["instanceUpdateStrategy"]!["type"]!.GetValue<string>());

        var refused = await sessions.ReleaseAsync(Ct);
        Assert.True(refused.ExitCode == 1, refused.Output);
        Assert.Contains(Sessions.Leaders["k7d"], refused.Output, StringComparison.Ordinal);
        Assert.Single(sessions.Pods.Deletions);

        await Poll.UntilAsync("release --even-if-mixed", TimeSpan.FromSeconds(120), () => sessions.ReleaseAsync(Ct, "--even-if-mixed"), r => r.ExitCode == 0, r => r.Output, Ct);
        await sessions.AssertGivenBackAsync(before, Ct);
        // KubeBlocks is free now to do the rest, which is what the Cluster asks for.
        await sessions.Pods.UntilAllReadyOnAsync(Sessions.New, Ct);
    }

    [Fact]
    public async Task Plan_WhereTheInstanceApiDecides_IsRefusedWithTheReason()
    {
        await using var sessions = await Sessions.StartAsync(Ct);
        await sessions.PatchAsync("""[{ "op": "add", "path": "/spec/shardings/0/template/enableInstanceAPI", "value": true }]""", Ct);
        await using var rollcall = await sessions.StartRollcallAsync(Ct);

        var (status, why) = await rollcall.Api.RefusedToStoreAsync(Sessions.Plan(Minor), Ct);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("enableInstanceAPI", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WhileKubeBlocksIsBusyForSomebodyElse_TouchesNothingSaysWhyAndThenGoesOn()
    {
        await using var sessions = await Sessions.StartAsync(Ct);
        await sessions.PatchAsync("""[{ "op": "add", "path": "/metadata/labels", "value": { "apps.kubeblocks.io/rollout-name": "theirs" } }]""", Ct);
        await sessions.BusyAsync("by-hand", Ct);
        await using var rollcall = await sessions.StartRollcallAsync(Ct);
        var before = (await sessions.TemplateAsync(Ct)).ToJsonString();

        var run = await rollcall.Api.StartAsync(Sessions.Plan(Minor), Ct);
        await rollcall.Api.UntilAsync(run.Id, "waits for the switchover", r => r.Reason?.Text.Contains("by-hand", StringComparison.Ordinal) == true, Ct);
        await sessions.EndAsync("by-hand", Ct);
        await rollcall.Api.UntilAsync(run.Id, "waits for the Rollout", r => r.Reason?.Text.Contains("Rollout theirs", StringComparison.Ordinal) == true, Ct);
        Assert.Empty(sessions.Pods.Deletions);
        Assert.Equal(before, (await sessions.TemplateAsync(Ct)).ToJsonString());

        await sessions.PatchAsync("""[{ "op": "remove", "path": "/metadata/labels" }]""", Ct);
        await sessions.Pods.UntilDeletedAsync(1, Ct);
    }
}
