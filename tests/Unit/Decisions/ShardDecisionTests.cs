using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>What is next in one shard, and what keeps it from going on.</summary>
public sealed class ShardDecisionTests
{
    private static Instance Extra(Component c) => c.Shards[0].Instances[0] with { Name = "orders-a-3", Ordinal = 3, Uid = "u-3" };

    [Fact]
    public void Membership_OneCame_PausesAndNamesIt() =>
        AssertOthers("shard-a has other members than when the plan was made: orders-a-3 came.", c => c with { Shards = [c.Shards[0] with { Instances = c.Shards[0].Instances.Add(Extra(c)) }] });

    [Fact]
    public void Membership_OneWent_PausesAndNamesIt() =>
        AssertOthers("shard-a has other members than when the plan was made: orders-a-0 went.", c => c with { Shards = [c.Shards[0] with { Instances = c.Shards[0].Instances.RemoveAt(0) }] });

    [Fact]
    public void Membership_OneCameAndOneWent_PausesAndNamesBoth() =>
        AssertOthers("shard-a has other members than when the plan was made: orders-a-3 came, orders-a-0 went.", c => c with { Shards = [c.Shards[0] with { Instances = c.Shards[0].Instances.RemoveAt(0).Add(Extra(c)) }] });

    private static void AssertOthers(string said, Func<Component, Component> change)
    {
        var pause = new DecideBench().Change(change).Pause();

        Assert.Equal((said, "PlanDiverged", true), (pause.Reason.Text, pause.Reason.Rule, pause.Diverged));
        Assert.Equal("Abort this run and make a new plan for the cluster as it is now.", pause.Reason.Next);
    }

    [Fact]
    public void Membership_ThirdVersion_Pauses() =>
        Assert.Equal("orders-a-1 runs 7.2.9, which is neither 7.2.4 nor 7.2.5.", new DecideBench().Member("orders-a-1", m => DecideBench.On(m, "7.2.9")).Pause().Reason.Text);

    [Theory]
    [InlineData("Missing", "orders-a-0-uid")]
    [InlineData("Pending", "")]
    public void Membership_ThirdVersionOfAPodThatIsNotThere_IsNoThirdVersion(string phase, string uid)
    {
        var bench = new DecideBench().Member("orders-a-0", m => DecideBench.On(m, "7.2.9") with { Phase = phase, Uid = uid, Ready = false });

        Assert.Empty(bench.Decide().Record);
        Assert.Empty(bench.Decide().Acts);
    }

    [Fact]
    public void Template_NotYetSeenByItsController_IsWaitedFor()
    {
        var bench = new DecideBench().Workloads(w => w with { Observed = false });

        Assert.Empty(bench.Decide().Acts);
        Assert.Contains("The controller has not yet seen the new template of orders-a.", bench.Waits());
    }

    [Fact]
    public void Template_OfAWorkloadThatThePlanDoesNotWrite_IsNotLookedAt()
    {
        var bench = new DecideBench();
        bench.Plan = bench.Plan with { Components = [bench.Plan.Components[0] with { Targets = [bench.Plan.Components[0].Targets[0] with { Workload = "another" }] }] };

        Assert.IsType<ReplaceAct>(bench.Act());
    }

    [Fact]
    public void Follower_First_TheHighestOrdinalThatDoesNotLead()
    {
        var act = Assert.IsType<ReplaceAct>(new DecideBench().Act());

        Assert.Equal(("orders-a-1", false), (act.Instance, act.Dead));
    }

    [Theory]
    [InlineData("Terminating", "orders-a-1 is shutting down.")]
    [InlineData("Missing", "orders-a-1 is gone; its controller creates it anew.")]
    [InlineData("Running", "orders-a-1 runs but is not Ready; it may be recovering and is left alone.")]
    public void Follower_ThatIsNotThere_IsWaitedFor(string phase, string said)
    {
        var bench = new DecideBench().Member("orders-a-1", m => m with { Ready = false, Phase = phase });

        Assert.Empty(bench.Decide().Acts);
        Assert.Contains(said, bench.Waits());
    }

    [Fact]
    public void Dead_OnTheOldVersion_GoesFirst()
    {
        var act = Assert.IsType<ReplaceAct>(new DecideBench().Member("orders-a-0", m => m with { Ready = false, Dead = true, Problem = "CrashLoopBackOff" }).Act());

        Assert.Equal(("orders-a-0", true), (act.Instance, act.Dead));
    }

    [Fact]
    public void Dead_WhileNobodyLeadsButSomebodyLives_WaitsForALeader()
    {
        var bench = new DecideBench()
            .Member("orders-a-0", m => m with { Ready = false, Dead = true, Problem = "CrashLoopBackOff" })
            .Member("orders-a-2", m => m with { Probe = m.Probe! with { Role = "secondary" }, Role = "secondary" });

        Assert.Empty(bench.Decide().Acts);
        Assert.NotEmpty(bench.Waits());
    }

    [Fact]
    public void Dead_AllOfThem_OneIsEjectedAllTheSame()
    {
        var bench = new DecideBench();
        for (var i = 0; i < 3; i++)
            bench.Member($"orders-a-{i}", m => m with { Ready = false, Dead = true, Problem = "CrashLoopBackOff" });

        Assert.True(Assert.IsType<ReplaceAct>(bench.Act()).Dead);
    }

    private static DecideBench FollowersDone() => new DecideBench().Updated(1).Updated(0);

