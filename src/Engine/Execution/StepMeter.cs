using System.Diagnostics.Metrics;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>How long steps took, by kind and how they ended: from the first attempt's intent to the end that the cluster showed.</summary>
internal sealed class StepMeter
{
    public const string MeterName = "Rollcall";

    private readonly Histogram<double> _durations;

    public StepMeter(IMeterFactory meters, RunNews news)
    {
        var meter = meters.Create(MeterName);
        _durations = meter.CreateHistogram("rollcall.step.duration", "s", "How long steps took, from the first intent to the end.", tags: null,
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600] });
        news.Listen(Note);
    }

    private void Note(RunLines lines)
    {
        var ledger = lines.Before;
        var seq = lines.Batch.FirstSeq;
        foreach (var e in lines.Batch.Events)
        {
            if (e is StepFinished { State: StepState.Succeeded or StepState.Failed } end && ledger.Step(end.Step) is { } step)
                _durations.Record((lines.Batch.At - step.StartedAt).TotalSeconds, new KeyValuePair<string, object?>("kind", step.Kind.ToString()), new KeyValuePair<string, object?>("outcome", end.State.ToString()));
            ledger = ledger.Apply(seq++, lines.Batch.At, e);
        }
    }
}
