using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>What a run says while it waits: gates, hooks, soaks, syncs, switchovers, backups, and what is out of sight.</summary>
public sealed class WaitingTests
{
    private static DecideBench Gated(GateSpec gate, params RunEvent[] said)
    {
        var bench = new DecideBench();
        bench.Stage = bench.Stage with { Gate = gate };
        return bench.After(new GateOpened("redis.all.gate", "redis", "all", null), new StepStarted("redis.all.gate", StepKind.Gate, "redis", "all", null, null, 1, null)).After(said);
    }

    [Theory]
    [InlineData("abort", "Without it the run is aborted then.")]
    [InlineData("rollback", "Without it the run is rolled back then.")]
    [InlineData("reject", "Without it the gate counts as rejected then.")]
    [InlineData("pause", "Without it the run pauses then.")]
    public void Gate_WithADeadline_SaysWhatHappensThen(string onDeadline, string next)
    {
        var wait = Assert.Single(Gated(new GateSpec { Approvals = 2, Deadline = TimeSpan.FromHours(1), OnDeadline = onDeadline }).Decide().Waits, w => w.Reason.Rule == "Gate");

        Assert.Equal(("Waiting for approval before all: 0 of 2 given.", next), (wait.Reason.Text, wait.Reason.Next));
        Assert.NotNull(wait.Reason.Deadline);
    }

    [Theory]
    [InlineData("pause", "Nobody decided at the gate before all within 60 s.")]
    [InlineData("rollback", "Nobody decided at the gate before all within 60 s.")]
    public void Gate_OutOfTime_StopsTheRun(string onDeadline, string said)
    {
        var bench = Gated(new GateSpec { Deadline = TimeSpan.FromMinutes(1), OnDeadline = onDeadline });
        var decision = bench.Later(TimeSpan.FromMinutes(2)).Decide();

        Assert.Contains(decision.Record, r => r is GateExpired);
        Assert.Equal(said, Assert.Single(decision.Record.OfType<RunPaused>()).Reason.Text);
        Assert.Equal(onDeadline == "rollback", decision.RollbackDue is not null);
    }

    [Fact]
    public void Gate_OutOfTime_AbortOrRejectIsRecordedInItsOwnName()
    {
        var aborted = Gated(new GateSpec { Approvals = 2, Deadline = TimeSpan.FromMinutes(1), OnDeadline = "abort" }, new GateApproved("redis.all.gate", "h1", "", "") { Actor = "bob" }).Later(TimeSpan.FromMinutes(2)).Decide();
        Assert.Equal("Only 1 of 2 approved at the gate before all within 60 s.", Assert.Single(aborted.Record.OfType<AbortRequested>()).Comment);

        var bench = Gated(new GateSpec { Deadline = TimeSpan.FromMinutes(1), OnDeadline = "reject" }).Later(TimeSpan.FromMinutes(2));
        bench.After([.. bench.Decide().Record]);
        Assert.Equal("The gate before all counts as rejected: nobody decided at the gate before all within 60 s.", bench.Pause().Reason.Text);
    }

    [Theory]
    [InlineData("", "cat rejected the gate before all.")]
    [InlineData("Not on a Friday.", "cat rejected the gate before all: Not on a Friday.")]
    public void Gate_Rejected_PausesWithWhoAndWhy(string comment, string said) =>
        Assert.Equal(said, Gated(new GateSpec(), new GateRejected("redis.all.gate", comment) { Actor = "cat" }).Pause().Reason.Text);

    [Fact]
    public void Gate_BrokenOpen_IsPassedWithTheReasonAsEvidence()
    {
        var end = Assert.IsType<StepFinished>(Assert.Single(Gated(new GateSpec(), new GateBypassed("redis.all.gate", "h1", "the site is down") { Actor = "root" }).Decide().Record));

        Assert.Equal("Bypassed by root: the site is down.", end.Reason!.Text);
    }

    private static DecideBench Hooked(HookSpec hook)
    {
        var bench = new DecideBench();
        bench.Stage = bench.Stage with { Hooks = [hook] };
        return bench;
    }

