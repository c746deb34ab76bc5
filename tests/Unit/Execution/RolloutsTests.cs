using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Execution;

public sealed class RolloutsTests
{
    private static readonly GateSpec TwoFromDba = new() { Approvals = 2, Groups = ["dba"] };

    private static Bench TwoShards() => new(new ToyCluster(1, 2, 2, 0, null));

    private static async Task<(string Run, GateView Gate, string Hash)> AtGateAsync(Bench bench, GateSpec gate)
    {
        var run = await bench.RunAsync(gate: gate);
        var view = await bench.UntilAsync(run, v => v.Gates.Any(g => g.State == GateState.Open));
        return (run, view.Gates[0], view.PlanHash);
    }

    [Fact]
    public async Task Start_TwentyClicksAtOnce_OneRunAndTheOthersAreToldWhich()
    {
        await using var bench = await TwoShards().StartAsync();
        var plan = Make.Plan(bench.Toy.Show());
        await bench.Journal.StorePlanAsync(plan);
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => bench.Rollouts.StartRunAsync(plan.Id, Bench.Ann, Bench.Ct))));
        var started = Assert.Single(results, r => r.Ok);
        Assert.All(results.Where(r => !r.Ok), r => Assert.Equal((RefusalKind.Conflict, started.Value!.Id), (r.Refusal!.Kind, r.Refusal.RunId)));
    }

    [Fact]
    public async Task Start_MembershipChangedSincePlan_IsRefusedWithWhatChanged()
    {
        await using var bench = await TwoShards().StartAsync();
        var plan = Make.Plan(bench.Toy.Show());
        await bench.Journal.StorePlanAsync(plan);
        bench.Toy.Groups[0].Members.Add(new ToyCluster.Member { Name = "orders-a-2", Ordinal = 2, Uid = "u9" });
        bench.Publish();
        var refused = (await bench.Rollouts.StartRunAsync(plan.Id, Bench.Ann, Bench.Ct)).Refusal!;
        Assert.Equal(RefusalKind.Conflict, refused.Kind);
        Assert.Contains("orders-a-2", Assert.Single(refused.Changed), StringComparison.Ordinal);
        Assert.Empty(bench.Rollouts.Runs());
    }

    [Fact]
    public async Task Start_HeldByAnotherRollcall_IsRefusedAndNamesIt()
    {
        await using var bench = await TwoShards().StartAsync();
        var plan = Make.Plan(bench.Toy.Show());
        await bench.Journal.StorePlanAsync(plan);
        bench.Store.Update(t => t with { Held = new Custody("other-host", "r-theirs", Make.Noon) });
        Assert.Contains("other-host", (await bench.Rollouts.StartRunAsync(plan.Id, Bench.Ann, Bench.Ct)).Refusal!.Message, StringComparison.Ordinal);
        bench.Publish();
        bench.Custody.Answer = () => ActResult.Refused("The Lease is third-host's.");
        Assert.Contains("third-host", (await bench.Rollouts.StartRunAsync(plan.Id, Bench.Ann, Bench.Ct)).Refusal!.Message, StringComparison.Ordinal);
        Assert.Empty(bench.Rollouts.Runs());
    }

    [Fact]
    public async Task Approve_SamePersonTwice_CountsOnce()
    {
        await using var bench = await TwoShards().StartAsync();
        var (run, gate, hash) = await AtGateAsync(bench, TwoFromDba);
        Bench.Accepted(await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "one", Bench.Cat, Bench.Ct));
        var view = Bench.Accepted(await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "two", Bench.Cat, Bench.Ct));
        Assert.Single(view.Gates[0].Approvals);
        Assert.Empty(bench.Rollouts.Approvals(Bench.Cat));
        Assert.Equal(run, Assert.Single(bench.Rollouts.Approvals(Bench.Bob)).RunId);
        Bench.Accepted(await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "", Bench.Bob, Bench.Ct));
        var end = await bench.EndAsync(run);
        Assert.Equal((RunState.Succeeded, GateState.Approved), (end.State, end.Gates[0].State));
    }

    [Fact]
    public async Task Approve_AnotherHash_IsRefusedWithTheRightOneAndWhatChanged()
    {
        await using var bench = await TwoShards().StartAsync();
        var (run, gate, hash) = await AtGateAsync(bench, TwoFromDba);
        var other = Make.Plan(bench.Toy.Show(), to: "7.2.6") with { Id = "p-other", Hash = "h-other" };
        await bench.Journal.StorePlanAsync(other);
        var refused = (await bench.Rollouts.ApproveAsync(run, gate.Name, "h-other", "", Bench.Ann, Bench.Ct)).Refusal!;
        Assert.Equal((RefusalKind.Conflict, hash), (refused.Kind, refused.PlanHash));
        Assert.Contains(refused.Changed, c => c.Contains("7.2.6", StringComparison.Ordinal));
        Assert.Empty(bench.View(run).Gates[0].Approvals);
    }

    [Fact]
    public async Task Approve_GateNotOpenOrUnknown_IsRefused()
    {
        await using var bench = await TwoShards().StartAsync();
        bench.Custody.Answer = () => ActResult.Accepted("Ours.");
        var run = await bench.RunAsync(gate: TwoFromDba);
        var view = bench.View(run);
        Assert.Equal(RefusalKind.Conflict, (await bench.Rollouts.ApproveAsync(run, view.Gates[0].Name, view.PlanHash, "", Bench.Ann, Bench.Ct)).Refusal!.Kind);
        Assert.Equal(RefusalKind.NotFound, (await bench.Rollouts.ApproveAsync(run, "no-gate", view.PlanHash, "", Bench.Ann, Bench.Ct)).Refusal!.Kind);
    }

    [Fact]
    public async Task Reject_Gate_PausesAndRetryAsksAgain()
    {
        await using var bench = await TwoShards().StartAsync();
        var (run, gate, hash) = await AtGateAsync(bench, new GateSpec());
        Bench.Accepted(await bench.Rollouts.RejectAsync(run, gate.Name, hash, "not today", Bench.Bob, Bench.Ct));
        var paused = await bench.UntilAsync(run, v => v.State == RunState.Paused);
        Assert.Contains("bob rejected", paused.Reason!.Text, StringComparison.Ordinal);
        Bench.Accepted(await bench.Rollouts.RetryAsync(run, "tomorrow", Bench.Ann, Bench.Ct));
        await bench.UntilAsync(run, v => v.Gates[0].State == GateState.Open);
        Bench.Accepted(await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "", Bench.Bob, Bench.Ct));
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
    }

    [Fact]
    public async Task Commands_WithoutTheRole_AreForbidden()
    {
        await using var bench = await TwoShards().StartAsync();
        var run = await bench.RunAsync(gate: TwoFromDba);
        var view = bench.View(run);
        Refusal?[] refused =
        [
            (await bench.Rollouts.StartRunAsync(view.PlanId, Bench.Vic, Bench.Ct)).Refusal, (await bench.Rollouts.PauseAsync(run, "", Bench.Bob, Bench.Ct)).Refusal, (await bench.Rollouts.AbortAsync(run, "", Bench.Vic, Bench.Ct)).Refusal,
            (await bench.Rollouts.RollbackAsync(run, null, "", Bench.Bob, Bench.Ct)).Refusal, (await bench.Rollouts.ApproveAsync(run, view.Gates[0].Name, view.PlanHash, "", Bench.Vic, Bench.Ct)).Refusal,
            (await bench.Rollouts.ReleaseAsync(new ClusterKey("demo", "orders"), true, "x", Bench.Vic, Bench.Ct)).Refusal, (await bench.Rollouts.CreatePlanAsync("", Bench.Vic, Bench.Ct)).Refusal,
        ];
        Assert.All(refused, r => Assert.Equal(RefusalKind.Forbidden, r!.Kind));
    }

    [Fact]
    public async Task ReadOnly_EveryCommand_IsForbiddenAndNothingIsDriven()
    {
        using var file = new Storage.TempDatabase();
        string run;
        await using (var writer = await new Bench(file: file).StartAsync())
            run = await writer.RunAsync();
        await using var bench = new Bench(file: file);
        bench.Options.ReadOnly = true;
        await bench.StartAsync();
        var admin = new Caller("root", [Caller.Admin], []);
        Assert.Contains("observes only", (await bench.Rollouts.AbortAsync(run, "", admin, Bench.Ct)).Refusal!.Message, StringComparison.Ordinal);
        Assert.Equal(RunState.Waiting, bench.View(run).State);
        Assert.Empty(bench.Driver.Executed);
        Assert.Empty(bench.Custody.Renewals);
    }

    [Fact]
    public async Task Rollback_DoubleClick_GivesTheSameRun()
    {
        await using var bench = await TwoShards().StartAsync();
        var run = await bench.RunAsync();
        await bench.UntilAsync(run, _ => bench.Toy.Replaced.Count > 1);
        var both = await Task.WhenAll(bench.Rollouts.RollbackAsync(run, null, "a", Bench.Ann, Bench.Ct), bench.Rollouts.RollbackAsync(run, null, "b", Bench.Ann, Bench.Ct));
        Assert.Equal(Bench.Accepted(both[0]).Id, Bench.Accepted(both[1]).Id);
        var back = both[0].Value!.Id;
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(back)).State);
        Assert.Equal(back, Bench.Accepted(await bench.Rollouts.RollbackAsync(run, null, "c", Bench.Ann, Bench.Ct)).Id);
        Assert.Equal(2, bench.Rollouts.Runs().Length);
        Assert.Empty(bench.Toy.Violations);
    }

    [Fact]
    public async Task Rollback_WhileActIsWithTheDriver_HandsOverAtOnceAndActsOnlyAfterIt()
    {
        await using var bench = TwoShards();
        bench.Driver.Before = (act, _) =>
        {
            if (act is ReplaceAct)
                bench.Driver.Close();
            return null;
        };
        await bench.StartAsync();
        var run = await bench.RunAsync();
        await bench.UntilAsync(run, _ => bench.Driver.Reached.Task.IsCompleted);
        bench.Driver.Before = (_, _) => null;
        var back = Bench.Accepted(await bench.Rollouts.RollbackAsync(run, null, "", Bench.Ann, Bench.Ct));
        Assert.Equal(RunState.Aborted, bench.View(run).State);
        Assert.All(bench.View(run).Obligations, o => Assert.Contains(back.Id, o.Note, StringComparison.Ordinal));
        Assert.Equal(bench.View(run).Obligations.Select(o => o.Object), back.Obligations.Where(o => !o.Returned).Select(o => o.Object));
        await bench.UntilAsync(back.Id, v => v.State != RunState.Pending && bench.Supervisor.LoopOf(back.Id)!.Idle);
        Assert.DoesNotContain(bench.Driver.Executed, e => e.Context.RunId == back.Id);
        bench.Driver.Open();
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(back.Id)).State);
        Assert.Empty(bench.Toy.Violations);
    }

    [Fact]
    public async Task Rollback_OfAFinishedRun_IsARunOfItsOwn()
    {
        await using var bench = await TwoShards().StartAsync();
        var run = await bench.RunAsync();
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
        var back = Bench.Accepted(await bench.Rollouts.RollbackAsync(run, null, "second thoughts", Bench.Ann, Bench.Ct));
        Assert.Equal(run, back.RollbackOf);
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(back.Id)).State);
        Assert.Equal(RunState.Succeeded, bench.View(run).State);
        Assert.All(bench.Toy.Groups.SelectMany(g => g.Members), m => Assert.Equal("7.2.4", m.Version));
