using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

public sealed partial class Rollouts
{
    public const int LongestComment = 2000;

    /// <summary>One person counts once, however often they approve; an approval is bound to the plan's hash, and nobody approves their own.</summary>
    public Task<Result<RunView>> ApproveAsync(string runId, string gate, string planHash, string comment, Caller caller, CancellationToken ct) =>
        AtGateAsync(runId, gate, planHash, comment, caller, Caller.Approver, "decide gates", (entry, view) =>
        {
            if (entry.Approvals.Any(a => Person.Same(a.By, caller.Name) && !a.Void && a.PlanHash == planHash))
                return Say();
            if (view.State != GateState.Open)
                return NotOpen(view);
            return GateEligibility.WhyNot(view, caller) is { } not ? new Refusal(RefusalKind.Forbidden, not) : Say(Approval(gate, planHash, comment, caller, view, null));
        }, ct);

    /// <summary>One rejection pauses the run; it may come from anybody who decides gates, also from who made the plan.</summary>
    public Task<Result<RunView>> RejectAsync(string runId, string gate, string planHash, string comment, Caller caller, CancellationToken ct) =>
        AtGateAsync(runId, gate, planHash, comment, caller, Caller.Approver, "decide gates", (entry, view) =>
            entry.RejectedBy is not null ? Say() : view.State == GateState.Open ? Say(new GateRejected(gate, comment)) : NotOpen(view), ct);

    /// <summary>Says to the others that the caller looks at it, or takes that back. Binds nobody.</summary>
    public Task<Result<RunView>> ClaimAsync(string runId, string gate, bool on, Caller caller, CancellationToken ct) =>
        AtGateAsync(runId, gate, null, on ? "claims it" : "releases it", caller, Caller.Approver, "claim gates", (entry, view) =>
        {
            if (entry.Claims.Any(c => Person.Same(c.By, caller.Name)) == on)
                return Say();
            return view.State == GateState.Open || !on ? Say(on ? new GateClaimed(gate) : new GateUnclaimed(gate)) : NotOpen(view);
        }, ct);

    /// <summary>A word in the gate's thread, before or after the decision; it decides nothing.</summary>
    public Task<Result<RunView>> CommentAsync(string runId, string gate, string comment, Caller caller, CancellationToken ct) =>
        string.IsNullOrWhiteSpace(comment)
            ? Task.FromResult<Result<RunView>>(new Refusal(RefusalKind.Invalid, "The comment is empty.") { Errors = [new SpecError("/comment", 0, "comment is missing.", [$"1 to {LongestComment} characters"])] })
            : AtGateAsync(runId, gate, null, comment, caller, caller.Is(Caller.Operator) ? Caller.Operator : Caller.Approver, "comment at gates", (_, _) => Say(new GateCommented(gate, comment.Trim())), ct);

    /// <summary>Break-glass: an admin lets the run through without the quorum. It takes a reason, and it is said everywhere.</summary>
    public Task<Result<RunView>> BypassAsync(string runId, string gate, string planHash, string reason, Caller caller, CancellationToken ct) =>
        string.IsNullOrWhiteSpace(reason)
            ? Task.FromResult<Result<RunView>>(Deny(caller, Caller.Admin, "bypass gates") ?? new Refusal(RefusalKind.Invalid, "Say why the gate is bypassed.") { Errors = [new SpecError("/comment", 0, "The reason is missing.", [$"1 to {LongestComment} characters"])] })
            : AtGateAsync(runId, gate, planHash, reason, caller, Caller.Admin, "bypass gates", (entry, view) =>
                entry.Bypass is not null ? Say() : view.State == GateState.Open ? Say(new GateBypassed(gate, planHash, reason.Trim())) : NotOpen(view), ct);

    private static GateApproved Approval(string gate, string planHash, string comment, Caller caller, GateView view, string? invitation)
    {
        var counting = view.Groups.Concat(view.From).ToHashSet(StringComparer.Ordinal);
        return new GateApproved(gate, planHash, string.Join(',', counting.Count == 0 ? caller.Groups : caller.Groups.Where(counting.Contains)), comment) { Invitation = invitation };
    }

    /// <param name="planHash">The hash that was looked at; null where the plan does not matter.</param>
    /// <param name="say">The events to write; none when that was said before.</param>
    private async Task<Result<RunView>> AtGateAsync(string runId, string gate, string? planHash, string comment, Caller caller, string role, string what, Func<GateEntry, GateView, Result<ImmutableArray<RunEvent>>> say, CancellationToken ct)
    {
        if (_library.Find(runId) is not { } book)
            return Deny(caller, role, what) ?? new Refusal(RefusalKind.NotFound, $"There is no run {runId}.");
        if (comment.Length > LongestComment)
            return new Refusal(RefusalKind.Invalid, $"A comment has at most {LongestComment} characters; this one has {comment.Length}.");
        return await CommandAsync(runId, caller, role, what, comment, ledger =>
        {
            var gates = GateProjection.Gates(book.Plan, ledger, _options.AllowSelfApproval, _tools.Time.GetUtcNow());
            if (gates.FirstOrDefault(g => g.Name == gate) is not { } view)
                return new Refusal(RefusalKind.NotFound, gates.IsEmpty ? "This plan has no gates." : $"There is no gate {gate}; there are: {string.Join(", ", gates.Select(g => g.Name))}.");
            var hash = GateProjection.HashInForce(book.Plan, ledger);
            if (planHash is not null && planHash != hash)
                return new Refusal(RefusalKind.Conflict, "The plan is not the one you looked at; look again, then decide.") { PlanHash = hash, Changed = Changed(book.Plan, planHash) };
            return ledger.Gates.TryGetValue(gate, out var entry) ? say(entry, view) : NotOpen(view);
        }, ct);
    }

    private static Refusal NotOpen(GateView gate) => new(RefusalKind.Conflict, gate switch
    {
        { State: GateState.Pending } => $"The gate {gate.Name} is not open yet.",
        { Bypass: { } glass } => $"{glass.By} bypassed the gate {gate.Name}.",
        { Rejection: { } rejected } => $"{rejected.By} rejected the gate {gate.Name}; Retry asks again.",
        _ => $"The gate {gate.Name} has been passed already.",
    });

    private ImmutableArray<string> Changed(Plan plan, string given) =>
        _journal.FindPlanByHash(plan.Cluster, given) is { } other ? _planning.Changed(other, plan) : [$"The hash given ({Short(given)}) is not that of a plan stored here."];

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] + "…" : hash;
}