    [Fact]
    public void Hook_NobodyOfItsRoleIsKnown_AsksAndSaysWhom()
    {
        var bench = Hooked(Make.Hook("save", HookPoints.BeforeStage)).Member("orders-a-2", m => m with { Probe = null, Role = null });
        var decision = bench.Decide();

        Assert.Empty(decision.Acts);
        Assert.Contains("Hook save before stage all: no Ready primary of shard-a is known to run it in.", bench.Waits());
        Assert.Contains(decision.Probes, p => p.Instance == "orders-a-2");
    }

    [Fact]
    public void Hook_WhereNobodyHasARole_RunsInAnyReadyMember_AndWaitsWhereNoneIs()
    {
        DecideBench Bench()
        {
            var bench = new DecideBench(1, 2, Make.Generic);
            bench.Stage = bench.Stage with { Hooks = [Make.Hook("save", HookPoints.BeforeStage)] };
            return bench;
        }

        Assert.Equal("orders-a-0", Assert.IsType<ActionAct>(Bench().Act()).Instance);
        var down = Bench().Member("orders-a-0", m => m with { Ready = false }).Member("orders-a-1", m => m with { Ready = false });
        Assert.Contains("Hook save before stage all: no Ready member of shard-a is known to run it in.", down.Waits());
    }

    [Fact]
    public void Hook_OfAStageOutOfSight_SaysSo()
    {
        var bench = Hooked(Make.Hook("save", HookPoints.BeforeStage)).Change(c => c with { Shards = [] });

        Assert.Contains("Hook save before stage all: no shard of redis is in sight to run it in.", bench.Waits());
    }

    [Fact]
    public void Hook_BeforeAMemberThatDoesNotRun_IsSkippedAndSaysWhy()
    {
        var bench = Hooked(Make.Hook("save", HookPoints.BeforeInstance)).Member("orders-a-0", m => m with { Ready = false, Dead = true, Problem = "CrashLoopBackOff" });

        var end = Assert.Single(bench.Decide().Record.OfType<StepFinished>());

        Assert.Equal((StepState.Skipped, "orders-a-0 is not Ready (CrashLoopBackOff), so nothing can be run in it."), (end.State, end.Reason!.Text));
    }

    [Fact]
    public void Hook_WhileAnOperationOfOthersRuns_Waits()
    {
        var bench = Hooked(Make.Hook("save", HookPoints.BeforeStage));
        bench.Topology = bench.Topology with { Operations = [new Operation("backup-1", "Backup", "Running", null, null)] };

        Assert.Empty(bench.Decide().Acts);
        Assert.Contains(bench.Decide().Waits, w => w.Reason.Rule == NoConcurrentOps.Name);
    }

    [Fact]
    public void Action_NotNow_IsTriedAgainByItself()
    {
        var bench = Hooked(Make.Hook("save", HookPoints.BeforeStage));
        var act = bench.Act();
        bench.Asked(act.Step, StepKind.Hook, act, answer: ActStatus.NotNow);

        bench.Now -= TimeSpan.FromSeconds(1);
        Assert.Contains(bench.Decide().Waits, w => w.Reason.Text == "It said so." && w.Reason.Next == "Tried again by itself.");
        Assert.Equal(act.Step, bench.Later(TimeSpan.FromMinutes(1)).Act().Step);
    }

    [Fact]
    public void Sync_MemberIsDownAgain_IsItsStart_AndOutOfTimeIsAPause()
    {
        var id = StepIds.Sync("redis", "shard-a", "orders-a-1");
        DecideBench Bench() => new DecideBench().Member("orders-a-1", m => DecideBench.On(m, "7.2.5"))
            .Did(StepIds.Replace("redis", "shard-a", "orders-a-1"), StepKind.Replace, null, "shard-a", "orders-a-1", "secondary")
            .After(new StepStarted(id, StepKind.WaitInSync, "redis", "all", "shard-a", "orders-a-1", 1, null) { Title = "orders-a-1 catches up" });

        Assert.Contains("orders-a-1 is starting on 7.2.5.", Bench().Member("orders-a-1", m => m with { Ready = false }).Waits());
        var lagging = Bench().Member("orders-a-1", m => m with { LagBytes = 9 << 20 });
        Assert.NotEmpty(lagging.Waits());
        Assert.Empty(lagging.Decide().Record);
        var pause = lagging.Later(lagging.Plan.Profile.Deadlines.Sync + TimeSpan.FromMinutes(1)).Pause();
        Assert.Contains("It did not catch up within", pause.Reason.Next, StringComparison.Ordinal);
    }

