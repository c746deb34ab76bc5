using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

/// <summary>What a plan says of the cluster as it is now, of backups, the calendar and versions, before anything starts.</summary>
public sealed class FindingsTests
{
    private static Finding[] Present(Func<TopologySnapshot, TopologySnapshot> change, Direction direction = Direction.Forward)
    {
        var cluster = Make.Cluster(3);
        return [.. PresentState.Findings(Make.Plan(cluster) with { Direction = direction }, change(cluster))];
    }

    private static Func<TopologySnapshot, TopologySnapshot> Members(Func<Instance, Instance> change) =>
        t => t with { Components = [t.Components[0] with { Shards = [.. t.Components[0].Shards.Select((s, i) => i > 0 ? s : s with { Instances = [.. s.Instances.Select(change)] })] }] };

    private static Func<TopologySnapshot, TopologySnapshot> Member(int ordinal, Func<Instance, Instance> change) => Members(m => m.Ordinal == ordinal ? change(m) : m);

    [Fact]
    public void Present_AllIsWell_SaysNothing() => Assert.Empty(Present(t => t));

    [Fact]
    public void Present_ComponentGone_IsAnErrorAndThePreviewStopsThere()
    {
        Assert.Equal((Severity.Error, "Component redis is not to be seen in demo/orders."), Said(Assert.Single(Present(t => t with { Components = [] }))));

        var cluster = Make.Cluster(1);
        var plan = Previewer.Complete(Make.Plan(cluster), cluster with { Components = [] }, Make.Noon);
        Assert.Empty(plan.Steps);
        Assert.Contains(plan.Findings, f => f.Rule == PresentState.Missing);
    }

    [Theory]
    [InlineData(Direction.Forward, UnhealthyOutdatedFirst.Name)]
    [InlineData(Direction.Rollback, UnhealthyOutdatedFirst.Eject)]
    public void Present_DeadMember_GoesFirst(Direction direction, string rule)
    {
        var finding = Assert.Single(Present(Member(0, m => m.Dead("OOMKilled")), direction));

        Assert.Equal(("orders-a-0 in shard-a does not run (OOMKilled on 7.2.4) and goes first.", rule), (finding.Message, finding.Rule));
    }

    [Fact]
    public void Present_DeadWithoutAWord_SaysItsPhase() =>
        Assert.Equal("orders-a-0 in shard-a does not run (Failed on 7.2.4) and goes first.", Assert.Single(Present(Member(0, m => m with { Ready = false, Dead = true, Phase = "Failed" }))).Message);

    [Theory]
    [InlineData(1, "orders-a-0 in shard-a is not Ready now; the run waits there until it is.")]
    [InlineData(2, "orders-a-0, orders-a-1 in shard-a are not Ready now; the run waits there until they are.")]
    public void Present_MembersDown_AreWaitedFor(int down, string said) => Assert.Equal((Severity.Warning, said), Said(Assert.Single(Present(Members(m => m.Ordinal < down ? m.Down() : m)))));

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Present_BudgetThatAllowsNothing_IsSaid(int allowed, bool said) => Assert.Equal(said, Present(t => t with
    {
        Components = [t.Components[0] with { Shards = t.Components[0].Shards.SetItem(0, t.Components[0].Shards[0] with { Budget = new BudgetStatus("orders-pdb", allowed) }) }],
    }).Any(f => f.Rule == PdbRespected.Name));

    [Fact]
    public void Present_NobodyLeads_SaysWhomThePreviewTakes() =>
        Assert.Equal("Nobody is known to lead shard-a now; the preview assumes orders-a-0. The run asks the members themselves.", Assert.Single(Present(Members(m => m with { Role = "secondary" }))).Message);

    [Fact]
    public void Present_ThirdVersion_IsAnError() =>
        Assert.Equal((Severity.Error, "VersionStep"), (Assert.Single(Present(Member(1, m => m.On("7.0.0")))).Severity, Present(Member(1, m => m.On("7.0.0")))[0].Rule));

