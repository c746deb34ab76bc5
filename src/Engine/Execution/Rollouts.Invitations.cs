using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

public sealed partial class Rollouts
{
    /// <summary>
    /// Lets a named person decide one gate once, by a link that somebody else signs and hands over. What the invitation is worth stands in the journal; the link is nowhere kept.
    /// Admins only: whoever hands out links decides who counts as whom.
    /// </summary>
    public async Task<Result<GateInvitation>> InviteAsync(string runId, string gate, string person, ImmutableArray<string> groups, TimeSpan lifetime, Caller caller, CancellationToken ct)
    {
        GateInvitation? made = null;
        var result = await AtGateAsync(runId, gate, null, person, caller, Caller.Admin, "invite people to a gate", (_, view) =>
        {
            if (view.State != GateState.Open)
                return NotOpen(view);
            // A link that would be refused when it is used had better not be handed out.
            if (GateEligibility.WhyNot(view, new Caller(person, [Caller.Approver], groups)) is { } not)
                return new Refusal(RefusalKind.Conflict, not);
            if (view.Approvals.Any(a => !a.Void && Person.Same(a.By, person)))
                return new Refusal(RefusalKind.Conflict, $"{person} has approved already; one person counts once.");
            made = new GateInvitation(Ids.New('i'), runId, gate, person, groups, _tools.Time.GetUtcNow() + lifetime);
            return Say(new GateInvited(gate, made.Id, person, groups, _library.View(_library.Find(runId)!).PlanHash, made.ExpiresAt));
        }, ct);
        return result.Ok ? made! : result.Refusal;
    }

    public Task<Result<RunView>> RevokeInvitationAsync(string runId, string gate, string invitation, Caller caller, CancellationToken ct) =>
        AtGateAsync(runId, gate, null, invitation, caller, Caller.Admin, "take links back", (entry, _) => entry.Invitations.FirstOrDefault(i => i.Id == invitation) switch
        {
            null => new Refusal(RefusalKind.NotFound, "There is no such link at this gate."),
            { UsedAt: not null } => new Refusal(RefusalKind.Conflict, "This link was used already."),
            { RevokedAt: not null } => Say(),
            _ => Say(new GateInvitationRevoked(gate, invitation)),
        }, ct);

    /// <summary>The invitation as it stands now, with its run and gate; or why it is worth nothing any more.</summary>
    public Result<(RunView Run, GateView Gate, GateInvitationView Invitation)> Invited(string runId, string gate, string invitation)
    {
        if (GetRun(runId) is not { } run || run.Gates.FirstOrDefault(g => g.Name == gate) is not { } view || _library.Find(runId)!.Ledger.Gates.GetValueOrDefault(gate)?.Invitations.FirstOrDefault(i => i.Id == invitation) is not { } entry)
            return new Refusal(RefusalKind.NotFound, "There is no such link.");
        // The view may have been drawn a while ago; whether the link still lives is asked of the clock.
        var state = entry.StateAt(_tools.Time.GetUtcNow());
        return state switch
        {
            "used" => new Refusal(RefusalKind.Conflict, $"This link was used already: {entry.Person} has decided. It works once.") { RunId = runId },
            "revoked" => new Refusal(RefusalKind.Conflict, "This link was taken back. Ask for another one."),
            "expired" => new Refusal(RefusalKind.Conflict, $"This link expired at {entry.ExpiresAt:yyyy-MM-dd HH:mm} UTC. Ask for another one."),
            _ when run.Terminal => new Refusal(RefusalKind.Conflict, $"The run has ended ({run.State}); there is nothing to decide any more.") { RunId = runId },
            _ when entry.PlanHash != run.PlanHash => new Refusal(RefusalKind.Conflict, "The plan has changed since this link was made. Ask for another one.") { PlanHash = run.PlanHash },
            _ when view.State != GateState.Open => NotOpen(view),
            _ => (run, view, new GateInvitationView(entry.Id, entry.Person, entry.Groups, entry.By, entry.At, entry.ExpiresAt, state)),
        };
    }

    /// <summary>The decision of an invited person; uses the link up.</summary>
    public async Task<Result<RunView>> DecideByInvitationAsync(string runId, string gate, string invitation, bool approve, string planHash, string comment, CancellationToken ct)
    {
        var invited = Invited(runId, gate, invitation);
        if (!invited.Ok)
            return invited.Refusal;
        var person = new Caller(invited.Value.Invitation.Person, [Caller.Approver], invited.Value.Invitation.Groups) { Via = "gate link" };
        if (!approve && string.IsNullOrWhiteSpace(comment))
            return new Refusal(RefusalKind.Invalid, "To reject, say why.");
        return await AtGateAsync(runId, gate, planHash, comment, person, Caller.Approver, "decide gates", (entry, view) =>
        {
            // Asked again under the run's turn: two clicks at once are one decision.
            if (entry.Invitations.FirstOrDefault(i => i.Id == invitation)?.StateAt(_tools.Time.GetUtcNow()) != "open")
                return new Refusal(RefusalKind.Conflict, "This link was used already. It works once.");
            if (view.State != GateState.Open)
                return NotOpen(view);
            if (!approve)
                return Say(new GateRejected(gate, comment) { Invitation = invitation });
            if (entry.Approvals.Any(a => Person.Same(a.By, person.Name) && !a.Void))
                return new Refusal(RefusalKind.Conflict, $"{person.Name} has approved already; one person counts once.");
            return GateEligibility.WhyNot(view, person) is { } not ? new Refusal(RefusalKind.Forbidden, not) : Say(Approval(gate, planHash, comment, person, view, invitation));
        }, ct);
    }
}
