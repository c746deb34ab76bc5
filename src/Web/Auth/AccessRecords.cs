using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Rollcall.Web.Keeping;

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
    /// <summary>How they came in, and from where.</summary>
    public string Via { get; init; } = "link";
    public string Address { get; init; } = "";
    /// <summary>Issuer and subject of an identity provider; empty for the others.</summary>
    public string Subject { get; init; } = "";

    public bool LiveAt(DateTimeOffset now) => EndedAt is null && ExpiresAt > now;
}

/// <summary>An API token. Like a link, it is known here by its hash only.</summary>
public sealed record TokenRecord
{
    public required string Id { get; init; }
    /// <summary>SHA-256 of the token, base64url.</summary>
    public required string TokenHash { get; init; }
    /// <summary>What it is for: <c>ci</c>.</summary>
    public required string Label { get; init; }
    /// <summary>Under whose name it acts: a person's, or, for a service, its own.</summary>
    public required string ActsAs { get; init; }
    /// <summary>It acts under a name of its own and belongs to no person.</summary>
    public bool Service { get; init; }
    public required ImmutableArray<string> Roles { get; init; }
    public ImmutableArray<string> Groups { get; init; } = [];
    public ImmutableArray<string> Namespaces { get; init; } = [];
    public ImmutableArray<string> Clusters { get; init; } = [];
    public bool ReadOnly { get; init; }
    public required string CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    /// <summary>To the minute.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>good, revoked or expired.</summary>
    public string StateAt(DateTimeOffset now) => RevokedAt is not null ? "revoked" : ExpiresAt <= now ? "expired" : "good";
}

/// <summary>Who may come in: the whole of it, small enough to be written as one file.</summary>
public sealed record AccessState : IFormatted
{
    /// <summary>2 added tokens and accounts. What is older is read; what is newer is not touched.</summary>
    public const int CurrentFormat = 2;

    [JsonRequired] public int Format { get; init; } = CurrentFormat;
    public ImmutableArray<LinkRecord> Links { get; init; } = [];
    public ImmutableArray<SessionRecord> Sessions { get; init; } = [];
    public ImmutableArray<TokenRecord> Tokens { get; init; } = [];
    public ImmutableArray<AccountRecord> Accounts { get; init; } = [];
}
