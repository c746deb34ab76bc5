using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>The plan's predicted steps with what really became of them; what was not predicted stands where it happened.</summary>
internal static class StepProjection
{
    public static ImmutableArray<StepView> Steps(Plan plan, Ledger ledger, Decision? decision, Obstacle? obstacle, ImmutableDictionary<string, ActionOutput> said)
    {
        var waits = new Dictionary<string, Reason>(StringComparer.Ordinal);
        if (!ledger.Terminal && decision is not null)
            foreach (var wait in decision.Waits)
                waits.TryAdd(wait.Step, wait.Reason);

        var views = new List<(long Order, StepView View)>(plan.Steps.Length + 4);
        var planned = new HashSet<string>(StringComparer.Ordinal);
        foreach (var step in plan.Steps)
        {
            planned.Add(step.Id);
            var entry = ledger.Step(step.Id);
            views.Add((entry?.Order ?? long.MaxValue, Planned(step, entry, waits.GetValueOrDefault(step.Id), ledger, obstacle) with { Output = Output(entry, said), Http = Http(entry), Analysis = Analysis(plan, entry, ledger) }));
        }
        foreach (var entry in ledger.Steps.Values.Where(e => !planned.Contains(e.Id)).OrderBy(e => e.Order))
            views.Insert(Place(views, entry.Order), (entry.Order, Unplanned(entry, waits.GetValueOrDefault(entry.Id), ledger) with { Output = Output(entry, said), Http = Http(entry), Analysis = Analysis(plan, entry, ledger) }));
        return [.. views.Select(v => v.View)];
    }

    /// <summary>After the last step that was started before it.</summary>
    private static int Place(List<(long Order, StepView View)> views, long order)
    {
        for (var i = views.Count - 1; i >= 0; i--)
            if (views[i].Order < order)
                return i + 1;
        return 0;
    }

    private static StepView Planned(PlanStep step, StepEntry? entry, Reason? wait, Ledger ledger, Obstacle? obstacle) => new()
    {
        Id = step.Id,
        Stage = step.Stage,
        Kind = step.Kind,
        Component = step.Component,
        Shard = step.Shard,
        Instance = entry?.Instance ?? step.Instance,
        Role = entry?.Role ?? step.Role,
        From = entry?.From,
        To = entry?.To ?? step.To,
        Reversibility = step.Reversibility,
        EstimateSeconds = step.EstimateSeconds,
        Title = entry is { Title.Length: > 0 } ? entry.Title : step.Title,
        State = State(entry, wait, ledger),
        StartedAt = entry?.StartedAt,
        EndedAt = entry?.EndedAt,
        Reason = Why(entry, wait, obstacle),
        Evidence = Evidence(entry, wait),
        Attempt = entry?.Last.Number ?? 0,
        Attempts = Attempts(entry),
    };

    private static StepView Unplanned(StepEntry entry, Reason? wait, Ledger ledger) => new()
    {
        Id = entry.Id,
        Stage = entry.Stage,
        Kind = entry.Kind,
        Component = entry.Component,
        Shard = entry.Shard,
        Instance = entry.Instance,
        Role = entry.Role,
        From = entry.From,
        To = entry.To,
        Reversibility = entry.Shard is null ? Reversibility.L0 : ledger.Levels.GetValueOrDefault(Ledger.ShardKey(entry.Component, entry.Shard)),
        EstimateSeconds = 0,
        Title = entry.Title,
        State = State(entry, wait, ledger),
        StartedAt = entry.StartedAt,
        EndedAt = entry.EndedAt,
        Reason = Why(entry, wait, null),
        Evidence = Evidence(entry, wait),
        Attempt = entry.Last.Number,
        Attempts = Attempts(entry),
        Unplanned = true,
    };

    private static StepState State(StepEntry? entry, Reason? wait, Ledger ledger) => entry switch
    {
        null when ledger.Terminal => StepState.Skipped,
        null => wait is null ? StepState.Pending : StepState.Waiting,
        { Open: true } when ledger.Terminal => StepState.Skipped,
        { Open: true, Kind: StepKind.Gate or StepKind.Soak } => StepState.Waiting,
        // An act that was answered with "not now" is not being done: it waits for its next attempt.
        { Open: true, Last.Status: ActStatus.NotNow or ActStatus.Refused } => StepState.Waiting,
        _ => entry.State,
    };

    private static Reason? Why(StepEntry? entry, Reason? wait, Obstacle? obstacle) => entry switch
    {
        { Open: false } => entry.Reason ?? entry.Last.Reason,
        { Open: true } => wait ?? (entry.Last.Status is ActStatus.Accepted or null ? obstacle?.Reason : entry.Last.Reason),
        null => wait,
    };

    private static ImmutableArray<Evidence> Evidence(StepEntry? entry, Reason? wait) =>
        entry is { Open: false } || wait is null || wait.Evidence.Count == 0 ? entry?.Evidence ?? [.. wait?.Evidence ?? []] : [.. wait.Evidence];

    private static ImmutableArray<AttemptView> Attempts(StepEntry? entry) => entry is null
        ? []
        : [.. entry.Attempts.Where(a => a.Act is not (null or ActionAct { Analysis.Length: > 0 })).Select(a => new AttemptView(a.Number, a.StartedAt, a.EndedAt ?? a.ReturnedAt, a.Status?.ToString() ?? "InFlight", a.Reason?.Text ?? "") { ExitCode = a.Output?.ExitCode })];

    private static ActionOutput? Output(StepEntry? entry, ImmutableDictionary<string, ActionOutput> said) =>
        entry is { Kind: StepKind.Analysis } ? null : entry?.Last.Output ?? (entry is { Open: true } ? said.GetValueOrDefault(entry.Id) : null);

    private static AnalysisView? Analysis(Plan plan, StepEntry? entry, Ledger ledger)
    {
        if (entry is not { Kind: StepKind.Analysis } || plan.Components.FirstOrDefault(c => c.Name == entry.Component)?.Stages.FirstOrDefault(s => s.Name == entry.Stage) is not { } stage)
            return null;
        var spec = AnalysisSettling.Spec(stage, entry);
        return new AnalysisView
        {
            Name = spec.Name, Query = spec.Verbatim, Siblings = spec.Siblings, Min = spec.Min, Max = spec.Max, Limits = spec.Limits, Count = spec.Count, FailureLimit = spec.FailureLimit,
            InconclusiveLimit = spec.InconclusiveLimit, IntervalSeconds = spec.Interval.TotalSeconds, Measurements = AnalysisTally.Of(spec, entry, ledger.RetriedSeq).Taken,
        };
    }

    private static bool Http(StepEntry? entry) => entry?.Last.Act is ActionAct { Spec.Webhook: not null };
}