    [Fact]
    public void Present_OperationOfOthers_IsWaitedFor() =>
        Assert.Equal("Backup nightly is Running; the run waits until it has ended.", Assert.Single(Present(t => t with { Operations = [new Operation("nightly", "Backup", "Running", null, null), new Operation("old", "Backup", "Succeed", null, null)] })).Message);

    [Theory]
    [InlineData(1, "redis has 1 shard:")]
    [InlineData(2, "redis has 2 shards:")]
    public void Present_FewLeaders_HaveNoMajorityWhileOneMoves(int shards, string said)
    {
        var cluster = Make.Cluster(shards);

        Assert.StartsWith(said, Assert.Single(PresentState.Findings(Make.Plan(cluster), cluster)).Message, StringComparison.Ordinal);
        Assert.Empty(PresentState.Findings(Make.Plan(cluster) with { Spec = Make.Plan(cluster).Spec with { Acknowledge = ["smallCluster"] } }, cluster));
    }

    [Fact]
    public void Preview_ThatWouldStopOnTheWay_SaysAtWhat()
    {
        var cluster = Make.Cluster(3);
        var (redis, first) = (cluster.Components[0], cluster.Components[0].Shards[0]);
        var more = cluster with { Components = [redis with { Shards = redis.Shards.SetItem(0, first with { Instances = first.Instances.Add(Make.Member("orders-a-3", 3, "secondary", "orders-a")) }) }] };

        var finding = Assert.Single(Previewer.Complete(Make.Plan(cluster), more, Make.Noon).Findings, f => f.Severity == Severity.Error);

        Assert.Equal(("As the cluster is now the run would stop here: shard-a has other members than when the plan was made: orders-a-3 came.", "PlanDiverged"), (finding.Message, finding.Rule));
    }

    private static DecisionState State(BackupSpec? spec, params BackupFact[] backups)
    {
        var topology = Make.Cluster(1, 2) with { Backups = [.. backups] };
        return new DecisionState { RunId = "r1", Plan = Make.Plan(topology, safety: new SafetySpec { Backup = spec }), Topology = topology, Ledger = Ledger.Empty, Now = Make.Noon };
    }

    private static readonly ActionSpec Take = new() { Backup = new BackupAction { Method = "datafile" }, Timeout = TimeSpan.FromHours(1) };
    private static readonly BackupFact Three = new("b-3", "", "", "Completed", Make.Noon.AddHours(-3));

    [Fact]
    public void Backup_Finding_SaysWhatIsThereAndWhatWillBeTaken()
    {
        Assert.Null(BackupFresh.Finding(State(null), "redis"));
        Assert.Equal(("The newest backup of redis, b-3, is 3 h old.", ""), Where(BackupFresh.Finding(State(null, Three), "redis")));
        Assert.Null(BackupFresh.Finding(State(new BackupSpec { MaxAge = TimeSpan.FromHours(1) }, Three), "redis")); // an error, said elsewhere
        Assert.Equal(("The newest backup of redis, b-3, is 3 h old.", "/spec/safety/backup"), Where(BackupFresh.Finding(State(new BackupSpec { MaxAge = TimeSpan.FromHours(6), Take = Take }, Three), "redis")));
        Assert.Equal(("The newest backup of redis, b-3, is 3 h old; another one is taken first.", "/spec/safety/backup"), Where(BackupFresh.Finding(State(new BackupSpec { Take = Take }, Three), "redis")));
        Assert.Equal(("A backup of redis is taken first.", "/spec/safety/backup"), Where(BackupFresh.Finding(State(new BackupSpec { Take = Take }), "redis")));
        Assert.EndsWith("One is taken first.", BackupFresh.Finding(State(new BackupSpec { MaxAge = TimeSpan.FromHours(1), Take = Take }, Three), "redis")!.Message, StringComparison.Ordinal);
        Assert.Equal("complete at 2026-11-22 09:00 UTC", BackupFresh.Evidence(Three).Value);
    }

