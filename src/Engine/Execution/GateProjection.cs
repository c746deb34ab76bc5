using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>The plan's gates, and who decided what at them. Whether a gate is passed is Decide's word: its step is finished or not.</summary>
internal static class GateProjection
{
    /// <param name="selfApproval">This Rollcall lets people approve their own.</param>
    public static ImmutableArray<GateView> Gates(Plan plan, Ledger ledger, bool selfApproval, DateTimeOffset now)
    {
        var views = ImmutableArray.CreateBuilder<GateView>();
        var insiders = Insiders(plan, ledger);
        foreach (var component in plan.Components)
            foreach (var stage in component.Stages.Where(s => s.Gate is not null))
            {
                var id = StepIds.Gate(component.Name, stage.Name);
                views.Add(View(id, component.Name, stage.Name, stage.Gate!, ledger, HashInForce(plan, ledger), insiders, now) with { SelfApproval = selfApproval });
            }
        return views.ToImmutable();
    }

    public static string HashInForce(Plan plan, Ledger ledger) => ledger.PlanHash.Length > 0 ? ledger.PlanHash : plan.Hash;

    private static GateView View(string id, string component, string stage, GateSpec spec, Ledger ledger, string hash, ImmutableArray<GateInsider> insiders, DateTimeOffset now)
    {
        var entry = ledger.Gates.GetValueOrDefault(id);
        var quorum = GateQuorum.Of(spec, entry, hash);
        return new GateView
        {
            Name = id,
            Stage = stage,
            Component = component,
            Shard = entry?.Shard,
            State = StateOf(entry, ledger.Step(id)),
            Required = spec.Approvals,
            Groups = spec.Groups,
            From = spec.From,
            Given = quorum.Counted.Length,
            MissingGroups = quorum.MissingGroups,
            Approvals = [.. entry?.Approvals.Select(a => new ApprovalView(a.By, a.Group, a.At, a.Comment, a.PlanHash, a.Void) { VoidWhy = a.VoidWhy, Self = insiders.Any(i => Person.Same(i.Name, a.By)), ByLink = a.Invitation is not null }) ?? []],
            OpenedAt = entry?.OpenedAt,
            Deadline = entry is null ? null : entry.AskedAt + spec.Deadline,
            OnDeadline = spec.OnDeadline,
            RemindedAt = entry?.RemindedAt,
            Insiders = insiders,
            Claims = [.. entry?.Claims.Select(c => new GateClaim(c.By, c.At)) ?? []],
            Comments = [.. entry?.Comments.Select(c => new GateComment(c.By, c.At, c.Text)) ?? []],
            Invitations = [.. entry?.Invitations.Select(i => new GateInvitationView(i.Id, i.Person, i.Groups, i.By, i.At, i.ExpiresAt, i.StateAt(now))) ?? []],
            Rejection = entry is { RejectedBy: { } by, RejectedAt: { } at } ? new GateRejection(by, at, entry.RejectComment ?? "") : null,
            Bypass = entry?.Bypass is { } glass ? new GateBypass(glass.By, glass.At, glass.Reason) : null,
        };
    }

    private static GateState StateOf(GateEntry? entry, StepEntry? step) => entry switch
    {
        null => GateState.Pending,
        { Bypass: not null } => GateState.Bypassed,
        { RejectedBy: not null } => GateState.Rejected,
        _ => step is { Done: true } ? GateState.Approved : GateState.Open,
    };

    /// <summary>People who have a hand in what is decided: the plan's author, who started the run, and who edited the plan last.</summary>
    private static ImmutableArray<GateInsider> Insiders(Plan plan, Ledger ledger) =>
        [.. new[] { (Name: plan.CreatedBy, Why: "made the plan"), (Name: ledger.StartedBy, Why: "started the run"), (Name: ledger.EditedBy, Why: "edited the plan last") }
            .Where(p => p.Name.Length > 0 && p.Name != Caller.System.Name)
            .GroupBy(p => p.Name, StringComparer.OrdinalIgnoreCase)
            .Select(g => new GateInsider(g.First().Name, string.Join(" and ", g.Select(p => p.Why))))];
}
