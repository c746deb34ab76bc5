using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Decisions.Scheduling;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>How the windows and freezes of a run stand, as people see them. What goes back heeds none.</summary>
internal static class CalendarProjection
{
    public static ImmutableArray<CalendarView> Of(Plan plan, Ledger ledger, ImmutableArray<WindowSpec> everywhere, DateTimeOffset now)
    {
        if (plan.Direction == Direction.Rollback)
            return [];
        var views = ImmutableArray.CreateBuilder<CalendarView>();
        if (plan.Spec.Safety.HandoverWindow is { } handover)
            views.Add(View(HandoverWindow.Name, "The handover window", handover, ledger, now));
        foreach (var freeze in plan.Spec.Safety.Freeze.AddRange(everywhere))
            views.Add(View(ChangeFreeze.Name, ChangeFreeze.Title(freeze), freeze, ledger, now));
        return views.ToImmutable();
    }

    private static CalendarView View(string rule, string title, WindowSpec spec, Ledger ledger, DateTimeOffset now)
    {
        var window = WindowClock.Of(spec);
        var (open, changes) = window.At(ledger.EndedAt ?? now);
        var freeze = rule == ChangeFreeze.Name;
        var state = (freeze, open) switch { (true, true) => "is on", (true, false) => "is not on", (false, true) => "is open", _ => "is closed" };
        var then = (freeze, open, changes) switch
        {
            (_, _, null) => "",
            (true, true, { } at) => $" until {WindowText.Moment(at, now, window)}",
            (true, false, { } at) => $"; it begins {WindowText.Moment(at, now, window)}",
            (false, true, { } at) => $" until {WindowText.Moment(at, now, window)}",
            (false, false, { } at) => $"; it opens {WindowText.Moment(at, now, window)}",
        };
        var lifted = ledger.WindowsBypassed.GetValueOrDefault(rule);
        return new CalendarView(rule, $"{title} {state}{then}.", open, changes)
        {
            Blocks = open == freeze && lifted is null && !ledger.Terminal,
            Bypass = lifted is null ? null : new WindowBypass(lifted.By, lifted.At, lifted.Reason),
        };
    }
}
