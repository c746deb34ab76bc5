using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>The hold: what happens when somebody takes it away, takes it over, or works on the cluster when it is to be taken; and what a bad version leaves in the template.</summary>
public sealed class CustodianTests
{
    private static readonly string Hold = StepIds.Hold("redis");

    [Fact]
    public void Hold_WhileAnOperationOfOthersRuns_IsNotBegun()
    {
        var cluster = Make.Cluster(1) with { Operations = [new Operation("backup-1", "Backup", "Running", null, null)] };
        var decision = new Decider().Decide(new DecisionState { RunId = "r1", Plan = Make.Plan(cluster), Topology = cluster, Ledger = Ledger.Fold([(1, Make.Noon, new RunStarted("p1", "h1"))]), Now = Make.Noon });

        Assert.Empty(decision.Acts);
        Assert.Contains(decision.Waits, w => w.Step == Hold && w.Reason.Rule == NoConcurrentOps.Name);
    }

    [Fact]
    public void Hold_TakenOverByAnotherRun_PausesAndIsNotFoughtOver()
    {
        var bench = new DecideBench().Workloads(w => w with { Held = new Custody("them", "r9", null) });
        var pause = bench.Pause();

        Assert.Equal(("redis is held by run r9 of them now.", true), (pause.Reason.Text, pause.Diverged));
        Assert.Empty(bench.After(pause).Decide().Acts);
    }

    [Fact]
    public void Hold_GivenBackBySomebody_PausesIsTakenOnceMoreAndThenOnlyAfterRetry()
    {
        var bench = new DecideBench().Workloads(w => w with { Strategy = "RollingUpdate", Held = null });
        var pause = bench.Pause();
        Assert.Equal("Somebody gave orders-a back to its controller (update strategy RollingUpdate).", pause.Reason.Text);

        bench.After(pause);
        Assert.Equal(Hold, Assert.IsType<HoldAct>(bench.Act()).Step);

        // Taken again, and given back again.
        bench.After(new StepStarted(Hold, StepKind.Hold, "redis", "hold", null, null, 2, new HoldAct(Hold, "redis", ["orders-a"])), new ActReturned(Hold, 2, ActStatus.Accepted, new Reason("It said so.")), new StepFinished(Hold, 2, StepState.Succeeded, null));
        Assert.Empty(bench.Decide().Acts);

        bench.After(new RunResumed(true, ""));
        var again = bench.Pause();
        Assert.IsType<HoldAct>(bench.After(again).Act());
    }

    private static DecideBench Halted(Func<DecideBench, DecideBench> shape) =>
        shape(new DecideBench()).After(new RunPaused(new Reason("orders-a-0 does not come up.", UpdatedUnhealthyHalts.Name)));

    private static Instance Bad(Instance m) => DecideBench.On(m, "7.2.5") with { Ready = false, Dead = true, Problem = "ImagePullBackOff", Uid = "bad" };

    [Fact]
    public void BadVersion_NobodyRunsOnIt_TheOldOneGoesBackIntoTheTemplate()
    {
        var act = Assert.IsType<RetargetAct>(Halted(b => b.Member("orders-a-0", Bad)).Act());

        Assert.Equal(("7.2.4", "redis.orders-a.writeback"), (act.To.Version, act.Step));
    }

    [Fact]
    public void BadVersion_SomebodyRunsWellOnIt_IsLeftInTheTemplate() =>
        Assert.Empty(Halted(b => b.Member("orders-a-0", Bad).Member("orders-a-1", m => DecideBench.On(m, "7.2.5"))).Decide().Acts);

    [Fact]
    public void BadVersion_NobodyTookIt_IsLeftInTheTemplate() => Assert.Empty(Halted(b => b).Decide().Acts);

    [Fact]
    public void BadVersion_OnTheWayBack_NothingIsWrittenBack() =>
        Assert.Empty(Halted(b => { b.Plan = b.Plan with { Direction = Direction.Rollback }; return b.Member("orders-a-0", Bad); }).Decide().Acts);

    [Fact]
    public void BadVersion_WorkloadThatIsNotHeld_IsNotWrittenTo() =>
        Assert.Empty(Halted(b => b.Member("orders-a-0", Bad).Workloads(w => w with { Held = null })).Decide().Acts);

    [Fact]
    public void BadVersion_BeingWrittenBack_IsNotAskedTwice() =>
        Assert.Empty(Halted(b => b.Member("orders-a-0", Bad).Asked("redis.orders-a.writeback", StepKind.Retarget, new RetargetAct("redis.orders-a.writeback", "redis", ["orders-a"], b.Plan.Components[0].From), "shard-a")).Decide().Acts);
}
