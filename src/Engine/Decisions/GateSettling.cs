using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>What has become of a gate: passed, bypassed, rejected, out of time, or still asked.</summary>
internal static class GateSettling
{
    /// <summary>The rule that speaks; a halt by it goes on by Retry, which asks again.</summary>
    public const string Rule = "Gate";

    public static void Settle(DecisionBuilder b, StepEntry step, GateSpec spec)
    {
        if (!b.Ledger.Gates.TryGetValue(step.Id, out var gate))
            return;
        if (gate.Bypass is { } glass)
        {
            b.Finish(step, StepState.Succeeded, new Reason($"Bypassed by {glass.By}: {glass.Reason.TrimEnd('.')}.", Rule), new Evidence("bypassed by", glass.By, "admin", glass.At) { Rule = Rule });
            return;
        }
        if (gate.RejectedBy is { } by)
        {
            b.Pause(by == Caller.System.Name
                ? new Reason($"The gate before {step.Stage} counts as rejected: {Lower(gate.RejectComment)}", Rule) { Next = Again }
                : new Reason($"{by} rejected the gate before {step.Stage}{(string.IsNullOrWhiteSpace(gate.RejectComment) ? "" : $": {gate.RejectComment.TrimEnd('.')}")}.", Rule) { Next = Again });
            return;
        }
        var quorum = GateQuorum.Of(spec, gate, b.Ledger.PlanHash.Length > 0 ? b.Ledger.PlanHash : b.Plan.Hash);
        if (quorum.Reached)
        {
            b.Finish(step, StepState.Succeeded, null, [.. quorum.Counted.Select(a => new Evidence("approved by", a.By, a.Group.Length > 0 ? a.Group : "approver", a.At) { Rule = Rule })]);
            return;
        }
        var deadline = gate.AskedAt + spec.Deadline;
        if (deadline is { } due && b.Now >= due)
        {
            Expire(b, step, spec, gate, quorum);
            return;
        }
        var remindAt = gate.RemindedAt is null ? deadline - spec.Remind : null;
        if (remindAt is { } remind && b.Now >= remind)
        {
            b.Record(new GateReminded(step.Id));
            remindAt = null;
        }
        b.Wait(step.Id, new Reason($"Waiting for approval before {step.Stage}: {Progress(quorum)}.", Rule)
        {
            Deadline = deadline, Next = deadline is null ? "Waits until somebody decides." : spec.OnDeadline switch { "abort" => "Without it the run is aborted then.", "rollback" => "Without it the run is rolled back then.", "reject" => "Without it the gate counts as rejected then.", _ => "Without it the run pauses then." },
        }, remindAt ?? deadline);
    }

    private const string Again = "Abort, roll back, or press Retry to ask again.";

    private static string Progress(GateQuorum quorum) =>
        $"{quorum.Counted.Length} of {quorum.Required} given{(quorum.MissingGroups.IsEmpty ? "" : $", one of {string.Join(" and ", quorum.MissingGroups)}")}";

    private static void Expire(DecisionBuilder b, StepEntry step, GateSpec spec, GateEntry gate, GateQuorum quorum)
    {
        if (gate.ExpiredAt is null)
            b.Record(new GateExpired(step.Id, spec.OnDeadline));
        var late = new Reason($"{(quorum.Counted.IsEmpty ? "Nobody decided" : $"Only {quorum.Counted.Length} of {quorum.Required} approved")} at the gate before {step.Stage} within {ShardContext.Duration(spec.Deadline!.Value)}.", Rule);
        switch (spec.OnDeadline)
        {
            case "abort" when b.Ledger.Abort is null: b.Record(new AbortRequested(late.Text)); break;
            case "abort": break;
            case "reject": b.Record(new GateRejected(step.Id, late.Text)); break;
            case "rollback": b.RollbackDue = late; b.Pause(late with { Next = "Rolls back, as the plan says." }); break;
            default: b.Pause(late with { Next = "Press Retry to ask again, abort, or roll back." }); break;
        }
    }

    private static string Lower(string? text) => string.IsNullOrEmpty(text) ? "" : char.ToLowerInvariant(text[0]) + text[1..];
}
