using System.Collections.Immutable;

namespace Rollcall.Web.Auth;

/// <summary>A person who signs in with a password kept here. For teams that have no identity provider.</summary>
public sealed record AccountRecord
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    /// <summary>As ASP.NET Core Identity's PasswordHasher writes it: salt, iterations and derived key in one.</summary>
    public required string PasswordHash { get; init; }
    public required ImmutableArray<string> Roles { get; init; }
    public ImmutableArray<string> Groups { get; init; } = [];
    public required string CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset PasswordChangedAt { get; init; }
    public DateTimeOffset? LastSignInAt { get; init; }
    public DateTimeOffset? DisabledAt { get; init; }
}
