using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Decisions.Scheduling;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>What the calendar means for a plan that would start now. The preview itself takes every window for open: when somebody starts it, nobody knows.</summary>
internal static class ScheduleFindings
{
    public static IEnumerable<Finding> Of(Plan plan, IReadOnlyList<WindowSpec> everywhere, IReadOnlyList<PlanStep> steps, DateTimeOffset now)
    {
        if (plan.Direction == Direction.Rollback)
            yield break;
        if (ChangeFreeze.Longest(plan.Spec, everywhere, now) is { } on)
            yield return new Finding(Severity.Warning, ChangeFreeze.Name, $"{on.Says(now)}. Before that no run is started, unless an admin bypasses it with a reason.", on.Source == "plan" ? "/spec/safety/freeze" : "");
        else if (Next(plan.Spec, everywhere, now) is var (next, begins) && begins - now < TimeSpan.FromSeconds(steps.Sum(s => s.EstimateSeconds)) + TimeSpan.FromDays(1))
            yield return new Finding(Severity.Info, ChangeFreeze.Name, $"{ChangeFreeze.Title(next.Spec)} begins at {WindowText.When(begins, now, next)}. What is not begun by then waits for its end.");

        if (plan.Spec.Safety.HandoverWindow is not { } spec)
            yield break;
        const string path = "/spec/safety/handoverWindow";
        if (!plan.Profile.HasLeader)
        {
            yield return new Finding(Severity.Warning, HandoverWindow.Name, $"{plan.Profile.Title} has no leaders, so the handover window changes nothing.", path);
            yield break;
        }
        var window = WindowClock.Of(spec);
        var standing = window.At(now);
        yield return new Finding(Severity.Info, HandoverWindow.Name, (standing.Open, standing.Changes) switch
        {
            (true, { } closes) => $"The handover window is open until {WindowText.When(closes, now, window)}; outside it followers go on and leaders wait.",
            (false, { } opens) => $"Leaders are handed over in the handover window, which opens at {WindowText.When(opens, now, window)}; followers go on before. The estimate counts no waiting for it.",
            (true, null) => "The handover window is always open.",
            _ => "The handover window never opens again: no leader would ever be handed over.",
        }, path);
        var handovers = steps.Where(s => s.Kind == StepKind.Switchover).ToList();
        if (handovers.Count > 1 && TimeSpan.FromSeconds(handovers.Max(s => s.StartSeconds + s.EstimateSeconds) - handovers.Min(s => s.StartSeconds)) is var span && span > spec.Duration)
            yield return new Finding(Severity.Warning, HandoverWindow.Name, $"From the first switchover to the last it takes about {ShardContext.Duration(span)}, and the window is open for {ShardContext.Duration(spec.Duration)}: some may have to wait for the next one.", path);
    }

    private static (WindowClock Window, DateTimeOffset Begins)? Next(PlanSpec spec, IReadOnlyList<WindowSpec> everywhere, DateTimeOffset now) =>
        spec.Safety.Freeze.Concat(everywhere).Select(WindowClock.Of).Select(w => (w, At: w.At(now).Changes)).Where(w => w.At is not null).Select(w => ((WindowClock, DateTimeOffset)?)(w.w, w.At!.Value)).MinBy(w => w!.Value.Item2);
}
