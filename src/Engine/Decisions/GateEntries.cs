using System.Collections.Immutable;

namespace Rollcall.Engine.Decisions;

/// <param name="Void">It counts no more; <see cref="VoidWhy"/> says what made it so.</param>
public sealed record ApprovalEntry(string By, string Group, DateTimeOffset At, string Comment, string PlanHash, bool Void)
{
    public string VoidWhy { get; init; } = "";
    /// <summary>The invitation it was given by, or null.</summary>
    public string? Invitation { get; init; }
}

public sealed record ClaimEntry(string By, DateTimeOffset At);

public sealed record CommentEntry(string By, DateTimeOffset At, string Text);

public sealed record BypassEntry(string By, DateTimeOffset At, string Reason);

public sealed record InvitationEntry(string Id, string Person, ImmutableArray<string> Groups, string PlanHash, string By, DateTimeOffset At, DateTimeOffset ExpiresAt)
{
    public DateTimeOffset? UsedAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>open, used, revoked or expired.</summary>
    public string StateAt(DateTimeOffset now) => UsedAt is not null ? "used" : RevokedAt is not null ? "revoked" : now >= ExpiresAt ? "expired" : "open";
}

/// <summary>What has been said at one gate.</summary>
public sealed record GateEntry(string Id, string Component, string Stage, string? Shard, DateTimeOffset OpenedAt)
{
    public ImmutableArray<ApprovalEntry> Approvals { get; init; } = [];
    public string? RejectedBy { get; init; }
    public string? RejectComment { get; init; }
    public DateTimeOffset? RejectedAt { get; init; }
    /// <summary>When a Retry asked again; the deadline counts from there.</summary>
    public DateTimeOffset? AskedAgainAt { get; init; }
    public DateTimeOffset? RemindedAt { get; init; }
    public DateTimeOffset? ExpiredAt { get; init; }
    public BypassEntry? Bypass { get; init; }
    public ImmutableArray<ClaimEntry> Claims { get; init; } = [];
    public ImmutableArray<CommentEntry> Comments { get; init; } = [];
    public ImmutableArray<InvitationEntry> Invitations { get; init; } = [];

    public DateTimeOffset AskedAt => AskedAgainAt ?? OpenedAt;
}
