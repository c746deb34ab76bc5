using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Execution;

public sealed class RunLoopTests
{
    [Fact]
    public async Task Run_QuietCluster_SucceedsWithOneReplacementEachAndOneSwitchover()
    {
        await using var bench = await new Bench().StartAsync();
        var run = await bench.RunAsync();
        var view = await bench.EndAsync(run);
        Assert.Equal(RunState.Succeeded, view.State);
        Assert.Equal([1, 1, 1], bench.Toy.Replaced.Values);
        Assert.Equal(1, bench.Toy.Switchovers);
        Assert.Empty(bench.Toy.Violations);
        Assert.All(view.Obligations, o => Assert.True(o.Returned));
        Assert.NotEmpty(view.Obligations);
        Assert.Equal((3, 3), (view.Totals.Members, view.Totals.Updated));
        Assert.Equal(bench.Toy.Show().Cluster, await bench.Custody.Released);
    }

    [Fact]
    public async Task Act_Any_IsInTheJournalBeforeTheDriverHearsOfIt()
    {
        await using var bench = new Bench();
        var early = new List<string>();
        bench.Driver.Before = (act, context) =>
        {
            if (!bench.Events(context.RunId).Any(e => e is StepStarted s && s.Step == act.Step && s.Attempt == context.Attempt))
                early.Add(act.Step);
            return null;
        };
        await bench.StartAsync();
        await bench.EndAsync(await bench.RunAsync());
        Assert.Empty(early);
        Assert.NotEmpty(bench.Driver.Executed);
    }

    /// <summary>The loop had looked before it got its turn; an act that had the turn recorded what a newer picture showed, and the old one then read as if somebody had taken the hold away.</summary>
    [Fact]
    public async Task Round_WaitedForItsTurn_DecidesOnThePictureOfNowNotOfBefore()
    {
        await using var bench = new Bench();
        var old = 0;
        using var blocked = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        var armed = false;
        bench.Decider = () =>
        {
            var decide = new Decider();
            return state =>
            {
                if (state.Topology is not null && state.Topology.ObservedAt != bench.Store.Current.ObservedAt)
                    old++;
                var decision = decide.Decide(state);
                if (!armed && decision.Acts.Any(a => a.Act is ReplaceAct))
                {
                    armed = true;
                    return decision; // the loop's own; the next is the act's, which has the turn
                }
                if (armed && blocked.CurrentCount == 0 && go.CurrentCount == 0 && decision.Acts.Any(a => a.Act is ReplaceAct))
                {
                    blocked.Release();
                    go.Wait(TimeSpan.FromSeconds(20));
                }
                return decision;
            };
        };
        await bench.StartAsync();
        var run = await bench.RunAsync();
        var end = bench.EndAsync(run);
        await blocked.WaitAsync(Bench.Ct);
        bench.Store.Update(t => t with { ObservedAt = t.ObservedAt.AddMilliseconds(1) });
        while (bench.Store.Watched)
            await Task.Yield();
        for (var n = 0; n < 2000; n++)
            await Task.Yield(); // the loop is awake; it looks, and waits for its turn
        bench.Store.Update(t => t with { ObservedAt = t.ObservedAt.AddMilliseconds(1) });
        go.Release(1000);

        Assert.Equal(RunState.Succeeded, (await end).State);
        Assert.Equal(0, old);
    }

    [Fact]
    public async Task Hold_Intent_ComesWithItsObligationsInTheSameWrite()
    {
        await using var bench = await new Bench(new ToyCluster(1, 2, 2, 0, null)).StartAsync();
        var run = await bench.RunAsync();
        await bench.EndAsync(run);
        var events = bench.Journal.Load(run);
        var hold = events.First(e => e.Event is StepStarted { Act: HoldAct });
        Assert.Equal(["StatefulSet demo/orders-a", "StatefulSet demo/orders-b"], events.Where(e => e.Event is ObligationTaken && e.At == hold.At && e.Seq < hold.Seq).Select(e => ((ObligationTaken)e.Event).Object));
        Assert.Equal(2, events.Count(e => e.Event is ObligationReturned));
    }

