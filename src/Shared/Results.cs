using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Rollcall.Shared;

public enum RefusalKind { Invalid, NotFound, Conflict, Forbidden, Unavailable }

/// <summary>An expected no. Becomes problem+json in the API and the text beside the button on screen.</summary>
public sealed record Refusal(RefusalKind Kind, string Message)
{
    public ImmutableArray<SpecError> Errors { get; init; } = [];
    public ImmutableArray<Finding> Findings { get; init; } = [];
    /// <summary>The run that stands in the way, when one does.</summary>
    public string? RunId { get; init; }
    /// <summary>The hash that would have been right, when another was given.</summary>
    public string? PlanHash { get; init; }
    /// <summary>What changed between the hash given and the one in force.</summary>
    public ImmutableArray<string> Changed { get; init; } = [];
}

/// <summary>A value, or the reason why there is none.</summary>
public readonly record struct Result<T>(T? Value, Refusal? Refusal)
{
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Ok => Refusal is null;

    public static implicit operator Result<T>(T value) => new(value, null);
    public static implicit operator Result<T>(Refusal refusal) => new(default, refusal);
}