    [Fact]
    public void Leader_AfterItsFollowers_IsSwitchedOver()
    {
        var act = Assert.IsType<SwitchoverAct>(FollowersDone().Act());

        Assert.Equal(("orders-a-2", "orders-a-0"), (act.From, act.To));
    }

    [Fact]
    public void Gate_BeforeTheSwitchover_OpensThereAndHoldsNoFollowerUp()
    {
        var gated = new GateSpec { At = "BeforeSwitchover" };
        var early = new DecideBench();
        early.Stage = early.Stage with { Gate = gated };
        Assert.IsType<ReplaceAct>(early.Act());

        var bench = FollowersDone();
        bench.Stage = bench.Stage with { Gate = gated };
        var opened = bench.Decide();
        Assert.Empty(opened.Acts);
        Assert.Equal("redis.all.gate", Assert.Single(opened.Record.OfType<GateOpened>()).Gate);
        Assert.Equal("Gate before the switchovers of all", Assert.Single(opened.Record.OfType<StepStarted>()).Title);

        bench.After([.. opened.Record]);
        Assert.Empty(bench.Decide().Acts);
        Assert.NotEmpty(bench.Waits());

        bench.After(new GateApproved("redis.all.gate", "h1", "", "") { Actor = "bob" });
        bench.After([.. bench.Decide().Record]);
        Assert.IsType<SwitchoverAct>(bench.Act());
    }

    [Fact]
    public void Updated_ThatIsNotInSyncYet_IsWaitedForBeforeTheNext()
    {
        var bench = new DecideBench().Member("orders-a-1", m => DecideBench.On(m, "7.2.5") with { LagBytes = 5 << 20, Probe = m.Probe! with { Linked = false } });
        bench.Did(StepIds.Replace("redis", "shard-a", "orders-a-1"), StepKind.Replace, null, "shard-a", "orders-a-1", "secondary");

        var begun = Assert.IsType<StepStarted>(Assert.Single(bench.Decide().Record));
        Assert.Equal("orders-a-1 catches up", begun.Title);
        bench.After(begun);

        Assert.Empty(bench.Decide().Record);
        Assert.Empty(bench.Decide().Acts);
    }

    [Fact]
    public void Finished_WithAMemberThatIsDown_IsNotFinished()
    {
        var bench = FollowersDone().Updated(2).Member("orders-a-2", m => m with { Ready = false })
            .Member("orders-a-0", m => m with { Role = "primary", Probe = m.Probe! with { Role = "primary" } });

        Assert.DoesNotContain(bench.Decide().Record, r => r is ShardFinished);
        Assert.NotEmpty(bench.Waits());
    }

    [Fact]
    public void Failover_OfItsOwnToAnUpdatedMember_PassesTheFirstLevelToo()
    {
        var bench = FollowersDone().Member("orders-a-2", m => m with { Role = "secondary", Probe = m.Probe! with { Role = "secondary" }, LagBytes = 0 })
            .Member("orders-a-0", m => m with { Role = "primary", Probe = m.Probe! with { Role = "primary" }, LagBytes = null });

        Assert.Contains(bench.Decide().Record, r => r is LevelChanged { Shard: "shard-a", Level: Reversibility.L1 });
    }

    [Fact]
    public void Template_ThatServesSeveralShards_IsWrittenOnceForAll()
    {
        var bench = new DecideBench(2).Workloads(w => DecideBench.Written(w with { Name = "orders-a", Shards = ["shard-a", "shard-b"] }, "7.2.4"));
        bench.Change(c => c with { Workloads = [c.Workloads[0]] });
        bench.After(new RunPaused(new Reason("x")), new RunResumed(true, ""));

        var decision = bench.Decide();

        var intent = Assert.Single(decision.Acts, a => a.Act is RetargetAct).Intent;
        Assert.Null(intent.Shard);
        Assert.Equal(2, intent.Attempt);
    }

    [Fact]
    public void Switchover_AskedByTheRunBefore_IsWaitedForUntilTheRolesShowIt()
    {
        DecideBench Bench(DateTimeOffset until)
        {
            var bench = new DecideBench();
            bench.Plan = bench.Plan with { Unsettled = bench.Plan.Unsettled.Add("redis/shard-a", new UnsettledSwitchover("orders-a-2", "orders-a-0", Make.Noon.AddSeconds(-30), until)) };
            return bench;
        }

        Assert.Contains("The run before this one asked shard-a to switch over from orders-a-2 to orders-a-0; that may still happen.", Bench(Make.Noon.AddMinutes(1)).Waits());
        Assert.IsType<ReplaceAct>(Bench(Make.Noon).Act());
        Assert.IsType<ReplaceAct>(Bench(Make.Noon.AddMinutes(1))
            .Member("orders-a-0", m => m with { Role = "primary", LagBytes = null, Probe = m.Probe! with { Role = "primary" } })
            .Member("orders-a-2", m => m with { Role = "secondary", LagBytes = 0, Probe = m.Probe! with { Role = "secondary" } }).Act());
    }

    [Fact]
    public void OperationOfSomebodyElse_HoldsTheShardUp()
    {
        var bench = new DecideBench();
        bench.Topology = bench.Topology with { Operations = [new Operation("scale-1", "HorizontalScaling", "Running", null, null)] };

        Assert.Empty(bench.Decide().Acts);
        Assert.Contains(bench.Decide().Waits, w => w.Reason.Rule == NoConcurrentOps.Name && w.Reason.Text.Contains("scale-1", StringComparison.Ordinal));
    }
}
