using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>What has become of an analysis: passed, failed, not to be told, or another measurement at its time. Each measurement is a counted intent, so none is taken twice, also across a crash.</summary>
internal static class AnalysisSettling
{
    public const string Rule = "Analysis";
    private const int MostEvidence = 20;

    public static bool Passed(StepEntry? step, AnalysisSpec spec) => step is { Done: true } || (step is { State: StepState.Failed } && spec.OnFailure == "continue");

    public static AnalysisSpec Spec(PlannedStage stage, StepEntry step)
    {
        var shard = step.Shard is null ? "" : $".{step.Shard}";
        var instance = step.Instance is null ? "" : $".{step.Instance}";
        return stage.Analyses.First(a => step.Id.EndsWith($".analysis.{a.Name}{shard}{instance}", StringComparison.Ordinal));
    }

    /// <summary>True when another measurement is due.</summary>
    public static bool Settle(DecisionBuilder b, StepEntry step, PlannedStage stage)
    {
        var (spec, last) = (Spec(stage, step), step.Last);
        var retried = last.Seq < b.Ledger.RetriedSeq;
        if (last.Act is null)
            return Due(b, step, spec, step.StartedAt + spec.Delay, $"{step.Title}: the first measurement is {ShardContext.Duration(spec.Delay)} after {Since(spec)}.");
        if (last.Status is null)
        {
            b.Progress(step.Id, new Reason($"{step.Title}: measuring.", Rule));
            return false;
        }
        if (last.Status is ActStatus.Refused && !retried)
        {
            b.Pause(last.Reason! with { Rule = Rule, Next = "Mend the cause, then press Retry to measure again; or abort, or roll back." });
            return false;
        }
        var tally = AnalysisTally.Of(spec, step, b.Ledger.RetriedSeq);
        if (b.State.Timeless)
            tally = tally with { Passed = tally.Taken.Length, Inconclusive = 0 }; // nobody measures in a prediction
        if (tally.Failed > spec.FailureLimit)
        {
            Failed(b, step, spec, tally);
            return false;
        }
        if (tally.Inconclusive > spec.InconclusiveLimit)
        {
            Untold(b, step, spec, tally);
            return false;
        }
        if (tally.Conclusive >= spec.Count)
        {
            b.Finish(step, StepState.Succeeded, new Reason($"{spec.Name} stayed within its limits: {Heading(spec, tally)}.", Rule), Evidence(spec, step, tally));
            return false;
        }
        return retried || Due(b, step, spec, last.StartedAt + spec.Interval, $"{step.Title}: {Heading(spec, tally)}.");
    }

    /// <summary>Nobody is left on the old version: what was measured until then is the answer.</summary>
    public static void NobodyToCompareWith(DecisionBuilder b, string id, StepEntry? step, AnalysisSpec spec, Func<StepStarted> intent)
    {
        if (step is null)
            b.Record(intent());
        var tally = step is null ? null : AnalysisTally.Of(spec, step, b.Ledger.RetriedSeq);
        var reason = new Reason(tally is { Conclusive: > 0 } ? $"{Heading(spec, tally)}; then nobody was left on the old version to compare with." : "Nobody is left on the old version to compare with.", Rule);
        b.Record(new StepFinished(id, step?.Last.Number ?? 1, tally is { Conclusive: > 0 } ? StepState.Succeeded : StepState.Skipped, reason) { Evidence = step is null ? [] : [.. Evidence(spec, step, tally!)] });
    }

    private static bool Due(DecisionBuilder b, StepEntry step, AnalysisSpec spec, DateTimeOffset due, string text)
    {
        if (b.Now >= due)
            return true;
        var tally = AnalysisTally.Of(spec, step, b.Ledger.RetriedSeq);
        b.Progress(step.Id, new Reason(text, Rule) { Evidence = Evidence(spec, step, tally), Next = $"The next measurement is at {due:HH:mm:ss} UTC." }, due);
        return false;
    }

    private static void Failed(DecisionBuilder b, StepEntry step, AnalysisSpec spec, AnalysisTally tally)
    {
        var why = new Reason($"{step.Title} failed: {Outside(tally)}; {spec.Name} is to be {spec.Limits}.", Rule) { Evidence = Evidence(spec, step, tally) };
        OnFailure.Take(b, step, spec.OnFailure ?? (b.Plan.Spec.Rollback.Automatic ? "rollback" : "pause"), why, "Find out whether the new version is the cause. Roll back, or press Retry to measure anew.");
    }

    private static void Untold(DecisionBuilder b, StepEntry step, AnalysisSpec spec, AnalysisTally tally)
    {
        var why = new Reason($"{step.Title} cannot tell: {tally.Inconclusive} {(tally.Inconclusive == 1 ? "measurement" : "measurements")} gave no number. The last: {tally.Last?.Text.TrimEnd('.')}.", Rule) { Evidence = Evidence(spec, step, tally) };
        // Not knowing is no reason to roll back.
        OnFailure.Take(b, step, spec.OnFailure == "continue" ? "continue" : "pause", why, "Mend the query or its source, then press Retry to measure anew; or look yourself and roll back.");
    }

    /// <summary>"3 of 5 measured, the last 0.12, at most 0.2 allowed, 1 outside".</summary>
    private static string Heading(AnalysisSpec spec, AnalysisTally tally)
    {
        var last = tally.Taken.LastOrDefault(m => m.Value is not null);
        return $"{Math.Min(tally.Conclusive, spec.Count)} of {spec.Count} measured{(last is null ? "" : $", the last {last.Text}")}, {spec.Limits} allowed{(tally.Failed > 0 ? $", {tally.Failed} outside" : "")}{(tally.Inconclusive > 0 ? $", {tally.Inconclusive} without a number" : "")}";
    }

    private static string Outside(AnalysisTally tally)
    {
        var outside = tally.Taken.Where(m => m is { Outcome: MeasurementOutcome.Failed, Earlier: false }).TakeLast(5).Select(m => m.Text).ToList();
        return tally.Failed == 1 ? $"it measured {outside[0]}" : $"{tally.Failed} measurements are outside its limits, {(tally.Failed > outside.Count ? "the last " : "")}{string.Join(", ", outside)}";
    }

    private static string Since(AnalysisSpec spec) => spec.On switch { HookPoints.AfterInstance => "the member is in sync", HookPoints.AfterShard => "the shard's last member", _ => "the stage's last member" };

    private static Evidence[] Evidence(AnalysisSpec spec, StepEntry step, AnalysisTally tally)
    {
        var sources = step.Attempts.Where(a => a.Act is not null && a.Status is not (null or ActStatus.NotNow or ActStatus.Refused)).Select(a => a.Measured?.Source ?? "").ToList();
        return [.. tally.Taken.Select((m, i) => new Evidence(spec.Name, m.Text, sources[i].Length > 0 ? sources[i] : spec.Prometheus is null ? "JSON" : "Prometheus", m.At) { Rule = Rule }).Where((_, i) => !tally.Taken[i].Earlier).TakeLast(MostEvidence)];
    }
}
