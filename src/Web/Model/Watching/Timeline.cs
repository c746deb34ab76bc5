using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

/// <summary>One line of the step timeline: a shard with its steps folded under it, or a step that stands alone.</summary>
public sealed record TimelineEntry
{
    public required string Key { get; init; }
    public required string Title { get; init; }
    public required string Detail { get; init; }
    public required StepState State { get; init; }
    public required double PlannedSeconds { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public required ImmutableArray<StepView> Steps { get; init; }

    /// <summary>A step of its own, not a fold.</summary>
    public StepView? Single => Steps.Length == 1 ? Steps[0] : null;
    /// <summary>Worth showing open without being asked: something happens, waits or failed in it.</summary>
    public bool Lively => State is StepState.Running or StepState.Waiting or StepState.Failed;
    public TimeSpan? Took => StartedAt is { } from && EndedAt is { } to ? to - from : null;
}

public sealed record TimelineStage(string Key, string Title, ImmutableArray<TimelineEntry> Entries);

/// <summary>The run's steps as the timeline shows them, with planned and actual time side by side.</summary>
public sealed record Timeline(ImmutableArray<TimelineStage> Stages, double PlannedSeconds, StepView? Current)
{
    public static Timeline Of(RunView run)
    {
        var many = run.Components.Length > 1;
        var steps = AsSeen(run);
        var stages = StepOutline.Of(steps).Select(stage => new TimelineStage(
            stage.Key,
            Title(stage.Component, stage.Stage, many),
            [.. stage.Shards.Select(shard => Entry(shard, run.State))]));
        var current = steps.FirstOrDefault(s => s.State is StepState.Failed)
            ?? steps.FirstOrDefault(s => s.State is StepState.Waiting)
            ?? steps.FirstOrDefault(s => s.State is StepState.Running);
        return new Timeline([.. stages], run.Totals.EstimateSeconds, run.Terminal ? null : current);
    }

    /// <summary>The steps as a person sees them: while the run is paused nothing is being done, so what was under way waits, and the first of it says why.</summary>
    public static ImmutableArray<StepView> AsSeen(RunView run)
    {
        if (run.State is not RunState.Paused)
            return run.Steps;
        var first = run.Steps.FirstOrDefault(s => s.State is StepState.Running);
        return [.. run.Steps.Select(s => s.State is StepState.Running ? s with { State = StepState.Waiting, Reason = s.Reason ?? (s == first ? run.Reason : null) } : s)];
    }

    /// <summary>The worst that happens in it now; half done counts as running, and as skipped once the run was given up.</summary>
    public static StepState StateOf(IReadOnlyCollection<StepState> states, RunState run = RunState.Running)
    {
        if (run is RunState.Aborted or RunState.Failed && states.Contains(StepState.Skipped))
            return StepState.Skipped;
        if (states.Contains(StepState.Failed))
            return StepState.Failed;
        if (states.Contains(StepState.Waiting))
            return StepState.Waiting;
        if (states.Contains(StepState.Running))
            return StepState.Running;
        if (states.All(s => s is StepState.Pending))
            return StepState.Pending;
        if (states.All(s => s is StepState.Skipped))
            return StepState.Skipped;
        return states.Contains(StepState.Pending) ? StepState.Running : StepState.Succeeded;
    }

    private static string Title(string component, string stage, bool many) =>
        stage.Length == 0 ? component : many && component.Length > 0 ? $"{component} · {stage}" : stage;

    private static TimelineEntry Entry(ShardGroup<StepView> group, RunState run)
    {
        var steps = group.Steps;
        var state = StateOf([.. steps.Select(s => s.State)], run);
        return new TimelineEntry
        {
            Key = group.Key,
            Title = steps.Length == 1 ? steps[0].Title : group.Shard ?? steps[0].Title,
            Detail = steps.Length == 1 ? Detail(steps[0]) : StepOutline.Summary(steps.Select(s => s.Kind)),
            State = state,
            PlannedSeconds = steps.Sum(s => s.EstimateSeconds),
            StartedAt = steps.Min(s => s.StartedAt),
            EndedAt = state is StepState.Succeeded or StepState.Skipped ? steps.Max(s => s.EndedAt) : null,
            Steps = steps,
        };
    }

    /// <summary>The line under a step's title, as far as the title and the fold above it do not say it.</summary>
    public static string Detail(StepView step, bool nested = false)
    {
        var parts = new List<string>(2);
        if (!nested)
            parts.Add(step.Shard is { Length: > 0 } shard ? shard : step.Component);
        if (step.Unplanned)
            parts.Add("not in the plan");
        return string.Join(" · ", parts.Where(part => part.Length > 0));
    }
}
