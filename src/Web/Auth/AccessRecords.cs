using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Rollcall.Web.Auth;

/// <summary>A one-time login link. The token itself is known only to whoever got the link; here is its hash.</summary>
public sealed record LinkRecord
{
    public required string Id { get; init; }
    /// <summary>SHA-256 of the token, base64url.</summary>
    public required string TokenHash { get; init; }
    public required string Name { get; init; }
    public required ImmutableArray<string> Roles { get; init; }
    public ImmutableArray<string> Groups { get; init; } = [];
    public required string CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>open, used, revoked or expired.</summary>
    public string StateAt(DateTimeOffset now) => UsedAt is not null ? "used" : RevokedAt is not null ? "revoked" : ExpiresAt <= now ? "expired" : "open";
}

/// <summary>One login of one person in one browser.</summary>
public sealed record SessionRecord
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required ImmutableArray<string> Roles { get; init; }
    public ImmutableArray<string> Groups { get; init; } = [];
    public required string LinkId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    public bool LiveAt(DateTimeOffset now) => EndedAt is null && ExpiresAt > now;
}

/// <summary>Who may come in: the whole of it, small enough to be written as one file.</summary>
public sealed record AccessState
{
    public const int CurrentFormat = 1;

    [JsonRequired] public int Format { get; init; } = CurrentFormat;
    public ImmutableArray<LinkRecord> Links { get; init; } = [];
    public ImmutableArray<SessionRecord> Sessions { get; init; } = [];
}
