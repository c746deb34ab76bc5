using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>Whole runs against the calendar. The toy cluster's day begins at noon, UTC.</summary>
public sealed class ScheduledRunTests
{
    private static (ToyCluster Cluster, ToyRun Run) Start(SafetySpec safety, int shards = 3, int shardsAtOnce = 1)
    {
        var cluster = new ToyCluster(7, shards, 3, faults: 0, bad: null);
        cluster.Answer(cluster.Groups.SelectMany(g => g.Members).Select(m => new ProbeRequest("redis", "", m.Name, TimeSpan.Zero)));
        return (cluster, new ToyRun(Make.Plan(cluster.Show(), shardsAtOnce: shardsAtOnce, safety: safety), cluster, "r1", 7, crashes: 0));
    }

    private static string Cron(DateTimeOffset at) => $"{at.Minute} {at.Hour} * * *";

    private static IEnumerable<(DateTimeOffset At, StepStarted Step)> Begun(ToyRun run) => run.Journal.Where(e => e.Event is StepStarted { Act: not null }).Select(e => (e.At, (StepStarted)e.Event));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void HandoverWindow_Closed_FollowersGoOnEverywhereAndLeadersMoveInIt(int shardsAtOnce)
    {
        var (cluster, run) = Start(new SafetySpec(), shardsAtOnce: shardsAtOnce);
        var opens = cluster.Now.AddMinutes(25);
        (cluster, run) = Start(new SafetySpec { HandoverWindow = new WindowSpec(Cron(opens), TimeSpan.FromHours(2), "UTC") }, shardsAtOnce: shardsAtOnce);

        run.Go(until: _ => cluster.Now > opens.AddMinutes(-2));
        Assert.Equal(6, cluster.Replaced.Count);
        Assert.Equal(0, cluster.Switchovers);
        Assert.Equal(RunState.Waiting, run.Last.State);
        Assert.Equal(HandoverWindow.Name, run.Last.Reason!.Rule);
        Assert.Equal(3, run.Last.Waits.Count(w => w.Reason.Rule == HandoverWindow.Name));
        Assert.Empty(run.Last.Probes); // nobody is asked all night long

        run.Go();
        Assert.Equal(RunState.Succeeded, run.Ledger.Final);
        Assert.Empty(cluster.Violations);
        Assert.Equal(3, cluster.Switchovers);
        Assert.All(Begun(run).Where(b => b.Step.Kind == StepKind.Switchover), b => Assert.True(b.At >= opens));
    }

    [Fact]
    public void HandoverWindow_Bypassed_LeadersMoveAtOnceAndTheIntentSaysByWhom()
    {
        var now = Start(new SafetySpec()).Cluster.Now;
        var (cluster, run) = Start(new SafetySpec { HandoverWindow = new WindowSpec(Cron(now.AddHours(5)), TimeSpan.FromHours(2), "UTC") });
        run.Go(until: _ => run.Last.Reason?.Rule == HandoverWindow.Name);

        run.Write(new WindowBypassed(HandoverWindow.Name, "the site is down") { Actor = "root" });
        run.Go(until: _ => cluster.Now > now.AddHours(4));

        Assert.Equal(RunState.Succeeded, run.Ledger.Final);
        Assert.Equal(3, cluster.Switchovers);
        Assert.All(Begun(run).Where(b => b.Step.Kind == StepKind.Switchover), b => Assert.Contains(b.Step.Evidence, e => e.Rule == HandoverWindow.Name && e.Value == "bypassed by root"));
    }

    [Fact]
    public void HandoverWindow_LeadersRestored_InTheNextWindowAndNotGivenUpMeanwhile()
    {
        var opens = Start(new SafetySpec()).Cluster.Now.AddMinutes(20);
        // Long enough for the switchovers, closed again before the originals can lead again; the next one is an hour later.
        var (cluster, run) = Start(new SafetySpec { RestoreLeaders = true, HandoverWindow = new WindowSpec($"{opens.Minute} * * * *", TimeSpan.FromMinutes(1), "UTC") }, shards: 1);

        run.Go();

        Assert.Equal(RunState.Succeeded, run.Ledger.Final);
        Assert.Equal(2, cluster.Switchovers);
        var restored = Assert.Single(Begun(run), b => b.Step.Stage == RestoreOriginalLeaders.Stage);
        Assert.InRange(restored.At, opens, opens.AddHours(2));
        Assert.True(WindowClockOpen(restored.At, opens));
    }

    private static bool WindowClockOpen(DateTimeOffset at, DateTimeOffset opens) => at.Minute == opens.Minute;

