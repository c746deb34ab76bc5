using System.Text.Json;
using CsCheck;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>Generated topologies with generated faults; a failure names the seed.</summary>
public sealed class DecidePropertyTests
{
    private static readonly Gen<(int Seed, int Shards, int Members, int K)> Shapes = Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[1, 5], Gen.Int[1, 4], Gen.Int[1, 3]);

    private static (ToyCluster Cluster, ToyRun Run, Plan Plan) Start((int Seed, int Shards, int Members, int K) x, double faults, double crashes, string? bad = null)
    {
        var cluster = new ToyCluster(x.Seed, x.Shards, x.Members, faults, bad);
        cluster.Answer(cluster.Groups.SelectMany(g => g.Members).Select(m => new ProbeRequest("redis", "", m.Name, TimeSpan.Zero)));
        var plan = Make.Plan(cluster.Show(), to: bad ?? "7.2.5", shardsAtOnce: x.K);
        return (cluster, new ToyRun(plan, cluster, "r1", x.Seed, crashes), plan);
    }

    [Fact]
    public void Decide_NoFaults_EveryMemberOnceOneSwitchoverPerShardWithOutdatedLeader() => Shapes.Sample(x =>
    {
        var (cluster, run, _) = Start(x, faults: 0, crashes: 0);
        run.Go();
        Assert.Equal(RunState.Succeeded, run.Ledger.Final);
        Assert.Empty(cluster.Violations);
        Assert.Empty(run.SilentWaits);
        Assert.All(cluster.Groups.SelectMany(g => g.Members), m => Assert.Equal(1, cluster.Replaced[m.Name]));
        Assert.Equal(x.Members > 1 ? x.Shards : 0, cluster.Switchovers);
        Assert.All(cluster.Groups, g => Assert.Null(g.HeldBy));
    }, iter: 150);

    [Fact]
    public void Decide_FaultsEverywhere_PromisesHoldAndItEnds() => Shapes.Sample(x =>
    {
        var (cluster, run, _) = Start(x, faults: 0.5, crashes: 0);
        run.Go();
        Assert.Empty(cluster.Violations);
        Assert.Empty(run.SilentWaits);
        Assert.True(run.Ledger.Final == RunState.Succeeded || run.Ledger.Pause is not null, $"{run.Last.State}: {run.Last.Reason?.Text}");
        if (run.Ledger.Final == RunState.Succeeded)
            Assert.All(cluster.Groups.SelectMany(g => g.Members), m => Assert.Equal("7.2.5", m.Version));
    }, iter: 300);

    [Fact]
    public void Decide_CrashesBetweenAnyTwoWrites_NothingTwice() => Shapes.Sample(x =>
    {
        var (cluster, run, _) = Start(x, faults: 0, crashes: 0.2);
        run.Go();
        Assert.Equal(RunState.Succeeded, run.Ledger.Final);
        Assert.Empty(cluster.Violations);
        Assert.All(cluster.Groups.SelectMany(g => g.Members), m => Assert.Equal(1, cluster.Replaced[m.Name]));
        Assert.Equal(x.Members > 1 ? x.Shards : 0, cluster.Switchovers);
    }, iter: 200);

    [Fact]
    public void Decide_BadVersion_HaltsAfterTheFirstMemberAndRollbackEjectsIt() => Shapes.Sample(x =>
    {
        var (cluster, run, plan) = Start(x with { K = 1 }, faults: 0, crashes: 0, bad: "8.2.0-bad");
        run.Go(until: l => l.Pause is not null && l.OpenSteps.Count <= 1 && l.Steps.Values.Any(s => s.Id.EndsWith("writeback", StringComparison.Ordinal) && s.Done));
        Assert.NotNull(run.Ledger.Pause);
        Assert.Equal(1, cluster.Replaced.Values.Sum());
        Assert.Contains("ImagePullBackOff", run.Ledger.Pause.Reason.Text, StringComparison.Ordinal);
        Assert.Equal("7.2.4", cluster.Groups[0].Template);
        Assert.Empty(cluster.Violations);

        var back = RollbackPlanner.Build("r1", plan, run.Ledger, cluster.Show(), _ => "h2", "p2", "dba", cluster.Now);
        Assert.True(back.Ok, back.Refusal?.Message);
        var rollback = new ToyRun(back.Value, cluster, "r2", x.Seed, 0);
        rollback.Go();
        Assert.Equal(RunState.Succeeded, rollback.Ledger.Final);
        Assert.Empty(cluster.Violations);
        Assert.Equal(2, cluster.Replaced.Values.Sum());
        Assert.All(cluster.Groups.SelectMany(g => g.Members), m => Assert.True(m.Ready && m.Version == "7.2.4"));
    }, iter: 100);

    [Fact]
    public void Decide_RollbackAtAnyPoint_EndsWhereItBegan() => Gen.Select(Shapes, Gen.Int[1, 60]).Sample((x, events) =>
    {
        var (cluster, run, plan) = Start(x, faults: 0, crashes: 0);
        run.Go(until: _ => run.Journal.Count >= events);
        var back = RollbackPlanner.Build("r1", plan, run.Ledger, cluster.Show(), _ => "h2", "p2", "dba", cluster.Now);
        Assert.True(back.Ok, back.Refusal?.Message);
        var before = cluster.Switchovers;
        var rollback = new ToyRun(back.Value, cluster, "r2", x.Seed, 0.05);
        rollback.Go();
        Assert.Equal(RunState.Succeeded, rollback.Ledger.Final);
        Assert.Empty(cluster.Violations);
        Assert.All(cluster.Groups.SelectMany(g => g.Members), m => Assert.Equal("7.2.4", m.Version));
        Assert.True(cluster.Switchovers - before <= x.Shards + back.Value.Unsettled.Count);
    }, iter: 200);

    [Fact]
    public void Decide_SameStateTwice_SameAnswer() => Shapes.Sample(x =>
    {
        var (_, run, _) = Start(x, faults: 0.4, crashes: 0);
        run.Go(until: _ => run.Journal.Count > 25);
        var state = run.State;
        var (once, twice) = (new Decider().Decide(state), new Decider().Decide(state));
        Assert.Equal(once.State, twice.State);
        Assert.Equal(once.Acts.Select(a => JsonSerializer.Serialize(a.Act)), twice.Acts.Select(a => JsonSerializer.Serialize(a.Act)));
        Assert.Equal(once.Reason?.Text, twice.Reason?.Text);
        Assert.Equal(once.Probes.ToArray(), twice.Probes.ToArray());
    }, iter: 100);

    [Fact]
    public void Decide_WithHintsOfWhatChanged_SameAnswerAsWithout() => Shapes.Sample(x =>
    {
        var (_, run, _) = Start(x, faults: 0.4, crashes: 0);
        var (hinted, plain) = (new Decider(), new Decider());
        TopologySnapshot? before = null;
        for (var turn = 0; turn < 60 && !run.Ledger.Terminal; turn++)
        {
            var seen = run.Journal.Count;
            run.Go(patience: 1, until: _ => run.Journal.Count > seen);
            var state = run.State;
            var changed = before is null ? null : Changed(before, state.Topology!);
            before = state.Topology;
            Assert.Equal(Said(plain.Decide(state)), Said(hinted.Decide(state with { ChangedShards = changed })));
        }
    }, iter: 60);

    private static string Said(Decision d) => JsonSerializer.Serialize(new { d.State, d.Reason, Acts = d.Acts.Select(a => JsonSerializer.Serialize(a.Act)), d.Probes, Record = d.Record.Select(r => r.ToString()), Waits = d.Waits.Select(w => w.Reason.Text) });

    private static List<string> Changed(TopologySnapshot a, TopologySnapshot b)
    {
        var keys = new List<string>();
        for (var i = 0; i < b.Components[0].Shards.Length; i++)
            if (JsonSerializer.Serialize(a.Components[0].Shards[i]) != JsonSerializer.Serialize(b.Components[0].Shards[i]) || JsonSerializer.Serialize(a.Components[0].Workloads[i]) != JsonSerializer.Serialize(b.Components[0].Workloads[i]))
                keys.Add($"redis/{b.Components[0].Shards[i].Name}");
        return keys;
    }

    /// <summary>Found by a generated night: the pause itself met a fault when it named the role of a member that had never answered.</summary>
    [Fact]
    public void Switchover_OutOfTimeWithAMemberThatNeverAnswered_PausesAndSaysThatItsRoleIsUnknown()
    {
        var (cluster, run, _) = Start((3, 1, 3, 1), faults: 0, crashes: 0);
        run.Go(until: l => l.Step(StepIds.Switchover("redis", "shard-a")) is { Open: true });
        foreach (var m in cluster.Groups[0].Members)
            m.Told = null;
        cluster.SetClock(TimeSpan.FromHours(1));

        var decision = new Decider().Decide(run.State);

        var paused = Assert.Single(decision.Record.OfType<RunPaused>());
        Assert.Contains("did not end with exactly one leader", paused.Reason.Text, StringComparison.Ordinal);
        Assert.All(paused.Reason.Evidence, e => Assert.Equal(("unknown", "nobody"), (e.Value, e.Source)));
    }

    /// <summary>Found by a generated night: after the clock was set back a member was drained, or waited for, again and again without end.</summary>
    [Theory]
    [InlineData(-7200)]
    [InlineData(-30)]
    [InlineData(7200)]
    public void Clock_SetInTheMiddle_NothingIsDoneTwice(int seconds) => Gen.Select(Shapes, Gen.Int[1, 60]).Sample((x, events) =>
    {
        var (cluster, run, _) = Start(x, faults: 0, crashes: 0);
        run.Go(until: _ => run.Journal.Count >= events);
        cluster.SetClock(TimeSpan.FromSeconds(seconds));
        run.Go();
        Assert.True(run.Ledger.Final == RunState.Succeeded, run.Last.Reason?.Text);
        Assert.Empty(cluster.Violations);
        Assert.All(cluster.Groups.SelectMany(g => g.Members), m => Assert.Equal(1, cluster.Replaced[m.Name]));
        Assert.All(run.Ledger.Steps.Values, s => Assert.InRange(s.Attempts.Length, 1, 3));
    }, iter: 60);

    /// <summary>Found by a generated night: another shard's bad luck wrote the old version back into a finished one, whose member then took it, and the run called it a success.</summary>
    [Fact]
    public void WriteBack_ShardThatCameUpWellBefore_IsNotTouchedWhenAnotherHalts()
    {
        var (cluster, run, _) = Start((4, 2, 1, 1), faults: 0, crashes: 0);
        run.Go(until: l => l.Step(StepIds.Replace("redis", "shard-b", "orders-b-0")) is { Open: true, Last.Status: ActStatus.Accepted });
        cluster.Groups[0].Members[0].Ready = false;
        cluster.Groups[1].Members[0].Version = "7.2.5";
        run.Write(new RunPaused(new Reason("orders-b-0 does not come up.", UpdatedUnhealthyHalts.Name)));

        var acts = new Decider().Decide(run.State with { Topology = cluster.Show() }).Acts;

        Assert.DoesNotContain(acts, a => a.Act is RetargetAct r && r.Workloads.Contains("orders-a"));
    }

    [Fact]
    public void Finished_ThenWrittenBackBySomebody_IsNoSuccess_AndRetryBringsItThereOnceMore()
    {
        var (cluster, run, _) = Start((4, 2, 3, 1), faults: 0, crashes: 0);
        run.Go(until: l => l.ShardsDone.Contains("redis/all/shard-a"));
        var member = cluster.Groups[0].Members[0];
        (cluster.Groups[0].Template, member.Version, member.Uid) = ("7.2.4", "7.2.4", "another");
        run.Go(patience: 0);

        Assert.NotNull(run.Ledger.Pause);
        Assert.Equal("shard-a was finished, but orders-a-0 runs 7.2.4, not 7.2.5, and its template asks for 7.2.4.", run.Ledger.Pause.Reason.Text);
        Assert.All(cluster.Groups, g => Assert.NotNull(g.HeldBy));

        run.Write(new RunResumed(true, "") { Actor = "dba" });
        run.Go();

        Assert.Equal(RunState.Succeeded, run.Ledger.Final);
        Assert.Empty(cluster.Violations);
        Assert.All(cluster.Groups.SelectMany(g => g.Members), m => Assert.Equal("7.2.5", m.Version));
        Assert.Equal((2, 1), (cluster.Replaced["orders-a-0"], cluster.Replaced["orders-a-1"]));
    }

    [Fact]
    public void Ledger_AfterTheEnd_StaysTerminal()
    {
        var ended = Ledger.Empty.Apply(1, Make.Noon, new RunStarted("p", "h")).Apply(2, Make.Noon, new RunFinished(RunState.Aborted, new Reason("over")));
        var after = ended.Apply(3, Make.Noon, new RunResumed(true, "")).Apply(4, Make.Noon, new RunPaused(new Reason("x"))).Apply(5, Make.Noon, new RunFinished(RunState.Succeeded, new Reason("y")));
        Assert.Equal(RunState.Aborted, after.Final);
        Assert.Null(after.Pause);
    }
}
