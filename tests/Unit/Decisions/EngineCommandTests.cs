using System.Collections.Immutable;
using CsCheck;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>Movers, drains and finalisers through whole runs: what is taken is given back on every way out, and nothing is finalised too early.</summary>
public sealed class EngineCommandTests
{
    private static readonly MoverSpec Balancer = new("balancer", "the balancer") { Check = ["state"], Suspended = "stopped", Running = "running", Suspend = ["stop"], Resume = ["start"] };
    private static readonly FinaliserSpec Level = new("Raise the level") { Check = ["level"], Raised = "level {to.minor}.", Raise = ["raise", "{to.minor}"], Lower = ["lower", "{from.minor}"], Lowered = "level {from.minor}.", Soak = TimeSpan.FromMinutes(1) };
    private static readonly EngineProfile Moving = Make.Redis with { LeaderMajority = false, Versions = new VersionSpec(), Rollback = new RollbackPolicy(), Movers = [Balancer] };
    private static readonly Gen<(int Seed, int Shards)> Shapes = Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[1, 3]);

    private static (ToyCluster Cluster, ToyRun Run, Plan Plan) Start((int Seed, int Shards) x, EngineProfile profile, double faults = 0, double crashes = 0, bool finalise = false)
    {
        var cluster = new ToyCluster(x.Seed, x.Shards, 3, faults, null) { WatchBalancer = !profile.Movers.IsEmpty, Drains = profile.Drain is not null };
        cluster.Answer(cluster.Groups.SelectMany(g => g.Members).Select(m => new ProbeRequest("redis", "", m.Name, TimeSpan.Zero)));
        var plan = Make.Plan(cluster.Show(), profile);
        if (finalise)
            plan = plan with
            {
                Components = [plan.Components[0] with { Stages = plan.Components[0].Stages.Add(new PlannedStage { Name = "finalise", Shards = [], Finalises = true, Soak = TimeSpan.FromMinutes(1), Gate = new GateSpec() }) }],
            };
        return (cluster, new ToyRun(plan, cluster, "r1", x.Seed, crashes), plan);
    }

    private static bool Owed(Ledger ledger) => ledger.Obligations.Values.Any(o => o.Kind is "Mover" or "Drain" && o.ReturnedAt is null);

    [Fact]
    public void Mover_WholeRun_StoppedBeforeTheFirstActAndStartedAtTheEnd() => Shapes.Sample(x =>
    {
        var (cluster, run, _) = Start(x, Moving, crashes: 0.1);
        run.Go();

        Assert.True(run.Ledger.Final == RunState.Succeeded, run.Last.Reason?.Text);
        Assert.Empty(cluster.Violations);
        Assert.Empty(run.SilentWaits);
        Assert.Equal("running", cluster.Balancer);
        Assert.False(Owed(run.Ledger));
        Assert.Equal("It says itself that it runs.", run.Ledger.Obligations["balancer of demo/orders"].Note);
        // What is given back stands with what is given back, not with what was taken at the start.
        Assert.All(run.Ledger.Steps.Values.Where(s => s.Kind is StepKind.Resume), s => Assert.Equal("release", s.Stage));
        Assert.Contains(run.Ledger.Steps.Values, s => s.Kind is StepKind.Resume);
    }, iter: 60);

    [Fact]
    public void Mover_StoppedAlready_IsLeftAlone()
    {
        var (cluster, run, _) = Start((5, 1), Moving);
        cluster.Balancer = "stopped";
        run.Go();

        Assert.Equal(RunState.Succeeded, run.Ledger.Final);
        Assert.Equal(("stopped", 0), (cluster.Balancer, cluster.BalancerStarts));
        Assert.DoesNotContain(run.Ledger.Obligations.Values, o => o.Kind == "Mover");
    }

    [Fact]
    public void Mover_FaultsEverywhere_NothingTouchedWhileItRunsAndNothingOwedAtTheEnd() => Shapes.Sample(x =>
    {
        var (cluster, run, _) = Start(x, Moving, faults: 0.4, crashes: 0.05);
        run.Go();

        Assert.Empty(cluster.Violations);
        Assert.True(run.Ledger.Final == RunState.Succeeded || run.Ledger.Pause is not null, $"{run.Last.State}: {run.Last.Reason?.Text}");
        if (run.Ledger.Final == RunState.Succeeded)
            Assert.Equal(("running", false), (cluster.Balancer, Owed(run.Ledger)));
    }, iter: 100);

    [Fact]
    public void Mover_AbortAtAnyPoint_IsGivenBack() => Gen.Select(Shapes, Gen.Int[1, 50]).Sample((x, events) =>
    {
        var (cluster, run, _) = Start(x, Moving, crashes: 0.05);
        run.Go(until: _ => run.Journal.Count >= events);
        if (!run.Ledger.Terminal)
            run.Write(new AbortRequested("enough") { Actor = "dba" });
        run.Go();

        Assert.True(run.Ledger.Terminal, run.Last.Reason?.Text);
        // Three answers lost in a row are enough to leave it and to say so.
        if (Owed(run.Ledger))
            Assert.Contains("could not be started again", run.Ledger.FinalReason!.Text, StringComparison.Ordinal);
        else
            Assert.Equal("running", cluster.Balancer);
    }, iter: 150);

    [Fact]
    public void Mover_AbortAndItWillNotStart_TheRunEndsAndSaysSo()
    {
        var (cluster, run, plan) = Start((5, 1), Moving);
        run.Go(until: l => l.Step(SuspendMovers.Idle(Balancer)) is { Done: true });
        run.Write(new AbortRequested("enough") { Actor = "dba" });
        var decider = new Decider();
        for (var turn = 0; turn < 30 && !run.Ledger.Terminal; turn++)
        {
            var state = run.State with { Now = Make.Noon.AddHours(1).AddMinutes(turn) };
            var decision = decider.Decide(state);
            foreach (var e in decision.Record)
                run.Write(e);
            foreach (var (intent, act) in decision.Record.IsEmpty ? decision.Acts : [])
            {
                run.Write(intent);
                run.Write(new ActReturned(intent.Step, intent.Attempt, act is ActionAct ? ActStatus.Failed : cluster.Do(act), new Reason("connection refused")));
            }
        }

        Assert.Equal(RunState.Aborted, run.Ledger.Final);
        Assert.Contains("The balancer could not be started again and stays stopped; start it by hand.", run.Ledger.FinalReason!.Text, StringComparison.Ordinal);
        Assert.True(Owed(run.Ledger));
        Assert.Equal("r1", run.Ledger.Obligations[Movers.Object(plan, Balancer)].Owner);
    }

    [Fact]
    public void Mover_RollbackAtAnyPoint_PassesOnAndGivesBack() => Gen.Select(Shapes, Gen.Int[1, 60]).Sample((x, events) =>
    {
        var (cluster, run, plan) = Start(x, Moving);
        run.Go(until: _ => run.Journal.Count >= events);
        var back = RollbackPlanner.Build("r1", plan, run.Ledger, cluster.Show(), _ => "h2", "p2", "dba", cluster.Now);
        Assert.True(back.Ok, back.Refusal?.Message);
        var rollback = new ToyRun(back.Value, cluster, "r2", x.Seed, 0.05);
        rollback.Write(new RunStarted("p2", "h2"));
        foreach (var owed in run.Ledger.Obligations.Values.Where(o => o.ReturnedAt is null))
            rollback.Write(new ObligationTaken(owed.Kind, owed.Object, "r2"));
        rollback.Go();

        Assert.True(rollback.Ledger.Final == RunState.Succeeded, rollback.Last.Reason?.Text);
        Assert.Empty(cluster.Violations);
        Assert.Equal(("running", false), (cluster.Balancer, Owed(rollback.Ledger)));
        Assert.All(cluster.Groups.SelectMany(g => g.Members), m => Assert.Equal("7.2.4", m.Version));
    }, iter: 100);

    [Fact]
    public void Mover_Preview_HasItsStepsFirstAndLast()
    {
        var live = Make.Cluster(1, 3, Moving);

        var preview = Previewer.Complete(Make.Plan(live, Moving), live, Make.Noon);

        Assert.DoesNotContain(preview.Findings, f => f.Severity == Severity.Error);
        Assert.Equal(
            [StepKind.Hold, StepKind.Suspend, StepKind.Suspend, StepKind.Suspend, StepKind.Resume, StepKind.Resume, StepKind.Release],
            preview.Steps.Select(s => s.Kind).Where(k => k is StepKind.Hold or StepKind.Suspend or StepKind.Resume or StepKind.Release));
    }

    [Fact]
    public void Mover_NoComponentToStopItIn_IsSaidAndNotWaitedFor()
    {
        var nowhere = Moving with { Movers = [Balancer with { Place = new CommandPlace { Components = ["*mongos*"] } }] };
        var live = Make.Cluster(1, 3, nowhere);

        Assert.Equal(Severity.Warning, Assert.Single(SuspendMovers.Findings(nowhere, live)).Severity);
        Assert.Equal(Severity.Info, Assert.Single(SuspendMovers.Findings(Moving, live)).Severity);
        Assert.DoesNotContain(Previewer.Complete(Make.Plan(live, nowhere), live, Make.Noon).Steps, s => s.Kind == StepKind.Suspend);
    }

    [Fact]
    public void Drain_EveryMember_IsDrainedBeforeItStopsAndLetInAgain() => Shapes.Sample(x =>
    {
        var (cluster, run, _) = Start(x, Moving with { Movers = [], Drain = new DrainSpec { Command = ["drain"], Undo = ["undrain"] } }, crashes: 0.05);
        run.Go();

        Assert.True(run.Ledger.Final == RunState.Succeeded, run.Last.Reason?.Text);
        Assert.Empty(cluster.Violations);
        Assert.Empty(cluster.Drained);
        Assert.False(Owed(run.Ledger));
        Assert.Equal(x.Shards * 3, run.Ledger.Obligations.Values.Count(o => o.Kind == "Drain"));
    }, iter: 60);

    [Fact]
    public void Drain_AbortAtAnyPoint_IsUndone() => Gen.Select(Shapes, Gen.Int[1, 60]).Sample((x, events) =>
    {
        var (cluster, run, _) = Start(x, Moving with { Movers = [], Drain = new DrainSpec { Command = ["drain"], Undo = ["undrain"] } });
        run.Go(until: _ => run.Journal.Count >= events);
        if (!run.Ledger.Terminal)
            run.Write(new AbortRequested("enough") { Actor = "dba" });
        cluster.Pass(TimeSpan.FromMinutes(1));
        cluster.Pass(TimeSpan.FromMinutes(1));
        cluster.Pass(TimeSpan.FromMinutes(1));
        run.Go();

        Assert.True(run.Ledger.Terminal, run.Last.Reason?.Text);
        Assert.Empty(cluster.Drained);
        Assert.False(Owed(run.Ledger));
    }, iter: 100);

    /// <summary>Found by a generated night: paused between letting a member take part again and writing that down, its Pod was created anew and drained once more; what was undone before counted for it.</summary>
    [Fact]
    public void Drain_TwiceUnderOneObligation_IsUndoneAfterTheSecond()
    {
        var (cluster, run, _) = Start((9, 1), Moving with { Movers = [], Drain = new DrainSpec { Command = ["drain"], Undo = ["undrain"] } });
        run.Go(until: l => l.Steps.Values.Any(s => s is { Kind: StepKind.Drain, Done: true, Last.Act: ActionAct { GivesBack: true } }));
        var member = run.Ledger.Steps.Values.Single(s => s.Kind == StepKind.Drain && s.Last.Act is ActionAct { GivesBack: true }).Instance!;
        run.Write(new RunPaused(new Reason("Paused by hand.")) { Actor = "dba" });
        cluster.Groups[0].Template = "7.2.4"; // GitOps writes it, and the Pod is lost
        cluster.Delete(member);
        cluster.Pass(TimeSpan.FromMinutes(1));
        cluster.Pass(TimeSpan.FromMinutes(1));
        Assert.NotNull(run.Ledger.Obligations[$"{member} of demo/orders"]);
        Assert.Null(run.Ledger.Obligations[$"{member} of demo/orders"].ReturnedAt);

        run.Write(new RunResumed(true, "") { Actor = "dba" });
        run.Go();

        Assert.True(run.Ledger.Final == RunState.Succeeded, run.Last.Reason?.Text);
        Assert.Empty(cluster.Violations);
        Assert.Empty(cluster.Drained);
    }

    private static ToyRun Approved(ToyRun run)
    {
        run.Go(until: l => l.Gates.ContainsKey("redis.finalise.gate"));
        run.Write(new GateApproved("redis.finalise.gate", "h1", "", "") { Actor = "ada" });
        return run;
    }

    [Fact]
    public void Finalise_AfterReleaseSoakAndApproval_RaisesAndMarksEveryShard()
    {
        var (cluster, run, _) = Start((9, 2), Moving with { Finaliser = Level }, finalise: true);
        run.Go(until: l => l.Gates.ContainsKey("redis.finalise.gate"));
        Assert.All(cluster.Groups, g => Assert.Null(g.HeldBy));
        Assert.Equal(("running", "7.2"), (cluster.Balancer, cluster.Level));
        Assert.True(run.Ledger.Step("redis.finalise.soak") is { Done: true } soak && soak.EndedAt - soak.StartedAt >= TimeSpan.FromMinutes(1));

        run.Write(new GateApproved("redis.finalise.gate", "h1", "", "") { Actor = "ada" });
        run.Go();

        Assert.Equal(RunState.Succeeded, run.Ledger.Final);
        Assert.Empty(cluster.Violations);
        Assert.Equal("7.2", cluster.Level); // 7.2.4 → 7.2.5 have one minor
        Assert.Equal(2, run.Ledger.Levels.Count(l => l.Value == Reversibility.L2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rollback_BehindThePointOfNoReturn_LowersFirstOrIsRefused(bool canLower)
    {
        var profile = Moving with { Movers = [], Finaliser = canLower ? Level : Level with { Lower = [], Lowered = "" } };
        var (cluster, run, plan) = Start((9, 1), profile, finalise: true);
        Approved(run).Go();
        Assert.Equal(RunState.Succeeded, run.Ledger.Final);

        var back = RollbackPlanner.Build("r1", plan, run.Ledger, cluster.Show(), _ => "h2", "p2", "dba", cluster.Now);

        Assert.Equal(canLower, back.Ok);
        Assert.Equal(canLower, RollbackPlanner.Outlook(plan, run.Ledger, cluster.Show()).Allowed);
        if (!canLower)
        {
            Assert.StartsWith("The point of no return is passed (Raise the level)", back.Refusal!.Message, StringComparison.Ordinal);
            return;
        }
        Assert.True(back.Value!.LowersFirst);
        Assert.Equal(StepKind.Finalise, back.Value!.Steps.First(s => s.Kind is StepKind.Finalise or StepKind.Replace).Kind);
        var rollback = new ToyRun(back.Value!, cluster, "r2", 9, 0);
        rollback.Go();
        Assert.Equal(RunState.Succeeded, rollback.Ledger.Final);
        Assert.Empty(cluster.Violations);
    }

    /// <summary>Found by a generated night: a rollback that was aborted on its way had lowered the level and taken members back; the one after it lowered it again under members of the old version.</summary>
    [Fact]
    public void Rollback_LevelIsLowAlready_IsNotLoweredAgain()
    {
        var exact = Level with { Raised = "level {to}.", Raise = ["raise", "{to}"], Lower = ["lower", "{from}"], Lowered = "level {from}." };
        var (cluster, run, plan) = Start((9, 1), Moving with { Movers = [], Finaliser = exact }, finalise: true);
        cluster.Level = "7.2.4";
        Approved(run).Go();
        Assert.Equal("7.2.5", cluster.Level);
        var first = Back("r2");
        first.Go(until: l => l.Steps.Values.Any(s => s is { Kind: StepKind.Replace, Done: true }));
        Assert.Equal("7.2.4", cluster.Level);
        first.Write(new AbortRequested("enough") { Actor = "dba" });
        first.Go();

        var second = Back("r3");
        second.Go();

        Assert.Equal(RunState.Succeeded, second.Ledger.Final);
        Assert.Contains("finalise.lower", first.Ledger.Steps.Keys);
        Assert.DoesNotContain("finalise.lower", second.Ledger.Steps.Keys);
        Assert.Empty(cluster.Violations);

        ToyRun Back(string id)
        {
            var back = RollbackPlanner.Build("r1", plan, run.Ledger, cluster.Show(), _ => $"h-{id}", $"p-{id}", "dba", cluster.Now);
            Assert.True(back.Ok, back.Refusal?.Message);
            Assert.True(back.Value.LowersFirst);
            return new ToyRun(back.Value, cluster, id, 9, 0);
        }
    }

    [Fact]
    public void FinalizeGate_MemberOnTheOldVersionOrDown_Waits()
    {
        var (cluster, run, plan) = Start((9, 1), Moving with { Movers = [], Finaliser = Level });
        var index = new PlanIndex(plan);
        Assert.Contains("nothing is finalised before every member is Ready on the new version", FinalizeGate.Check(run.State, index).Reason!.Text, StringComparison.Ordinal);
        run.Go();
        Assert.True(FinalizeGate.Check(run.State, index).Allows);
        cluster.Groups[0].Members[1].Ready = false;
        Assert.Contains("is not Ready", FinalizeGate.Check(run.State, index).Reason!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Finalise_BackupThatGrewOldDuringTheSoak_WaitsForAnother()
    {
        var (cluster, run, plan) = Start((9, 1), Moving with { Movers = [], Finaliser = Level }, finalise: true);
        plan = plan with { Spec = plan.Spec with { Safety = new SafetySpec { Backup = new BackupSpec { MaxAge = TimeSpan.FromHours(1) } } } };
        var state = run.State with { Plan = plan };
        BackupFact Backup(TimeSpan age) => new("nightly", "redis", "full", "Completed", state.Now - age);
        Verdict Ask(params BackupFact[] backups) => FinalizeGate.Backup(state with { Topology = state.Topology! with { Backups = [.. backups] } });

        Assert.True(Ask(Backup(TimeSpan.FromMinutes(59))).Allows);
        var stale = Ask(Backup(TimeSpan.FromHours(3)));
        Assert.Equal((false, FinalizeGate.Name), (stale.Allows, stale.Reason!.Rule));
        Assert.StartsWith("Nothing is finalised without a fresh backup. The newest backup of redis, nightly, is 3 h", stale.Reason!.Text, StringComparison.Ordinal);
        Assert.Contains("No complete backup of redis is known", Ask().Reason!.Text, StringComparison.Ordinal);
        Assert.True(FinalizeGate.Backup(state with { Plan = plan with { Spec = plan.Spec with { Safety = new SafetySpec() } } }).Allows);

        // Through a whole run: all is rolled, the level is not raised, and the wait says why.
        var waiting = new ToyRun(plan, cluster, "r1", 9, 0);
        waiting.Write(new RunStarted(plan.Id, plan.Hash));
        foreach (var id in new[] { StepIds.Backup("redis") })
            waiting.Write(new StepStarted(id, StepKind.Backup, "redis", "all", null, null, 1, null));
        waiting.Write(new StepFinished(StepIds.Backup("redis"), 1, StepState.Succeeded, null));
        waiting.Go(until: _ => waiting.Last.Waits.Any(w => w.Reason.Rule == FinalizeGate.Name && w.Reason.Text.Contains("fresh backup", StringComparison.Ordinal)));
        Assert.False(waiting.Ledger.Terminal);
        Assert.Null(waiting.Ledger.Step(Finaliser.RaiseStep));
        Assert.All(cluster.Groups.SelectMany(g => g.Members), m => Assert.Equal("7.2.5", m.Version));
    }

    [Fact]
    public void FinalizeGate_Findings_SayWhetherThePlanFinalises()
    {
        var plan = Make.Plan(Make.Cluster(), Moving with { Finaliser = Level });
        Assert.Equal(Severity.Info, Assert.Single(FinalizeGate.Findings(plan)).Severity);
        var finalising = plan with { Spec = plan.Spec with { Finalise = new FinaliseSpec() } };
        Assert.Equal(Severity.Warning, Assert.Single(FinalizeGate.Findings(finalising)).Severity);
        Assert.Equal(Severity.Error, Assert.Single(FinalizeGate.Findings(finalising with { Profile = Moving })).Severity);
    }

    [Theory]
    [InlineData("firstMember", false, true)]
    [InlineData("lastMember", false, true)]
    [InlineData("lastMember", true, false)]
    public void ImplicitFinalize_StageWithoutAGate_IsRefused(string with, bool gated, bool refused)
    {
        var profile = Moving with { Movers = [], Finaliser = new FinaliserSpec("Write the new format") { Implicit = with } };
        var plan = Make.Plan(Make.Cluster(), profile, gate: gated ? new GateSpec() : null);

        var finding = Assert.Single(ImplicitFinalizeGuard.Findings(plan));

        Assert.Equal(refused ? Severity.Error : Severity.Warning, finding.Severity);
        Assert.Equal(with == "firstMember" || !gated ? "all" : "rest", ImplicitFinalizeGuard.Where(plan)!.Value.Stage.Name);
        Assert.Empty(ImplicitFinalizeGuard.Findings(plan with { Direction = Direction.Rollback }));
    }

    [Theory]
    [InlineData("firstMember", 1)]
    [InlineData("lastMember", 3)]
    public void ImplicitFinalize_TheMemberHasStarted_ThereIsNoWayBack(string with, int replaced)
    {
        var profile = Moving with { Movers = [], Finaliser = new FinaliserSpec("Write the new format") { Implicit = with } };
        var (cluster, run, plan) = Start((9, 1), profile);
        run.Go(until: l => l.Steps.Values.Count(s => s is { Kind: StepKind.Replace, Done: true }) == replaced - 1);
        if (replaced > 1)
            Assert.True(RollbackPlanner.Build("r1", plan, run.Ledger, cluster.Show(), _ => "h2", "p2", "dba", cluster.Now).Ok);

        run.Go(until: l => l.Levels.ContainsValue(Reversibility.L2) || l.Terminal);

        Assert.Equal(replaced, run.Ledger.Steps.Values.Count(s => s is { Kind: StepKind.Replace, Done: true }));
        Assert.False(RollbackPlanner.Build("r1", plan, run.Ledger, cluster.Show(), _ => "h2", "p2", "dba", cluster.Now).Ok);
    }
}