    [Fact]
    public void Freeze_AfterTheHookOfAMember_ThatMemberIsStillReplaced()
    {
        var hook = new HookSpec { Name = "save", On = HookPoints.BeforeInstance, Action = new ActionSpec { Exec = new ExecAction { Command = ["start"] }, Timeout = TimeSpan.FromSeconds(10) } };
        (ToyCluster, ToyRun) Hooked(SafetySpec safety)
        {
            var cluster = new ToyCluster(7, 1, 3, faults: 0, bad: null);
            cluster.Answer(cluster.Groups.SelectMany(g => g.Members).Select(m => new ProbeRequest("redis", "", m.Name, TimeSpan.Zero)));
            return (cluster, new ToyRun(Make.Hooked(Make.Plan(cluster.Show(), safety: safety), hook), cluster, "r1", 7, crashes: 0));
        }
        var (_, free) = Hooked(new SafetySpec());
        free.Go();
        // One-minute slices of a freeze over the whole run; in each of them, what was prepared by a hook is finished.
        foreach (var minute in free.Journal.Select(e => new DateTimeOffset(e.At.Year, e.At.Month, e.At.Day, e.At.Hour, e.At.Minute, 0, TimeSpan.Zero)).Distinct())
        {
            var (cluster, run) = Hooked(new SafetySpec { Freeze = [new WindowSpec(Cron(minute), TimeSpan.FromMinutes(30), "UTC")] });
            run.Go(until: _ => cluster.Now > minute.AddMinutes(25));
            foreach (var done in run.Ledger.Steps.Values.Where(s => s is { Kind: StepKind.Hook, Done: true }))
                Assert.True(run.Ledger.Step(StepIds.Replace("redis", done.Shard!, done.Instance!)) is { Done: true }, $"{done.Instance} was prepared and left at {minute:HH:mm}");
            run.Go();
            Assert.Equal(RunState.Succeeded, run.Ledger.Final);
            Assert.DoesNotContain(Begun(run), b => b.Step.Kind is StepKind.Hook && b.At >= minute && b.At < minute.AddMinutes(30) && run.Ledger.Steps[b.Step.Step].StartedAt >= minute.AddMinutes(1));
        }
    }

    [Fact]
    public void Freeze_BeforeTheStart_NothingIsBegunUntilItEnds()
    {
        var now = Start(new SafetySpec()).Cluster.Now;
        var (cluster, run) = Start(new SafetySpec { Freeze = [new WindowSpec(Cron(now.AddMinutes(-10)), TimeSpan.FromMinutes(20), "UTC") { Name = "Quarter end" }] });

        run.Go(until: _ => cluster.Now > now.AddMinutes(5));
        Assert.Empty(Begun(run));
        Assert.Equal(RunState.Waiting, run.Last.State);
        Assert.StartsWith("The change freeze “Quarter end” is on until ", run.Last.Reason!.Text);
        Assert.Equal(ChangeFreeze.Name, run.Last.Reason.Rule);

        run.Go();
        Assert.Equal(RunState.Succeeded, run.Ledger.Final);
        Assert.All(Begun(run), b => Assert.True(b.At >= now.AddMinutes(10)));
    }

    [Fact]
    public void Freeze_BeginsInTheMiddle_TheMemberInHandIsFinishedAndNoOtherBegun()
    {
        var free = Start(new SafetySpec());
        free.Run.Go();
        // In the middle of the run that was not frozen, whatever minute that is.
        var middle = free.Run.Journal[free.Run.Journal.Count / 2].At;
        var begins = new DateTimeOffset(middle.Year, middle.Month, middle.Day, middle.Hour, middle.Minute, 0, TimeSpan.Zero);
        var ends = begins.AddMinutes(10);
        var (cluster, run) = Start(new SafetySpec { Freeze = [new WindowSpec(Cron(begins), TimeSpan.FromMinutes(10), "UTC")] });

        run.Go(until: _ => cluster.Now > ends.AddMinutes(-1));
        Assert.True(run.Ledger.OpenSteps.All(id => run.Ledger.Steps[id].Last.Status is ActStatus.NotNow), string.Join(", ", run.Ledger.OpenSteps));
        Assert.All(cluster.Groups.SelectMany(g => g.Members), m => Assert.True(m.Ready));
        Assert.Equal(ChangeFreeze.Name, run.Last.Reason!.Rule);

        run.Go();
        Assert.Equal(RunState.Succeeded, run.Ledger.Final);
        Assert.Empty(cluster.Violations);
        Assert.DoesNotContain(Begun(run), b => b.At >= begins && b.At < ends);
    }

    [Fact]
    public void Freeze_Rollback_IsNotFrozen()
    {
        var bench = new Rules.ShardBench();
        var freeze = new WindowSpec("0 11 * * *", TimeSpan.FromHours(2), "UTC");
        var state = new DecisionState { RunId = "r1", Plan = bench.Plan, Topology = bench.Topology, Ledger = Ledger.Empty, Now = Make.Noon, Freeze = [freeze] };

        Assert.False(ChangeFreeze.Check(state).Allows);
        Assert.Equal("configuration", Assert.Single(ChangeFreeze.Check(state).Reason!.Evidence).Source);
        Assert.True(ChangeFreeze.Check(state with { Plan = bench.Plan with { Direction = Direction.Rollback } }).Allows);
    }

    [Fact]
    public void Preview_WindowAndFreeze_AreFindingsAndNotWaitedFor()
    {
        var cluster = Make.Cluster(2);
        var safety = new SafetySpec { HandoverWindow = new WindowSpec("0 2 * * *", TimeSpan.FromHours(2), "Europe/Berlin") };
        var plain = Previewer.Complete(Make.Plan(cluster), cluster, Make.Noon);
        var plan = Previewer.Complete(Make.Plan(cluster, safety: safety), cluster, Make.Noon, [new WindowSpec("0 10 * * *", TimeSpan.FromHours(4), "UTC") { Name = "Sale" }]);

        Assert.Equal(plain.Totals, plan.Totals);
        Assert.Contains(plan.Findings, f => f is { Rule: HandoverWindow.Name, Severity: Severity.Info } && f.Message.Contains("opens at Mon 23 Nov 02:00 Europe/Berlin (in 13 h)", StringComparison.Ordinal));
        Assert.Contains(plan.Findings, f => f is { Rule: ChangeFreeze.Name, Severity: Severity.Warning } && f.Message.StartsWith("The change freeze “Sale” is on until 14:00 UTC (in 2 h).", StringComparison.Ordinal));
    }
}
