using System.Collections.Immutable;
using Rollcall.Shared;
using Rollcall.Web.Keeping;

namespace Rollcall.Web.Screens;

/// <summary>A status screen that somebody may look at without being anybody here: what it shows, and until when.</summary>
public sealed record ScreenRecord
{
    public required string Id { get; init; }

    /// <summary>Part of its address: lower-case letters, digits and dashes.</summary>
    public required string Name { get; init; }

    /// <summary>What stands on top of it.</summary>
    public required string Title { get; init; }

    /// <summary>namespace/name of what it shows, in this order; nothing else can be watched with its link.</summary>
    public required ImmutableArray<string> Clusters { get; init; }

    /// <summary>It opens without its link too. Counts only where the settings allow it.</summary>
    public bool Open { get; init; }

    public required string CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>live, revoked or expired.</summary>
    public string StateAt(DateTimeOffset now) => RevokedAt is not null ? "revoked" : ExpiresAt <= now ? "expired" : "live";

    public bool Shows(ClusterKey cluster) => Clusters.Contains(cluster.ToString());
}

/// <summary>All screens, small enough to be written as one file.</summary>
public sealed record ScreenState : IFormatted
{
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;
    public ImmutableArray<ScreenRecord> Screens { get; init; } = [];
}