Assert.Equal((RunState.Succeeded, true), (bench.View(back.Id).State, bench.View(back.Id).Backwards));
    }

    [Fact]
    public async Task Abort_Halfway_KeepsTheHold_AndTheSamePlanFinishesIt()
    {
        await using var bench = await TwoShards().StartAsync();
        var run = await bench.RunAsync();
        await bench.UntilAsync(run, _ => bench.Toy.Groups[0].Members.Count(m => m.Version == "7.2.5" && m.Ready) == 1);
        Bench.Accepted(await bench.Rollouts.AbortAsync(run, "fire drill", Bench.Ann, Bench.Ct));
        var aborted = await bench.EndAsync(run);
        Assert.Equal(RunState.Aborted, aborted.State);
        Assert.Contains(aborted.Obligations, o => !o.Returned);
        Assert.All(bench.Toy.Groups, g => Assert.Equal(run, g.HeldBy));

        bench.Store.Update(t => t with { Held = new Custody("me", run, Make.Noon) });
        var finish = Bench.Accepted(await bench.Rollouts.StartRunAsync(aborted.PlanId, Bench.Ann, Bench.Ct));
        Assert.All(bench.View(run).Obligations, o => Assert.True(o.Returned));
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(finish.Id)).State);
        Assert.All(bench.Toy.Replaced.Values, n => Assert.Equal(1, n));
        Assert.All(bench.Toy.Groups, g => Assert.Null(g.HeldBy));
    }

    [Fact]
    public async Task Release_Mixed_ListsWhoWillRestartAndReleasesOnlyIfTold()
    {
        await using var bench = await TwoShards().StartAsync();
        var orders = new ClusterKey("demo", "orders");
        var run = await bench.RunAsync();
        await bench.UntilAsync(run, _ => bench.Toy.Groups[0].Members.Count(m => m.Version == "7.2.5" && m.Ready) == 1);
        Assert.Equal(run, (await bench.Rollouts.ReleaseAsync(orders, true, "x", Bench.Ann, Bench.Ct)).Refusal!.RunId);
        Bench.Accepted(await bench.Rollouts.AbortAsync(run, "", Bench.Ann, Bench.Ct));
        await bench.EndAsync(run);
        bench.Publish();
        var refused = (await bench.Rollouts.ReleaseAsync(orders, false, "x", Bench.Ann, Bench.Ct)).Refusal!;
        var outdated = bench.Store.Current.Components[0].Shards.SelectMany(s => s.Instances).Where(i => !i.Updated).Select(i => i.Name).ToArray();
        Assert.Equal(outdated, refused.Changed);
        Assert.NotEmpty(outdated);
        Assert.Equal(outdated, Bench.Accepted(await bench.Rollouts.ReleaseAsync(orders, true, "x", Bench.Ann, Bench.Ct)));
        Assert.All(bench.Toy.Groups, g => Assert.Null(g.HeldBy));
        Assert.All(bench.View(run).Obligations, o => Assert.Equal("Released by ann.", o.Note));
    }

    [Fact]
    public async Task Release_MoverThatARunLeftStopped_IsStartedAndOnlyItsOwnWordEndsTheObligation()
    {
        await using var bench = await TwoShards().StartAsync();
        var balancer = new MoverSpec("balancer", "the balancer") { Check = ["state"], Suspended = "stopped", Running = "running", Suspend = ["stop"], Resume = ["start"] };
        var said = "stopped";
        var commands = new List<string>();
        bench.OtherActions = new Commands((argv, output) =>
        {
            commands.Add(argv);
            output.Add(argv == "state" ? said : "");
            return ActResult.Accepted("Done.");
        });
        await bench.StopAsync();
        await bench.StartAsync();
        var plan = Make.Plan(bench.Toy.Show(), profile: Make.Redis with { Movers = [balancer] }) with { Id = "p-mover", CreatedBy = "ann", CreatedAt = bench.Time.GetUtcNow() };
        await bench.Journal.StorePlanAsync(plan);
        var row = new RunRow { Id = "r-mover", PlanId = plan.Id, Cluster = plan.Cluster.ToString(), Origin = bench.Options.Origin, StartedBy = "ann", CreatedAt = bench.Time.GetUtcNow() };
        await bench.Journal.CreateRunAsync(row, new JournalBatch(row.Id, 1, bench.Time.GetUtcNow(), [new RunStarted(plan.Id, plan.Hash), new ObligationTaken(Movers.Kind, Movers.Object(plan, balancer), row.Id), new RunFinished(RunState.Aborted, new Reason("Aborted."))]));
        await bench.StopAsync();
        await bench.StartAsync();
        var orders = new ClusterKey("demo", "orders");

        var asking = bench.Rollouts.ReturnMoversAsync(orders, Bench.Ann, Bench.Ct);
        while (!asking.IsCompleted)
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        var refused = (await asking)!;
        Assert.Equal((RefusalKind.Unavailable, row.Id), (refused.Kind, refused.RunId));
        Assert.Contains("the balancer was asked to start and does not say within 30 s that it runs. Release again to try again, or start it by hand: start", refused.Message, StringComparison.Ordinal);
        Assert.Contains("start", commands);
        Assert.False(Assert.Single(bench.View(row.Id).Obligations).Returned);

        said = "running";
        commands.Clear();
        Assert.Null(await bench.Rollouts.ReturnMoversAsync(orders, Bench.Ann, Bench.Ct));
        Assert.Equal(["start", "state"], commands);
        Assert.Equal("Started again by ann; it says itself that it runs.", Assert.Single(bench.View(row.Id).Obligations) is { Returned: true } back ? back.Note : "");
        Assert.Null(await bench.Rollouts.ReturnMoversAsync(orders, Bench.Ann, Bench.Ct));
        Assert.Equal(2, commands.Count); // nothing is owed any more, nothing is asked
    }

    private sealed class Commands(Func<string, OutputTail, ActResult> run) : IActionRunner
    {
        public Task<ActResult> RunAsync(ActionAct act, ActContext context, OutputTail output, CancellationToken ct) => Task.FromResult(run(string.Join(' ', act.Spec.Exec!.Command), output));

        public string? Unmeasurable(AnalysisSpec analysis) => null;
    }

    [Fact]
    public async Task Runs_AfterRestart_AreListedFromTheirSummaries()
    {
        using var file = new Storage.TempDatabase();
        RunView end;
        await using (var first = await new Bench(file: file).StartAsync())
        {
            end = await first.EndAsync(await first.RunAsync());
            await first.UntilAsync(end.Id, _ => first.Supervisor.LoopOf(end.Id) is null);
        }
        await using var second = await new Bench(file: file).StartAsync();
        var listed = Assert.Single(second.Rollouts.Runs());
        Assert.Equal((end.Id, RunState.Succeeded, 3), (listed.Id, listed.State, listed.Totals.Updated));
        Assert.Empty(listed.Steps);
        Assert.Equal(end.Steps.Length, second.View(end.Id).Steps.Length);
    }

    [Fact]
    public async Task WhenRunAfter_Approval_WakesViewersOfRunAndList()
    {
        await using var bench = await TwoShards().StartAsync();
        var (run, gate, hash) = await AtGateAsync(bench, TwoFromDba);
        var (revision, list) = (bench.Rollouts.RunRevision(run), bench.Rollouts.RunsVersion);
        var (one, all) = (bench.Rollouts.WhenRunAfterAsync(run, revision, TestContext.Current.CancellationToken), bench.Rollouts.WhenRunsAfterAsync(list, TestContext.Current.CancellationToken));
        Assert.False(one.IsCompleted);
        Bench.Accepted(await bench.Rollouts.ApproveAsync(run, gate.Name, hash, "", Bench.Cat, Bench.Ct));
        await Task.WhenAll(one, all).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.True(bench.Rollouts.RunRevision(run) > revision);
    }
}
