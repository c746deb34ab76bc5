using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Rollcall.Unit.Storage;
using Xunit;

namespace Rollcall.Unit.Execution;

/// <summary>Analyses through the whole engine: measured at their times, judged, shown, and never measured twice.</summary>
public sealed class AnalysisRunTests
{
    private static readonly AnalysisSpec P99 = new() { Name = "p99", Prometheus = "max(latency{pod=~\"{{pods}}\"})", Max = 0.2, Count = 3, Interval = TimeSpan.FromSeconds(30) };

    private static ActResult Says(double? value, string problem = "") => ActResult.Accepted("Told.") with { Measured = new Measurement(value, "prometheus:9090") { Problem = problem } };

    private static Plan Analysed(Plan plan, params AnalysisSpec[] analyses) =>
        plan with { Components = [.. plan.Components.Select(c => c with { Stages = [.. c.Stages.Select(s => s with { Analyses = [.. analyses] })] })] };

    private static async Task<string> RunAsync(Bench bench, AnalysisSpec[] analyses, RollbackSpec? rollback = null)
    {
        var plan = Analysed(Make.Plan(bench.Toy.Show(), rollback: rollback), analyses) with { Id = Ids.New('p'), CreatedBy = "ann", CreatedAt = bench.Time.GetUtcNow() };
        await bench.Journal.StorePlanAsync(plan);
        return Bench.Accepted(await bench.Rollouts.StartRunAsync(plan.Id, Bench.Ann, Bench.Ct)).Id;
    }

    private static ToyCluster Toy(int shards = 1, int members = 2) => new(1, shards, members, 0, null);

    private static StepView Step(RunView run) => run.Steps.First(s => s.Kind == StepKind.Analysis);

    [Fact]
    public async Task Analysis_WithinItsLimits_IsMeasuredSoOftenAndTheRunGoesOn()
    {
        await using var bench = await new Bench(Toy()).StartAsync();
        bench.Actions.Answer = (_, context) => Says(0.1 * context.Attempt);
        var spec = P99 with { FailureLimit = 1 };
        var run = await RunAsync(bench, [spec]);
        var view = await bench.EndAsync(run);

        Assert.Equal(RunState.Succeeded, view.State);
        var step = Step(view);
        Assert.Equal((StepState.Succeeded, "redis.all.analysis.p99"), (step.State, step.Id));
        Assert.Equal([0.1, 0.2, 0.3], step.Analysis!.Measurements.Select(m => Math.Round(m.Value!.Value, 3)));
        Assert.Equal([MeasurementOutcome.Passed, MeasurementOutcome.Passed, MeasurementOutcome.Failed], step.Analysis.Measurements.Select(m => m.Outcome));
        Assert.All(step.Analysis.Measurements.Zip(step.Analysis.Measurements.Skip(1)), p => Assert.InRange(p.Second.At - p.First.At, spec.Interval, spec.Interval + TimeSpan.FromSeconds(2)));
        Assert.Equal("p99 stayed within its limits: 3 of 3 measured, the last 0.3, at most 0.2 allowed, 1 outside.", step.Reason!.Text);
        Assert.Equal(["0.1", "0.2", "0.3"], step.Evidence.Where(e => e is { Rule: "Analysis", Source: "prometheus:9090" }).Select(e => e.Value));
        Assert.All(bench.Actions.Begun, b => Assert.Equal(1, b.Value));
        // It comes after the last member and before control is given back.
        var order = bench.Events(run).OfType<StepStarted>().Select(s => s.Kind).ToList();
        Assert.True(order.LastIndexOf(StepKind.WaitInSync) < order.IndexOf(StepKind.Analysis) && order.LastIndexOf(StepKind.Analysis) < order.IndexOf(StepKind.Release));
    }

