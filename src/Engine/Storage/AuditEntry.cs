using Rollcall.Shared;

namespace Rollcall.Engine.Storage;

/// <summary>Something worth knowing afterwards: who did what to which object, how they came in, and why.</summary>
public sealed record AuditEntry
{
    /// <summary>One of <see cref="AuditActions"/>.</summary>
    public required string Action { get; init; }
    public required string Actor { get; init; }
    public string Via { get; init; } = "";
    public string Address { get; init; } = "";
    /// <summary>"run r1", "plan p1", "token ci".</summary>
    public string Object { get; init; } = "";
    /// <summary><c>namespace/name</c>, where it is about one.</summary>
    public string Cluster { get; init; } = "";
    public string PlanHash { get; init; } = "";
    /// <summary>Theirs; for a refusal, why it was refused.</summary>
    public string Reason { get; init; } = "";
    public bool Refused { get; init; }

    public static AuditEntry By(Caller caller, string action, string what) =>
        new() { Action = action, Actor = caller.Name, Via = caller.Via, Address = caller.Address, Object = what };
}

/// <summary>What can be done, as it stands in the log. New ones may be added; none changes its meaning.</summary>
public static class AuditActions
{
    public const string SignIn = "sign-in", SignOut = "sign-out", See = "see", Propose = "propose", SaveTemplate = "save-template", DeleteTemplate = "delete-template", Approve = "approve", Reject = "reject", Bypass = "bypass", Start = "start", Pause = "pause", Resume = "resume",
        Retry = "retry", StopAfterMember = "stop-after-member", Abort = "abort", RollBack = "roll-back", Release = "release", Call = "call",
        MintLink = "mint-link", RevokeLink = "revoke-link", EndSession = "end-session", MintToken = "mint-token", RevokeToken = "revoke-token",
        CreateAccount = "create-account", ChangeAccount = "change-account", DisableAccount = "disable-account", EnableAccount = "enable-account", ResetPassword = "reset-password", ChangePassword = "change-password", MintScreen = "mint-screen", RevokeScreen = "revoke-screen";
}

/// <summary>What the chain says about itself.</summary>
/// <param name="LastHash">Of the last good entry; empty when there is none.</param>
/// <param name="FirstBad">The first entry that is not what was written; null when all are.</param>
public sealed record AuditVerdict(long Entries, long LastSeq, string LastHash, long? FirstBad, string Text)
{
    public bool Sound => FirstBad is null;
}
