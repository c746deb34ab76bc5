using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>What the measurements of an analysis amount to. One slot of the journal is one measurement: an intent, and what it gave.</summary>
internal sealed record AnalysisTally(ImmutableArray<MeasurementView> Taken, int Passed, int Failed, int Inconclusive)
{
    public MeasurementView? Last => Taken.IsEmpty ? null : Taken[^1];
    public int Conclusive => Passed + Failed;

    /// <param name="retried">The line of the last Retry. What was measured before a person pressed Retry counts no more.</param>
    public static AnalysisTally Of(AnalysisSpec spec, StepEntry step, long retried)
    {
        var taken = ImmutableArray.CreateBuilder<MeasurementView>(step.Attempts.Length);
        var (passed, failed, inconclusive) = (0, 0, 0);
        foreach (var a in step.Attempts)
        {
            if (a.Act is null || a.Status is null or ActStatus.NotNow or ActStatus.Refused)
                continue;
            var earlier = a.Seq < retried;
            var value = a.Measured?.Value;
            var outcome = value is not { } number ? MeasurementOutcome.Inconclusive : spec.Within(number) ? MeasurementOutcome.Passed : MeasurementOutcome.Failed;
            taken.Add(new MeasurementView(a.StartedAt, value, outcome, Text(a), earlier) { Updated = a.Measured?.Updated, Siblings = a.Measured?.Siblings });
            if (earlier)
                continue;
            (passed, failed, inconclusive) = outcome switch
            {
                MeasurementOutcome.Passed => (passed + 1, failed, inconclusive),
                MeasurementOutcome.Failed => (passed, failed + 1, inconclusive),
                _ => (passed, failed, inconclusive + 1),
            };
        }
        return new AnalysisTally(taken.ToImmutable(), passed, failed, inconclusive);
    }

    private static string Text(AttemptEntry a) => a.Measured switch
    {
        { Value: { } value, Updated: { } updated, Siblings: { } siblings } => $"{AnalysisSpec.Number(value)} (updated {AnalysisSpec.Number(updated)}, not yet updated {AnalysisSpec.Number(siblings)})",
        { Value: { } value } => AnalysisSpec.Number(value),
        { Problem: { Length: > 0 } problem } => problem,
        _ => a.Reason?.Text ?? "no answer",
    };
}