    [Fact]
    public async Task Analysis_OutsideItsLimits_PausesAndIsMeasuredAnewOnRetry()
    {
        await using var bench = await new Bench(Toy()).StartAsync();
        var loaded = true;
        bench.Actions.Answer = (_, _) => Says(loaded ? 0.5 : 0.1);
        var run = await RunAsync(bench, [P99 with { FailureLimit = 1, On = HookPoints.AfterInstance }]);
        var paused = await bench.UntilAsync(run, v => v.State == RunState.Paused);

        Assert.Equal("Analysis p99 after orders-a-1 failed: 2 measurements are outside its limits, 0.5, 0.5; p99 is to be at most 0.2.", paused.Reason!.Text);
        Assert.Equal("Analysis", paused.Reason.Rule);
        Assert.Single(bench.Toy.Replaced);
        loaded = false;
        Bench.Accepted(await bench.Rollouts.RetryAsync(run, "the load test is over", Bench.Ann, Bench.Ct));
        var end = await bench.EndAsync(run);

        Assert.Equal(RunState.Succeeded, end.State);
        Assert.Equal([true, true, false, false, false], Step(end).Analysis!.Measurements.Select(m => m.Earlier));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("rollback", false)]
    public async Task Analysis_ThatFails_RollsBackWhereThePlanSaysSo(string? onFailure, bool automatic)
    {
        await using var bench = await new Bench(Toy()).StartAsync();
        bench.Actions.Answer = (_, _) => Says(9);
        var run = await RunAsync(bench, [P99 with { OnFailure = onFailure, On = HookPoints.AfterInstance }], new RollbackSpec { Automatic = automatic });

        var back = (await bench.UntilAsync(run, v => v.RolledBackBy is not null)).RolledBackBy!;
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(back)).State);
        Assert.All(bench.Toy.Groups.SelectMany(g => g.Members), m => Assert.Equal("7.2.4", m.Version));
    }

    [Fact]
    public async Task Analysis_ThatFailsButMay_IsSaidAndThePlanGoesOn()
    {
        await using var bench = await new Bench(Toy()).StartAsync();
        bench.Actions.Answer = (_, _) => Says(9);
        var run = await RunAsync(bench, [P99 with { OnFailure = "continue" }]);
        var end = await bench.EndAsync(run);

        Assert.Equal((RunState.Succeeded, StepState.Failed), (end.State, Step(end).State));
        Assert.Contains("it measured 9", Step(end).Reason!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Analysis_WithoutANumber_IsTakenAgainAndThenAPersonLooks()
    {
        await using var bench = await new Bench(Toy()).StartAsync();
        bench.Actions.Answer = (_, context) => context.Attempt == 2 ? ActResult.Failed("No answer within 10 s.") : Says(null, "The query gives no data.");
        var run = await RunAsync(bench, [P99 with { InconclusiveLimit = 2, OnFailure = "rollback" }]);
        var paused = await bench.UntilAsync(run, v => v.State == RunState.Paused);

        Assert.Equal("Analysis p99 after stage all cannot tell: 3 measurements gave no number. The last: The query gives no data.", paused.Reason!.Text);
        Assert.Null(paused.RolledBackBy);
        Assert.Equal(["The query gives no data.", "No answer within 10 s.", "The query gives no data."], Step(paused).Analysis!.Measurements.Select(m => m.Text));
        bench.Actions.Answer = (_, _) => Says(0.1);
        Bench.Accepted(await bench.Rollouts.RetryAsync(run, "mended", Bench.Ann, Bench.Ct));
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
    }

    [Fact]
    public async Task Analysis_ThatNobodyCanAsk_PausesAtOnce()
    {
        await using var bench = await new Bench(Toy()).StartAsync();
        bench.Actions.Answer = (_, _) => ActResult.Refused("No Prometheus is configured here.");
        var run = await RunAsync(bench, [P99]);
        var paused = await bench.UntilAsync(run, v => v.State == RunState.Paused);

        Assert.Equal("No Prometheus is configured here.", paused.Reason!.Text);
        Assert.Single(bench.Actions.Begun);
        bench.Actions.Answer = (_, _) => Says(0.1);
        Bench.Accepted(await bench.Rollouts.RetryAsync(run, "configured", Bench.Ann, Bench.Ct));
        Assert.Equal(RunState.Succeeded, (await bench.EndAsync(run)).State);
    }

    [Fact]
    public async Task Analysis_WithADelayAndASoak_IsMeasuredWhileItSoaks()
    {
        await using var bench = await new Bench(Toy(shards: 2)).StartAsync();
        bench.Actions.Answer = (_, _) => Says(0.1);
        var plan = Analysed(Make.Plan(bench.Toy.Show(), soak: TimeSpan.FromMinutes(10)), P99 with { Delay = TimeSpan.FromMinutes(1) }) with { Id = Ids.New('p'), CreatedBy = "ann", CreatedAt = bench.Time.GetUtcNow() };
        await bench.Journal.StorePlanAsync(plan);
        var run = Bench.Accepted(await bench.Rollouts.StartRunAsync(plan.Id, Bench.Ann, Bench.Ct)).Id;
        var end = await bench.EndAsync(run);

        var (soak, analysis) = (end.Steps.First(s => s.Kind == StepKind.Soak), Step(end));
        Assert.Equal((RunState.Succeeded, "canary"), (end.State, analysis.Stage));
        Assert.True(analysis.EndedAt < soak.EndedAt);
        Assert.InRange(analysis.Analysis!.Measurements[0].At, analysis.StartedAt!.Value.AddMinutes(1), analysis.StartedAt.Value.AddMinutes(1).AddSeconds(2));
        Assert.Equal(3, analysis.Analysis.Measurements.Length);
    }

    [Fact]
    public async Task Stop_InMidAnalysis_NextStartMeasuresWhatIsMissingAndNothingTwice()
    {
        using var file = new TempDatabase();
        var toy = Toy();
        var begun = new FakeActions();
        string run;
        await using (var first = new Bench(toy, file))
        {
            // The second measurement is under way when Rollcall goes.
            var asked = 0;
            first.Actions.While = (_, ct) => Interlocked.Increment(ref asked) < 2 ? Task.CompletedTask : new TaskCompletionSource().Task.WaitAsync(ct);
            first.Actions.Answer = (_, _) => Says(0.1);
            await first.StartAsync();
            run = await RunAsync(first, [P99]);
            await first.UntilAsync(run, _ => first.Actions.Begun.Count == 2);
            await first.StopAsync();
            begun.Take(first.Actions);
        }
        await using var second = new Bench(toy, file);
        second.Actions.Take(begun);
        second.Actions.Answer = (_, _) => Says(0.15);
        await second.StartAsync();
        var end = await second.EndAsync(run);

        Assert.Equal(RunState.Succeeded, end.State);
        Assert.Equal([0.1, 0.15, 0.15], Step(end).Analysis!.Measurements.Select(m => m.Value!.Value));
        var returned = second.Events(run).OfType<ActReturned>().Where(r => r.Measured is not null).Select(r => r.Attempt).ToList();
        Assert.Equal([1, 2, 3], returned);
        Assert.All(second.Actions.Begun, b => Assert.Equal(1, b.Value));
    }

    [Fact]
    public async Task Analysis_ComparedWithSiblings_AsksForBothInTheSameRoleAndEndsWhenNobodyIsLeft()
    {
        var toy = Toy(shards: 2, members: 3);
        toy.Answer(toy.Groups.SelectMany(g => g.Members).Select(m => new ProbeRequest("redis", "", m.Name, TimeSpan.Zero)));
        await using var bench = await new Bench(toy).StartAsync();
        var asked = new List<MetricAction>();
        bench.Actions.Answer = (act, _) =>
        {
            lock (asked)
                asked.Add(act.Spec.Metric!);
            return ActResult.Accepted("") with { Measured = new Measurement(1.1, "p") { Updated = 11, Siblings = 10 } };
        };
        var run = await RunAsync(bench, [P99 with { Siblings = "ratio", Max = 1.5, Count = 1, On = HookPoints.AfterInstance }]);
        var end = await bench.EndAsync(run);

        Assert.Equal(RunState.Succeeded, end.State);
        Assert.Equal("max(latency{pod=~\"orders-a-2\"})", asked[0].Prometheus);
        Assert.Equal("max(latency{pod=~\"orders-a-1|orders-b-1|orders-b-2\"})", asked[0].SiblingsPrometheus);
        Assert.Equal("ratio", asked[0].Compare);
        Assert.Equal("1.1 (updated 11, not yet updated 10)", Step(end).Analysis!.Measurements[0].Text);
        var last = end.Steps.Last(s => s.Kind == StepKind.Analysis);
        Assert.Equal((StepState.Skipped, "Nobody is left on the old version to compare with."), (last.State, last.Reason!.Text));
    }

    [Fact]
    public void Preview_WithAnalyses_CountsTheirTimeAndPutsThemInTheirPlace()
    {
        var cluster = Make.Cluster(1, 2);
        var plain = Previewer.Complete(Make.Plan(cluster), cluster, Make.Noon);
        var plan = Previewer.Complete(Analysed(Make.Plan(cluster), P99, P99 with { Name = "each", On = HookPoints.AfterInstance, Count = 1 }, P99 with { Name = "shard", On = HookPoints.AfterShard, Count = 2 }), cluster, Make.Noon);

        Assert.Empty(plan.Findings.Where(f => f.Severity == Severity.Error));
        Assert.Equal(["redis.all.analysis.each.shard-a.orders-a-0", "redis.all.analysis.each.shard-a.orders-a-1", "redis.all.analysis.shard.shard-a", "redis.all.analysis.p99"], plan.Steps.Where(s => s.Kind == StepKind.Analysis).Select(s => s.Id));
        Assert.InRange(plan.Totals.EstimateSeconds - plain.Totals.EstimateSeconds, 90, 100);
        Assert.Equal(plain.Totals.Switchovers, plan.Totals.Switchovers);
    }
}
