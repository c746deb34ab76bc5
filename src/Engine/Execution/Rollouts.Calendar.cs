using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

public sealed partial class Rollouts
{
    private static readonly ImmutableArray<string> OfTheCalendar = [HandoverWindow.Name, ChangeFreeze.Name];

    /// <summary>Break-glass: for the rest of a run an admin lifts its handover window, or its change freezes. It takes a reason, and it is said everywhere.</summary>
    /// <param name="rule"><c>HandoverWindow</c> or <c>ChangeFreeze</c>.</param>
    public async Task<Result<RunView>> BypassWindowAsync(string runId, string rule, string reason, Caller caller, CancellationToken ct)
    {
        if (Deny(caller, Caller.Admin, "bypass windows") is { } denied)
            return Refused(caller, AuditActions.Bypass, $"run {runId}", denied);
        if (!OfTheCalendar.Contains(rule))
            return new Refusal(RefusalKind.Invalid, "Say which rule is bypassed.") { Errors = [new SpecError("/rule", 0, rule.Length == 0 ? "rule is missing." : $"{rule} cannot be bypassed.", OfTheCalendar)] };
        if (Unsaid(reason, "/reason") is { } unsaid)
            return unsaid;
        var book = _library.Find(runId);
        return await CommandAsync(runId, caller, Caller.Admin, "bypass windows", reason, ledger =>
        {
            if (ledger.WindowsBypassed.ContainsKey(rule))
                return Say();
            return CalendarProjection.Of(book!.Plan, ledger, _tools.Freeze, _tools.Time.GetUtcNow()).Any(c => c.Rule == rule)
                ? Say(new WindowBypassed(rule, reason.Trim()))
                : new Refusal(RefusalKind.Conflict, rule == HandoverWindow.Name ? "This run has no handover window to bypass." : "There is no change freeze to bypass for this run.");
        }, ct);
    }

    /// <summary>No run is started in a change freeze; an admin may start one anyway, with a reason.</summary>
    /// <param name="bypass">Why it is started in spite of a freeze; null: it is not.</param>
    private Result<ImmutableArray<RunEvent>> Thawed(Plan plan, string? bypass, Caller caller)
    {
        if (bypass is not null && Deny(caller, Caller.Admin, "bypass change freezes") is { } denied)
            return Refused(caller, AuditActions.Bypass, $"plan {plan.Id}", denied, plan.Cluster);
        if (bypass is not null && Unsaid(bypass, "/bypassFreeze") is { } unsaid)
            return unsaid;
        var now = _tools.Time.GetUtcNow();
        if (plan.Direction == Direction.Rollback || ChangeFreeze.Longest(plan.Spec, _tools.Freeze, now) is not { } on)
            return Say();
        return bypass is null
            ? Refused(caller, AuditActions.Start, $"plan {plan.Id}", new Refusal(RefusalKind.Conflict, $"{on.Says(now)}; no run is started before that. An admin may start it anyway, with a reason."), plan.Cluster)
            : Say(new WindowBypassed(ChangeFreeze.Name, bypass.Trim()) { Actor = caller.Name });
    }

    private static Refusal? Unsaid(string reason, string path) => reason.Trim().Length is > 0 and <= LongestComment
        ? null
        : new Refusal(RefusalKind.Invalid, "Say why it is bypassed.") { Errors = [new SpecError(path, 0, string.IsNullOrWhiteSpace(reason) ? "The reason is missing." : "The reason is too long.", [$"1 to {LongestComment} characters"])] };
}
