using Rollcall.Engine.Decisions.Scheduling;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 45. Leadership is handed over in the plan's window only; followers may proceed outside it. The way back waits for no window, and an admin may lift it for a run.</summary>
public static class HandoverWindow
{
    public const string Name = "HandoverWindow";

    public static Verdict Check(ShardContext s)
    {
        ArgumentNullException.ThrowIfNull(s);
        if (!Applies(s.State) || !s.Profile.HasLeader)
            return Verdict.Allow;
        var window = WindowClock.Of(s.State.Plan.Spec.Safety.HandoverWindow!);
        var at = window.At(s.Now);
        if (at.Open)
            return Verdict.Allow;
        var evidence = new Evidence("handover window", $"closed ({WindowText.Describe(window.Spec)})", "plan", s.Now);
        return at.Changes is { } opens
            ? Verdict.Wait(new Reason($"The leader of {s.Name} waits for the handover window: opens {WindowText.When(opens, s.Now, window)}.", Name)
            {
                Evidence = [evidence], Next = "Followers go on meanwhile; the leader by itself when the window opens. An admin may bypass it.",
            }, WindowText.Refresh(opens, s.Now))
            : Verdict.Pause(new Reason($"The leader of {s.Name} waits for the handover window, which never opens again ({WindowText.Describe(window.Spec)}).", Name) { Evidence = [evidence], Next = "Abort, and make a plan with another window." });
    }

    /// <summary>The plan has a window and this run heeds it.</summary>
    internal static bool Applies(DecisionState state) =>
        state is { Timeless: false, Plan: { Direction: Direction.Forward, Spec.Safety.HandoverWindow: not null } } && !state.Ledger.WindowsBypassed.ContainsKey(Name);

    /// <summary>It kept this run from handing over at that moment.</summary>
    internal static bool Bars(DecisionState state, DateTimeOffset at) => Applies(state) && !WindowClock.Of(state.Plan.Spec.Safety.HandoverWindow!).At(at).Open;

    /// <summary>What it saw when it allowed; null where the plan has no window.</summary>
    internal static Evidence? Seen(DecisionState state)
    {
        if (state.Timeless || state.Plan is not { Direction: Direction.Forward, Spec.Safety.HandoverWindow: { } spec })
            return null;
        if (state.Ledger.WindowsBypassed.GetValueOrDefault(Name) is { } lifted)
            return new Evidence("handover window", $"bypassed by {lifted.By}", "journal", lifted.At) { Rule = Name };
        var window = WindowClock.Of(spec);
        return new Evidence("handover window", window.At(state.Now).Changes is { } closes ? $"open until {WindowText.Moment(closes, state.Now, window)}" : "open", "plan", state.Now) { Rule = Name };
    }

    /// <summary>Everything of the shard is done but its leader, and nothing of it is under way: it can stay like that for hours, so while it waits for the window it takes nobody's place.</summary>
    internal static bool Parked(ShardContext s, PlannedStage stage) =>
        stage.Roles != "followers" && s.Leader is { } leader && s.Outdated(leader) && !s.Ledger.OpenByShard.ContainsKey(s.Key) && s.Members.All(m => !ShardContext.Unavailable(m)) && NonLeadersFirst.NextFollower(s) is null;
}