    private static DecideBench SwitchingOver()
    {
        var id = StepIds.Switchover("redis", "shard-a");
        return new DecideBench().Updated(1).Updated(0).Asked(id, StepKind.Switchover, new SwitchoverAct(id, "redis", "shard-a", "orders-a-2", "orders-a-0"), "shard-a", "orders-a-2");
    }

    [Fact]
    public void Switchover_ItsOpsRequestRuns_IsWaitedFor()
    {
        var bench = SwitchingOver();
        bench.Topology = bench.Topology with { Operations = [new Operation("ops-1", "Switchover", "Running", "r1", StepIds.Switchover("redis", "shard-a"))] };

        Assert.Contains("Switchover ops-1 is Running.", bench.Waits());
    }

    [Theory]
    [InlineData("secondary", "secondary", "shard-a has no leader at the moment; the switchover is under way.")]
    [InlineData("primary", "primary", "orders-a-0 and orders-a-2 both lead shard-a at the moment; the switchover is under way.")]
    public void Switchover_NoneOrTwoLead_IsWaitedForAndThenAPersonLooks(string zero, string two, string said)
    {
        DecideBench Bench() => SwitchingOver().Later(TimeSpan.FromSeconds(2))
            .Member("orders-a-0", m => m with { Role = zero, Probe = m.Probe! with { Role = zero } })
            .Member("orders-a-2", m => m with { Role = two, Probe = m.Probe! with { Role = two } });

        Assert.Contains(said, Bench().Waits());
        var late = Bench().Later(TimeSpan.FromHours(1)).Pause();
        Assert.Contains("did not end with exactly one leader", late.Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Switchover_ToAnotherUpdatedMember_IsDoneAndSaysWho()
    {
        var end = SwitchingOver().Later(TimeSpan.FromSeconds(2))
            .Member("orders-a-1", m => m with { Role = "primary", Probe = m.Probe! with { Role = "primary" } })
            .Member("orders-a-2", m => m with { Role = "secondary", Probe = m.Probe! with { Role = "secondary" } })
            .Decide().Record.OfType<StepFinished>().Single();

        Assert.Equal("orders-a-1 leads now, not orders-a-0; it runs 7.2.5 as well.", end.Reason!.Text);
    }

    [Fact]
    public void Soak_MemberGoesDown_IsHaltedByItsDeadline()
    {
        var bench = new DecideBench().Updated(1).Updated(0).Updated(2).Member("orders-a-0", m => m with { Role = "primary", Probe = m.Probe! with { Role = "primary" } });
        bench.Stage = bench.Stage with { Soak = TimeSpan.FromMinutes(10) };
        bench.After(new ShardFinished("redis", "all", "shard-a"), new StepStarted("redis.all.soak", StepKind.Soak, "redis", "all", null, null, 1, null) { Title = "Soak 10 min after all" });
        Assert.Contains(bench.Waits(), w => w.StartsWith("Soaking after all: 10 min of 10 min left, all members Ready.", StringComparison.Ordinal));

        bench.Member("orders-a-1", m => m with { Ready = false, Problem = "CrashLoopBackOff", Dead = true });
        Assert.Equal(UpdatedUnhealthyHalts.Name, bench.Pause().Reason.Rule);
    }

    [Fact]
    public void Component_OrClusterOutOfSight_TouchesNothingAndSaysSo()
    {
        var bench = new DecideBench();
        bench.Topology = bench.Topology with { Components = [bench.Component with { Name = "proxy" }] };
        Assert.Contains("Component redis is not to be seen in demo/orders.", bench.Waits());

        bench = new DecideBench().Change(c => c with { Shards = [] });
        Assert.Contains("shard-a is not to be seen in redis.", bench.Waits());

        bench = new DecideBench().After(new AbortRequested("enough") { Actor = "ann" });
        bench.Topology = bench.Topology with { Connected = false };
        Assert.Equal("Aborted by ann while the cluster was not to be seen. What was held stays held.", Assert.IsType<RunFinished>(Assert.Single(bench.Decide().Record)).Reason.Text);
    }

    [Fact]
    public void Ended_SaysItsEndAndDoesNothing()
    {
        var decision = new DecideBench().After(new RunFinished(RunState.Succeeded, new Reason("All is well."))).Decide();

        Assert.Empty(decision.Acts);
        Assert.Equal("All is well.", Assert.Single(decision.Waits).Reason.Text);
    }

    private static DecideBench BackedUp(BackupSpec spec, params BackupFact[] backups)
    {
        var bench = new DecideBench();
        bench.Plan = bench.Plan with { Spec = bench.Plan.Spec with { Safety = new SafetySpec { Backup = spec } } };
        bench.Topology = bench.Topology with { Backups = [.. backups] };
        return bench;
    }

    private static readonly ActionSpec Take = new() { Backup = new BackupAction { Method = "datafile" }, Timeout = TimeSpan.FromHours(1) };

    [Fact]
    public void Backup_FreshEnough_IsAStepWithoutAnAct()
    {
        var record = BackedUp(new BackupSpec { MaxAge = TimeSpan.FromHours(6) }, new BackupFact("b-1", "redis", "datafile", "Completed", Make.Noon.AddHours(-3))).Decide().Record;

        Assert.Equal("Backup of redis is fresh", Assert.Single(record.OfType<StepStarted>()).Title);
        Assert.Equal((StepState.Succeeded, "b-1 is 3 h old."), (record.OfType<StepFinished>().Single().State, record.OfType<StepFinished>().Single().Reason!.Text));
    }

    [Fact]
    public void Backup_NoneAndNobodyTakesOne_Waits() =>
        Assert.StartsWith("No complete backup of redis is known", Assert.Single(BackedUp(new BackupSpec { MaxAge = TimeSpan.FromHours(6) }).Waits()), StringComparison.Ordinal);

    [Fact]
    public void Backup_ThatIsTaken_IsTakenOnceAndWaitsForOthers()
    {
        var bench = BackedUp(new BackupSpec { Take = Take });
        var act = Assert.IsType<ActionAct>(bench.Act());
        Assert.Equal("Backup", act.Point);

        bench.Topology = bench.Topology with { Operations = [new Operation("scale-1", "HorizontalScaling", "Running", null, null)] };
        Assert.Empty(bench.Decide().Acts);

        bench = BackedUp(new BackupSpec { Take = Take }).Asked(act.Step, StepKind.Backup, act, answer: null);
        Assert.Empty(bench.Decide().Acts);
        Assert.NotEmpty(bench.Waits());
    }

    private static readonly MoverSpec Balancer = new("balancer", "the balancer") { Check = ["state"], Suspended = "stopped", Running = "running", Suspend = ["stop"], Resume = ["start"], Place = new CommandPlace { Components = ["redis"], Role = "primary" } };

    private static DecideBench Moving()
    {
        var bench = new DecideBench();
        bench.Plan = bench.Plan with { Profile = bench.Plan.Profile with { Movers = [Balancer] } };
        return bench;
    }

    [Fact]
    public void Mover_NobodyToRunItsCommandIn_IsSaidWithItsPlace()
    {
        var bench = Moving().Member("orders-a-2", m => m with { Role = "secondary" });

        Assert.Contains("See whether the balancer runs: no primary of redis is Ready to run it in.", bench.Waits());
    }

    [Theory]
    [InlineData("*", null, "member")]
    [InlineData("redis", "primary", "primary of redis")]
    [InlineData("redis,*router*", null, "member of redis or router")]
    public void Mover_NobodyIsReady_SaysWhereItWouldRun(string components, string? role, string place)
    {
        var mover = Balancer with { Place = new CommandPlace { Components = [.. components.Split(',')], Role = role } };
        var bench = new DecideBench();
        bench.Plan = bench.Plan with { Profile = bench.Plan.Profile with { Movers = [mover] } };
        for (var i = 0; i < 3; i++)
            bench.Member($"orders-a-{i}", m => m with { Ready = false });

        Assert.Contains($"See whether the balancer runs: no {place} is Ready to run it in.", bench.Waits());
    }

    [Theory]
    [InlineData("Terminating")]
    [InlineData("Missing")]
    public void Mover_MemberThatGoes_IsNotAsked(string phase)
    {
        var place = new CommandPlace { Components = ["redis"] };
        var cluster = Make.Cluster(1, 2);
        var shard = cluster.Components[0].Shards[0];
        cluster = cluster with { Components = [cluster.Components[0] with { Shards = [shard with { Instances = shard.Instances.SetItem(0, shard.Instances[0] with { Phase = phase }) }] }] };

        Assert.Equal("orders-a-1", EngineSteps.Find(cluster, place)!.Value.Member.Name);
        Assert.Null(EngineSteps.Find(cluster, place with { Components = ["proxy"] }));
        Assert.Equal("orders-a-1", EngineSteps.Find(cluster, new CommandPlace())!.Value.Member.Name);
    }

    [Fact]
    public void Mover_ThatSaysNothing_IsQuotedAsNothing()
    {
        var step = new DecideBench().Did("look", StepKind.Suspend, null).Ledger.Steps["look"];

        Assert.Equal("nothing", EngineSteps.Last(step));
        Assert.False(EngineSteps.Says(step, "running"));
        Assert.False(EngineSteps.Says(null, "running"));
    }

    [Fact]
    public void Mover_ThatDoesNotStop_IsAskedAgainAndThenAPersonLooks()
    {
        DecideBench Bench()
        {
            var (look, stop, idle) = (SuspendMovers.Look(Balancer), SuspendMovers.Stop(Balancer), SuspendMovers.Idle(Balancer));
            return Moving().Did(look, StepKind.Suspend, null, stage: "movers").After(new ObligationTaken("Mover", "balancer of demo/orders", "r1")).Did(stop, StepKind.Suspend, null, stage: "movers").After(
                new StepStarted(idle, StepKind.Suspend, "redis", "movers", null, "orders-a-2", 1, null) { Title = "See that the balancer is idle" },
                new ActReturned(idle, 1, ActStatus.Accepted, new Reason("It said so.")) { Output = new ActionOutput(0, "still\n" + new string('x', 200) + "\n", false) },
                new StepFinished(idle, 1, StepState.Succeeded, null));
        }

        Assert.Contains($"Waiting until the balancer is idle: it says “{new string('x', 120)}…”.", Bench().Waits());
        Assert.Equal(SuspendMovers.Idle(Balancer), Bench().Later(TimeSpan.FromSeconds(5)).Act().Step);
        Assert.StartsWith($"After {ShardContext.Duration(Balancer.Deadline)} still waiting until the balancer is idle", Bench().Later(Balancer.Deadline + TimeSpan.FromMinutes(1)).Pause().Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Restore_WhenItCannotBe_IsSkippedAndSaid()
    {
        var bench = new DecideBench();
        bench.Plan = bench.Plan with { Spec = bench.Plan.Spec with { Safety = new SafetySpec { RestoreLeaders = true } } };
        var replace = StepIds.Replace("redis", "shard-a", "orders-a-1");
        bench.After(new StepStarted(replace, StepKind.Replace, "redis", "all", "shard-a", "orders-a-1", 1, null) { RolesBefore = ImmutableSortedDictionary<string, string>.Empty.Add("orders-a-2", "leader") }, new StepFinished(replace, 1, StepState.Succeeded, null));
        for (var i = 0; i < 3; i++)
            bench.Updated(i);
        bench.Member("orders-a-0", m => m with { Role = "primary", LagBytes = null, Probe = m.Probe! with { Role = "primary" } })
            .Member("orders-a-2", m => m with { Role = "secondary", LagBytes = 9 << 20, Probe = m.Probe! with { Role = "secondary" } })
            .After(new ShardFinished("redis", "all", "shard-a"));
        Assert.Empty(bench.Decide().Acts);

        var record = bench.Later(bench.Plan.Profile.Deadlines.Sync + TimeSpan.FromMinutes(1)).Decide().Record;

        Assert.Equal("Hand shard-a back to orders-a-2", record.OfType<StepStarted>().Single().Title);
        Assert.StartsWith("orders-a-2 does not lead shard-a again: ", record.OfType<StepFinished>().Single().Reason!.Text, StringComparison.Ordinal);
    }
}
