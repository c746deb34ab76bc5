using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>What each event means for the gate it is about.</summary>
internal static class GateFold
{
    public static Ledger Apply(Ledger ledger, DateTimeOffset at, RunEvent e) => e switch
    {
        GateOpened g => ledger with { Gates = ledger.Gates.SetItem(g.Gate, new GateEntry(g.Gate, g.Component, g.Stage, g.Shard, at)) },
        GateApproved g => On(ledger, g.Gate, gate => Used(gate, g.Invitation, at) with
        {
            Approvals = gate.Approvals.RemoveAll(a => Person.Same(a.By, g.Actor) && !a.Void).Add(new ApprovalEntry(g.Actor, g.Group, at, g.Comment, g.PlanHash, false) { Invitation = g.Invitation }),
            Claims = Without(gate.Claims, g.Actor),
        }),
        GateRejected g => On(ledger, g.Gate, gate => Used(gate, g.Invitation, at) with { RejectedBy = g.Actor, RejectComment = g.Comment, RejectedAt = at, Claims = Without(gate.Claims, g.Actor) }),
        ApprovalsVoided v => ledger with
        {
            PlanHash = v.NewHash, EditedBy = v.Actor,
            Gates = ledger.Gates.ToImmutableDictionary(p => p.Key, p => p.Value with { Approvals = Voided(p.Value.Approvals, "the plan changed") }),
        },
        GateReminded g => On(ledger, g.Gate, gate => gate with { RemindedAt = at }),
        GateExpired g => On(ledger, g.Gate, gate => gate with { ExpiredAt = at }),
        GateClaimed g => On(ledger, g.Gate, gate => gate with { Claims = Without(gate.Claims, g.Actor).Add(new ClaimEntry(g.Actor, at)) }),
        GateUnclaimed g => On(ledger, g.Gate, gate => gate with { Claims = Without(gate.Claims, g.Actor) }),
        GateCommented g => On(ledger, g.Gate, gate => gate with { Comments = gate.Comments.Add(new CommentEntry(g.Actor, at, g.Comment)) }),
        GateBypassed g => On(ledger, g.Gate, gate => gate with { Bypass = new BypassEntry(g.Actor, at, g.Comment) }),
        GateInvited g => On(ledger, g.Gate, gate => gate with { Invitations = gate.Invitations.Add(new InvitationEntry(g.Invitation, g.Person, g.Groups, g.PlanHash, g.Actor, at, g.ExpiresAt)) }),
        GateInvitationRevoked g => On(ledger, g.Gate, gate => Change(gate, g.Invitation, i => i with { RevokedAt = at })),
        _ => ledger,
    };

    /// <summary>After a Retry: a rejected gate is asked anew, from nothing; one whose deadline passed keeps what was given and gets its time again.</summary>
    public static ImmutableDictionary<string, GateEntry> AskAgain(ImmutableDictionary<string, GateEntry> gates, DateTimeOffset at) => gates.ToImmutableDictionary(p => p.Key, p => p.Value switch
    {
        { RejectedBy: { } by } gate => gate with
        {
            RejectedBy = null, RejectComment = null, RejectedAt = null, ExpiredAt = null, RemindedAt = null, AskedAgainAt = at, Approvals = Voided(gate.Approvals, $"{by} rejected the gate after it"),
        },
        { ExpiredAt: not null } gate => gate with { ExpiredAt = null, RemindedAt = null, AskedAgainAt = at },
        var gate => gate,
    });

    private static Ledger On(Ledger ledger, string id, Func<GateEntry, GateEntry> change) =>
        ledger.Gates.TryGetValue(id, out var gate) ? ledger with { Gates = ledger.Gates.SetItem(id, change(gate)) } : ledger;

    private static ImmutableArray<ApprovalEntry> Voided(ImmutableArray<ApprovalEntry> approvals, string why) => [.. approvals.Select(a => a.Void ? a : a with { Void = true, VoidWhy = why })];

    private static ImmutableArray<ClaimEntry> Without(ImmutableArray<ClaimEntry> claims, string person) => claims.RemoveAll(c => Person.Same(c.By, person));

    private static GateEntry Used(GateEntry gate, string? invitation, DateTimeOffset at) => invitation is null ? gate : Change(gate, invitation, i => i with { UsedAt = at });

    private static GateEntry Change(GateEntry gate, string invitation, Func<InvitationEntry, InvitationEntry> change) =>
        gate with { Invitations = [.. gate.Invitations.Select(i => i.Id == invitation ? change(i) : i)] };
}
