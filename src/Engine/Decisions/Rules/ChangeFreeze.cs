using Rollcall.Engine.Decisions.Scheduling;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// In a change freeze, the plan's or the whole Rollcall's, no run is started and nothing new is begun; the member in hand is finished, gates and soaks go on, and the way back is not frozen. An admin may
/// lift it for a run.
/// </summary>
public static class ChangeFreeze
{
    public const string Name = "ChangeFreeze";

    public static Verdict Check(DecisionState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!Applies(state) || Longest(state.Plan.Spec, state.Freeze, state.Now) is not { } on)
            return Verdict.Allow;
        var reason = new Reason($"{on.Says(state.Now)}: nothing new is begun.", Name)
        {
            Evidence = [new Evidence("change freeze", WindowText.Describe(on.Window.Spec), on.Source, state.Now)], Next = "Goes on by itself when it ends; an admin may bypass it. Rolling back is possible at any time.",
        };
        return Verdict.Wait(reason, on.Ends is { } end ? WindowText.Refresh(end, state.Now) : null);
    }

    /// <summary>It kept this run from beginning anything at that moment.</summary>
    internal static bool Bars(DecisionState state, DateTimeOffset at) => Applies(state) && Longest(state.Plan.Spec, state.Freeze, at) is not null;

    /// <summary>What it saw when it allowed; null where nobody freezes anything.</summary>
    internal static Evidence? Seen(DecisionState state)
    {
        if (state.Plan.Direction == Direction.Rollback || state.Timeless || state.Plan.Spec.Safety.Freeze.Length + state.Freeze.Length == 0)
            return null;
        return state.Ledger.WindowsBypassed.GetValueOrDefault(Name) is { } lifted
            ? new Evidence("change freeze", $"bypassed by {lifted.By}", "journal", lifted.At) { Rule = Name }
            : new Evidence("change freeze", "none is on", "calendar", state.Now) { Rule = Name };
    }

    /// <summary>The freeze in force that ends last; null when none is on.</summary>
    internal static FreezeStanding? Longest(PlanSpec spec, IReadOnlyList<WindowSpec> everywhere, DateTimeOffset now)
    {
        FreezeStanding? longest = null;
        for (var i = 0; i < spec.Safety.Freeze.Length + everywhere.Count; i++)
        {
            var (window, source) = i < spec.Safety.Freeze.Length ? (spec.Safety.Freeze[i], "plan") : (everywhere[i - spec.Safety.Freeze.Length], "configuration");
            var clock = WindowClock.Of(window);
            var at = clock.At(now);
            if (at.Open && (longest is null || at.Changes is null || at.Changes > longest.Ends))
                longest = new FreezeStanding(clock, at.Changes, source);
        }
        return longest;
    }

    internal static string Title(WindowSpec window) => window.Name.Length > 0 ? $"The change freeze “{window.Name}”" : "A change freeze";

    private static bool Applies(DecisionState state) => state is { Timeless: false, Plan.Direction: Direction.Forward } && !state.Ledger.WindowsBypassed.ContainsKey(Name);
}

/// <param name="Source">plan or configuration.</param>
internal sealed record FreezeStanding(WindowClock Window, DateTimeOffset? Ends, string Source)
{
    public string Says(DateTimeOffset now) => $"{ChangeFreeze.Title(Window.Spec)} is on{(Ends is { } at ? $" until {WindowText.When(at, now, Window)}" : " and does not end")}";
}
