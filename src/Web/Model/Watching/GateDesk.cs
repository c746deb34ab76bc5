using Rollcall.Engine.Execution;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

public enum GateVerb { Approve, Reject, Claim, Unclaim, Comment, Bypass }

/// <summary>What somebody does at a gate.</summary>
/// <param name="PlanHash">The hash that was on screen.</param>
public sealed record GateAct(GateView Gate, GateVerb Verb, string PlanHash, string Text = "");

/// <summary>From what was pressed to the engine's command, the same on every page that shows a gate.</summary>
public static class GateDesk
{
    public static Task<Result<RunView>> DoAsync(Rollouts rollouts, string run, GateAct act, Caller caller, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        ArgumentNullException.ThrowIfNull(act);
        return act.Verb switch
        {
            GateVerb.Approve => rollouts.ApproveAsync(run, act.Gate.Name, act.PlanHash, act.Text, caller, ct),
            GateVerb.Reject => rollouts.RejectAsync(run, act.Gate.Name, act.PlanHash, act.Text, caller, ct),
            GateVerb.Claim => rollouts.ClaimAsync(run, act.Gate.Name, true, caller, ct),
            GateVerb.Unclaim => rollouts.ClaimAsync(run, act.Gate.Name, false, caller, ct),
            GateVerb.Comment => rollouts.CommentAsync(run, act.Gate.Name, act.Text, caller, ct),
            GateVerb.Bypass => rollouts.BypassAsync(run, act.Gate.Name, act.PlanHash, act.Text, caller, ct),
            _ => throw new ArgumentOutOfRangeException(nameof(act), act.Verb, "There is no such act at a gate."),
        };
    }

    /// <summary>"You have approved the gate before “rest” on demo/orders."</summary>
    public static string Done(GateAct act, string cluster)
    {
        ArgumentNullException.ThrowIfNull(act);
        var what = act.Verb switch
        {
            GateVerb.Approve => "You have approved",
            GateVerb.Reject => "You have rejected",
            GateVerb.Bypass => "You have bypassed",
            GateVerb.Claim => "The others see that you look at",
            GateVerb.Unclaim => "You look no longer at",
            _ => "Your comment stands at",
        };
        return $"{what} the gate before “{act.Gate.Stage}” on {cluster}.";
    }
}