    [Fact]
    public async Task DisruptiveAct_FreshReadShowsAnotherPod_IsNotDone()
    {
        await using var bench = new Bench();
        var stale = true;
        bench.Driver.Read = members => stale ? [.. members.Select(m => m with { Ready = m.Ordinal != 0, ResourceVersion = "" })] : members;
        await bench.StartAsync();
        var run = await bench.RunAsync();
        // The watch says all are well; the API server says that one is not Ready. Nothing may be disrupted on the watch's word.
        await bench.UntilAsync(run, _ => bench.Driver.Reads.Count > 3);
        Assert.DoesNotContain(bench.Driver.Executed, e => e.Act is ReplaceAct);
        stale = false;
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
    }

    [Fact]
    public async Task Custody_ApiServerDoesNotAnswer_WaitsWithReasonAndGoesOnByItself()
    {
        await using var bench = await new Bench().StartAsync();
        var down = false;
        bench.Custody.Answer = () => down ? ActResult.Unknown("The API server is away.") : ActResult.Accepted("Ours.");
        var run = await bench.RunAsync();
        down = true;
        var waiting = await bench.UntilAsync(run, v => v.State == RunState.Waiting && v.Reason?.Text == "The API server is away.");
        Assert.False(waiting.Terminal);
        down = false;
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
    }

    [Fact]
    public async Task Custody_TakenByAnother_PausesAndNamesIt()
    {
        await using var bench = await new Bench().StartAsync();
        var foreign = false;
        bench.Custody.Answer = () => foreign ? ActResult.Refused("demo/orders is owned by other-host.") : ActResult.Accepted("Ours.");
        var run = await bench.RunAsync();
        foreign = true;
        var paused = await bench.UntilAsync(run, v => v.State == RunState.Paused);
        Assert.Contains("other-host", paused.Reason!.Text, StringComparison.Ordinal);
        var before = bench.Driver.Executed.Count;
        bench.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(before, bench.Driver.Executed.Count);
        foreign = false;
        Bench.Accepted(await bench.Rollouts.RetryAsync(run, "mine again", Bench.Ann, Bench.Ct));
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
    }

    [Fact]
    public async Task Driver_Throws_IsUnknownInTheJournalAndTheRunGoesOn()
    {
        await using var bench = new Bench();
        var thrown = 0;
        bench.Driver.Before = (act, _) => act is ReplaceAct && thrown++ == 0 ? throw new HttpRequestException("Connection reset.") : null;
        await bench.StartAsync();
        var run = await bench.RunAsync();
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
        var answer = Assert.Single(bench.Events(run).OfType<ActReturned>(), r => r.Status == ActStatus.Unknown);
        Assert.Contains("Connection reset", answer.Reason.Text, StringComparison.Ordinal);
        Assert.Equal([1, 1, 1], bench.Toy.Replaced.Values);
    }

    [Fact]
    public async Task Decide_Faults_RunIsShownWaitingAndTriesAgain()
    {
        await using var bench = new Bench();
        var faults = 0;
        bench.Decider = () =>
        {
            var real = new Decider();
            return state => state.Ledger.Steps.Count == 1 && faults < 3 ? throw new InvalidOperationException($"Fault {++faults}") : real.Decide(state);
        };
        await bench.StartAsync();
        var run = await bench.RunAsync();
        var shown = new List<string>();
        var view = await bench.UntilAsync(run, v =>
        {
            if (v.Reason?.Text.Contains("Fault", StringComparison.Ordinal) == true)
            {
                shown.Add(v.State.ToString());
                bench.Pass(TimeSpan.FromSeconds(1));
            }
            return v.Terminal;
        });
        Assert.Equal(RunState.Succeeded, view.State);
        Assert.Equal(3, faults);
        Assert.Contains("Waiting", shown);
    }

