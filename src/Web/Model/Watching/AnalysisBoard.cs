using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

/// <summary>Which analyses of a run are shown in full: what is measured now, what failed, then the newest; a run over thousands of members has thousands.</summary>
/// <param name="Hidden">How many more stand in the steps.</param>
public sealed record AnalysisBoard(ImmutableArray<StepView> Shown, int Hidden)
{
    public const int Most = 6;

    public static AnalysisBoard Of(RunView run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var begun = run.Steps.Where(s => s is { Analysis: not null, StartedAt: not null }).ToList();
        ImmutableArray<StepView> shown = [.. begun.OrderBy(s => s.State switch { StepState.Running or StepState.Waiting => 0, StepState.Failed => 1, _ => 2 }).ThenByDescending(s => s.StartedAt).Take(Most)];
        return new AnalysisBoard(shown, begun.Count - shown.Length);
    }

    /// <summary>"3 of 5 measured, at most 0.2 allowed, 1 outside".</summary>
    public static string Sentence(AnalysisView analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        var counted = analysis.Measurements.Where(m => !m.Earlier).ToList();
        var (outside, none) = (counted.Count(m => m.Outcome is MeasurementOutcome.Failed), counted.Count(m => m.Outcome is MeasurementOutcome.Inconclusive));
        return $"{Math.Min(counted.Count - none, analysis.Count)} of {analysis.Count} measured, {analysis.Limits} allowed{(outside > 0 ? $", {outside} outside" : "")}{(none > 0 ? $", {none} without a number" : "")}";
    }

    public static string Word(MeasurementView m) => m.Earlier ? "before Retry" : m.Outcome switch { MeasurementOutcome.Passed => "within", MeasurementOutcome.Failed => "outside", _ => "no number" };

    public static string Tone(MeasurementView m) => m.Earlier ? "idle" : m.Outcome switch { MeasurementOutcome.Passed => "ok", MeasurementOutcome.Failed => "bad", _ => "wait" };

    /// <summary>Values with their limits beside them, for a chart; nothing where there is no line to draw.</summary>
    public static ImmutableArray<LimitPoint> Line(AnalysisView analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        ImmutableArray<LimitPoint> points = [.. analysis.Measurements.Select(m => new LimitPoint(m.At, m.Value, analysis.Min, analysis.Max))];
        return points.Count(p => p.Value is not null) < 2 ? [] : points;
    }
}

public sealed record LimitPoint(DateTimeOffset At, double? Value, double? Min, double? Max);
