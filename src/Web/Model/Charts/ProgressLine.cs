using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Charts;

public sealed record ProgressPoint(DateTimeOffset At, int Members);

/// <summary>How many members were through when: as planned from the run's start with gates answered at once, and as it was.</summary>
public sealed record ProgressLine(ImmutableArray<ProgressPoint> Planned, ImmutableArray<ProgressPoint> Actual)
{
    public const int Points = 200;

    public static ProgressLine Of(RunView run, PlanView? plan, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.StartedAt is not { } start)
            return new ProgressLine([], []);
        var planned = (plan?.Steps ?? []).Where(s => s.Kind is StepKind.Replace).Select(s => start + TimeSpan.FromSeconds(s.StartSeconds + s.EstimateSeconds));
        var actual = run.Steps.Where(s => s is { Kind: StepKind.Replace, State: StepState.Succeeded, EndedAt: not null }).Select(s => s.EndedAt!.Value);
        return new ProgressLine(Count(start, planned, null), Count(start, actual, run.EndedAt ?? now));
    }

    /// <param name="until">The line goes on, level, to this time.</param>
    private static ImmutableArray<ProgressPoint> Count(DateTimeOffset start, IEnumerable<DateTimeOffset> ends, DateTimeOffset? until)
    {
        var sorted = ends.Order().ToList();
        if (sorted.Count == 0 && until is null)
            return [];
        var every = Math.Max(1, (sorted.Count + Points - 1) / Points);
        var line = ImmutableArray.CreateBuilder<ProgressPoint>();
        line.Add(new ProgressPoint(start, 0));
        for (var i = 0; i < sorted.Count; i++)
            if ((i + 1) % every == 0 || i == sorted.Count - 1)
                line.Add(new ProgressPoint(sorted[i], i + 1));
        if (until is { } end && end > line[^1].At)
            line.Add(new ProgressPoint(end, line[^1].Members));
        return line.ToImmutable();
    }
}