    [Fact]
    public async Task Pause_InTheMiddle_NothingNewStartsUntilResumed()
    {
        await using var bench = await new Bench().StartAsync();
        var run = await bench.RunAsync();
        await bench.UntilAsync(run, _ => bench.Driver.Executed.Any(e => e.Act is ReplaceAct));
        Bench.Accepted(await bench.Rollouts.PauseAsync(run, "lunch", Bench.Ann, Bench.Ct));
        var at = bench.Driver.Executed.Count;
        for (var i = 0; i < 100; i++)
        {
            bench.Pass(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        var paused = await bench.UntilAsync(run, v => v.State == RunState.Paused);
        Assert.Contains("lunch", paused.Reason!.Text, StringComparison.Ordinal);
        Assert.Equal(at, bench.Driver.Executed.Count);
        Bench.Accepted(await bench.Rollouts.ResumeAsync(run, "", Bench.Ann, Bench.Ct));
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
    }

    [Fact]
    public async Task StopAfterMember_WithAReason_FinishesTheMemberAndSaysWhoAskedAndWhy()
    {
        await using var bench = await new Bench().StartAsync();
        var run = await bench.RunAsync();
        await bench.UntilAsync(run, _ => bench.Driver.Executed.Any(e => e.Act is ReplaceAct));
        Assert.True(Bench.Accepted(await bench.Rollouts.StopAfterMemberAsync(run, true, "disk is filling up.", Bench.Ann, Bench.Ct)).StopAfterMember);

        var paused = await bench.UntilAsync(run, v => v.State == RunState.Paused);

        Assert.Equal("Stopped after the member in hand, as ann asked: disk is filling up.", paused.Reason!.Text);
        Assert.Single(bench.Driver.Executed, e => e.Act is ReplaceAct);
        Assert.False(paused.StopAfterMember);
        Assert.Contains((await bench.Audit.FindAsync(new AuditFilter(Action: AuditActions.StopAfterMember), null, 5, Bench.Ct)).Entries, e => e.Reason == "disk is filling up." && e.Actor == "ann");
        Bench.Accepted(await bench.Rollouts.ResumeAsync(run, "", Bench.Ann, Bench.Ct));
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
    }

    [Fact]
    public async Task Cluster_Vanished_WaitsAndGoesOnWhenItIsBack()
    {
        await using var bench = await new Bench().StartAsync();
        var run = await bench.RunAsync();
        await bench.UntilAsync(run, _ => bench.Driver.Executed.Any(e => e.Act is ReplaceAct));
        bench.Catalog.Remove(new ClusterKey("demo", "orders"));
        var waiting = await bench.UntilAsync(run, v => v.State == RunState.Waiting);
        Assert.Contains("demo/orders", waiting.Reason!.Text, StringComparison.Ordinal);
        bench.Catalog.GetOrAdd(new ClusterKey("demo", "orders"), () => bench.Store);
        Assert.False(bench.View(run).Terminal);
    }

    [Fact]
    public async Task BadVersion_HaltsWithReason_RollbackTakesItBack()
    {
        await using var bench = await new Bench().StartAsync();
        var run = await bench.RunAsync(to: "7.2.9-bad");
        var halted = await bench.UntilAsync(run, v => v.State == RunState.Paused);
        Assert.Equal("UpdatedUnhealthyHalts", halted.Reason!.Rule);
        Assert.True(halted.Rollback!.Allowed);
        var back = Bench.Accepted(await bench.Rollouts.RollbackAsync(run, null, "bad image", Bench.Ann, Bench.Ct));
        var view = await bench.EndAsync(back.Id);
        Assert.Equal(RunState.Succeeded, view.State);
        Assert.Equal((RunState.Aborted, back.Id), (bench.View(run).State, bench.View(run).RolledBackBy));
        Assert.All(bench.Toy.Groups.SelectMany(g => g.Members), m => Assert.Equal("7.2.4", m.Version));
        Assert.All(bench.Toy.Groups, g => Assert.Null(g.HeldBy));
    }

    [Fact]
    public async Task BadVersion_AutomaticRollback_StartsByItself()
    {
        await using var bench = await new Bench().StartAsync();
        var run = await bench.RunAsync(to: "7.2.9-bad", rollback: new RollbackSpec { Automatic = true });
        var view = await bench.EndAsync(run);
        Assert.Equal(RunState.Aborted, view.State);
        var back = (await bench.UntilAsync(run, v => v.RolledBackBy is not null)).RolledBackBy!;
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(back)).State);
        Assert.Equal("rollcall", bench.View(back).StartedBy);
    }

    [Fact]
    public async Task BadVersion_AutomaticRollbackRefused_StaysPausedAndSaysWhy()
    {
        await using var bench = new Bench { RollbackPlan = _ => new Refusal(RefusalKind.Conflict, "The files are new.") };
        await bench.StartAsync();
        var run = await bench.RunAsync(to: "7.2.9-bad", rollback: new RollbackSpec { Automatic = true });
        var view = await bench.UntilAsync(run, v => v.State == RunState.Paused && v.Reason!.Text.Contains("The files are new.", StringComparison.Ordinal));
        Assert.Null(view.RolledBackBy);
    }
}
