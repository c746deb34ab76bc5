using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

public sealed partial class Rollouts
{
    public const int LongestComment = 2000;

    /// <summary>One person counts once, however often they approve; an approval is bound to the plan's hash.</summary>
    public Task<Result<RunView>> ApproveAsync(string runId, string gate, string planHash, string comment, Caller caller, CancellationToken ct) =>
        DecideGateAsync(runId, gate, planHash, comment, caller, (entry, spec) =>
            entry.Approvals.Any(a => a.By == caller.Name && !a.Void && a.PlanHash == planHash)
                ? null
                : new GateApproved(gate, planHash, string.Join(',', spec.Groups.IsEmpty ? caller.Groups : caller.Groups.Intersect(spec.Groups, StringComparer.Ordinal)), comment), ct);

    public Task<Result<RunView>> RejectAsync(string runId, string gate, string planHash, string comment, Caller caller, CancellationToken ct) =>
        DecideGateAsync(runId, gate, planHash, comment, caller, (entry, _) => entry.RejectedBy is null ? new GateRejected(gate, comment) : null, ct);

    /// <param name="decide">The event to write, or null when that was said before.</param>
    private async Task<Result<RunView>> DecideGateAsync(string runId, string gate, string planHash, string comment, Caller caller, Func<GateEntry, GateSpec, RunEvent?> decide, CancellationToken ct)
    {
        if (_library.Find(runId) is not { } book)
            return Deny(caller, Caller.Approver, "decide gates") ?? new Refusal(RefusalKind.NotFound, $"There is no run {runId}.");
        if (comment.Length > LongestComment)
            return new Refusal(RefusalKind.Invalid, $"A comment has at most {LongestComment} characters; this one has {comment.Length}.");
        return await CommandAsync(runId, caller, Caller.Approver, "decide gates", comment, ledger =>
        {
            var stages = book.Plan.Components.SelectMany(c => c.Stages.Where(s => s.Gate is not null).Select(s => (Id: StepIds.Gate(c.Name, s.Name), Spec: s.Gate!))).ToList();
            if (stages.Find(s => s.Id == gate) is not { Spec: { } spec })
                return new Refusal(RefusalKind.NotFound, stages.Count == 0 ? "This plan has no gates." : $"There is no gate {gate}; there are: {string.Join(", ", stages.Select(s => s.Id))}.");
            var hash = ledger.PlanHash.Length > 0 ? ledger.PlanHash : book.Plan.Hash;
            if (planHash != hash)
                return new Refusal(RefusalKind.Conflict, "The plan is not the one you looked at; look again, then decide.") { PlanHash = hash, Changed = Changed(book.Plan, planHash) };
            if (!ledger.Gates.TryGetValue(gate, out var entry))
                return new Refusal(RefusalKind.Conflict, $"The gate {gate} is not open yet.");
            if (decide(entry, spec) is not { } said)
                return Say();
            if (ledger.Step(gate) is { Done: true })
                return new Refusal(RefusalKind.Conflict, $"The gate {gate} has been passed already.");
            if (entry.RejectedBy is { } rejected)
                return new Refusal(RefusalKind.Conflict, $"{rejected} rejected the gate {gate}; Retry asks again.");
            return Say(said);
        }, ct);
    }

    private ImmutableArray<string> Changed(Plan plan, string given) =>
        _journal.FindPlanByHash(plan.Cluster, given) is { } other ? _planning.Changed(other, plan) : [$"The hash given ({Short(given)}) is not that of a plan stored here."];

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] + "…" : hash;
}