    private static Finding[] Calendar(SafetySpec safety, EngineProfile? profile = null, Direction direction = Direction.Forward, WindowSpec[]? everywhere = null, params PlanStep[] steps) =>
        [.. ScheduleFindings.Of(Make.Plan(Make.Cluster(1, 2, profile), profile, safety: safety) with { Direction = direction }, everywhere ?? [], steps, Make.Noon)];

    private static WindowSpec Window(string cron, double hours, string name = "") => new(cron, TimeSpan.FromHours(hours), "UTC") { Name = name };

    [Fact]
    public void Calendar_FreezeOn_WarnsAndSaysUntilWhen()
    {
        Assert.Empty(Calendar(new SafetySpec()));
        var own = Assert.Single(Calendar(new SafetySpec { Freeze = [Window("0 11 * * *", 2, "lunch")] }));
        Assert.StartsWith("The change freeze “lunch” is on until 13:00 UTC", own.Message, StringComparison.Ordinal);
        Assert.Equal("/spec/safety/freeze", own.Path);
        var both = Assert.Single(Calendar(new SafetySpec { Freeze = [Window("0 11 * * *", 2)] }, everywhere: [Window("0 11 * * *", 4)]));
        Assert.StartsWith("A change freeze is on until 15:00 UTC", both.Message, StringComparison.Ordinal);
        Assert.Equal("", both.Path);
        Assert.Empty(Calendar(new SafetySpec { Freeze = [Window("0 11 * * *", 2)] }, direction: Direction.Rollback));
    }

    [Fact]
    public void Calendar_FreezeToCome_IsSaidWhenItIsNear()
    {
        Assert.StartsWith("A change freeze begins at 18:00 UTC", Assert.Single(Calendar(new SafetySpec { Freeze = [Window("0 20 * * *", 2), Window("0 18 * * *", 2)] })).Message, StringComparison.Ordinal);
        Assert.Empty(Calendar(new SafetySpec { Freeze = [Window("0 18 1 1 *", 2)] }));
    }

    [Fact]
    public void Calendar_HandoverWindow_OpenClosedOrForNobody()
    {
        Assert.StartsWith("The handover window is open until 13:00 UTC", Assert.Single(Calendar(new SafetySpec { HandoverWindow = Window("0 11 * * *", 2) })).Message, StringComparison.Ordinal);
        Assert.StartsWith("Leaders are handed over in the handover window, which opens at 18:00 UTC", Assert.Single(Calendar(new SafetySpec { HandoverWindow = Window("0 18 * * *", 2) })).Message, StringComparison.Ordinal);
        Assert.Equal((Severity.Warning, "Service has no leaders, so the handover window changes nothing."), Said(Assert.Single(Calendar(new SafetySpec { HandoverWindow = Window("0 11 * * *", 2) }, Make.Generic))));
    }

    [Theory]
    [InlineData(1800, 0)]
    [InlineData(9000, 1)]
    public void Calendar_WindowTooShortForAllSwitchovers_Warns(double between, int warnings)
    {
        PlanStep Step(double at) => new() { Id = $"s-{at}", Kind = StepKind.Switchover, Component = "redis", Stage = "all", Reversibility = Reversibility.L0, Title = "Switch over", StartSeconds = at, EstimateSeconds = 5 };

        Assert.Equal(warnings, Calendar(new SafetySpec { HandoverWindow = Window("0 11 * * *", 2) }, steps: [Step(0), Step(between)]).Count(f => f.Severity == Severity.Warning));
    }

    private static Finding? Step(string from, string to, VersionSpec rules)
    {
        var plan = Make.Plan(Make.Cluster(1));
        return VersionStep.Check(plan.Components[0] with { From = new VersionRef { Version = from }, To = new VersionRef { Version = to } }, rules, "/spec/changes/0");
    }

    [Theory]
    [InlineData("7.2.4", "8.0.0", null, null, "")]
    [InlineData("7.2.4", "7.2.4", 0, 0, "")]
    [InlineData("7.2.4", "8.0.0", 1, null, "")]
    [InlineData("7.2.4", "9.0.0", 1, null, "redis: from 7.2.4 to 9.0.0 is a hop over 2 major versions; a rolling change goes at most 1 major version at a time.")]
    [InlineData("7.2.4", "9.0.0", 0, null, "redis: from 7.2.4 to 9.0.0 is a hop over 2 major versions; a rolling change goes only within major version 7.")]
    [InlineData("7.2.4", "8.0.0", 0, null, "redis: from 7.2.4 to 8.0.0 is a hop over 1 major version; a rolling change goes only within major version 7.")]
    [InlineData("7.2.4", "10.0.0", 2, null, "redis: from 7.2.4 to 10.0.0 is a hop over 3 major versions; a rolling change goes at most 2 major versions at a time.")]
    [InlineData("7.2.4", "7.4.0", null, 0, "redis: from 7.2.4 to 7.4.0 is a hop over 2 minor versions; a rolling change goes only within 7.2.")]
    [InlineData("7.2.4", "7.4.0", null, 1, "redis: from 7.2.4 to 7.4.0 is a hop over 2 minor versions; a rolling change goes at most 1 minor version at a time.")]
    [InlineData("7.1.0", "7.4.0", null, 2, "redis: from 7.1.0 to 7.4.0 is a hop over 3 minor versions; a rolling change goes at most 2 minor versions at a time.")]
    [InlineData("7.4.0", "7.2.4", null, 2, "")]
    [InlineData("7.2.4", "8.0.0", null, 1, "")]
    [InlineData("latest", "8.0.0", 1, 1, "redis: latest and 8.0.0 cannot be compared as versions, so nobody checked whether this hop is allowed.")]
    [InlineData("7.2.4", "edge", 1, 1, "redis: 7.2.4 and edge cannot be compared as versions, so nobody checked whether this hop is allowed.")]
    public void VersionStep_Hops_ByNumber(string from, string to, int? major, int? minor, string said) =>
        Assert.Equal(said, Step(from, to, new VersionSpec { MaxMajorStep = major, MaxMinorStep = minor })?.Message ?? "");

    [Fact]
    public void VersionStep_WithASource_NamesIt() => Assert.EndsWith(" Source: redis.io.", Step("7.2.4", "9.0.0", new VersionSpec { MaxMajorStep = 1, Source = "redis.io" })!.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(true, false, 100.0, null, "")]
    [InlineData(true, false, null, 5.0, "The profile x measures lag in bytes; give maxBytes. A limit in another unit would never be checked.")]
    [InlineData(false, true, 100.0, null, "The profile x measures lag in seconds; give maxSeconds. A limit in another unit would never be checked.")]
    [InlineData(false, false, 100.0, null, "The profile x does not measure lag. A limit in another unit would never be checked.")]
    [InlineData(false, false, null, 5.0, "The profile x does not measure lag. A limit in another unit would never be checked.")]
    [InlineData(false, true, null, 5.0, "")]
    public void LagSource_Limit_MustBeInAUnitThatIsMeasured(bool bytes, bool seconds, double? maxBytes, double? maxSeconds, string said)
    {
        var profile = Make.Redis with { Name = "x", Lag = new LagSpec { MaxBytes = bytes ? 1 : null, MaxSeconds = seconds ? 1 : null } };

        Assert.Equal(said, LagSource.Unit(new SafetySpec { LagMaxBytes = (long?)maxBytes, LagMaxSeconds = maxSeconds }, [profile])?.Message ?? "");
    }

    [Fact]
    public void Hash_Changed_SaysWhatMakesTwoPlansDiffer()
    {
        var one = Make.Plan(Make.Cluster(1));
        var more = one with { Components = [.. one.Components, one.Components[0] with { Name = "proxy" }] };

        Assert.Equal(["Component proxy was added."], PlanHash.Changed(one, more));
        Assert.Equal(["Component proxy is no longer part of it."], PlanHash.Changed(more, one));
        Assert.Equal(["The direction changed."], PlanHash.Changed(one, one with { Direction = Direction.Rollback }));
    }

    private static (Severity, string) Said(Finding f) => (f.Severity, f.Message);

    private static (string, string) Where(Finding? f) => (f!.Message, f.Path);
}
