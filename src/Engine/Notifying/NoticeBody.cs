using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rollcall.Engine.Notifying;

/// <summary>
/// What is sent: docs/notifications.md holds it to these names. Fields are only ever added; those that do not apply to a kind are left out.
/// </summary>
public sealed record NoticeBody
{
    public int Version { get; init; } = 1;
    /// <summary>The same as the <c>Idempotency-Key</c> of the request; the same in every try.</summary>
    public required string Id { get; init; }
    /// <summary>One of <see cref="NoticeKinds"/>.</summary>
    public required string Kind { get; init; }
    /// <summary>When it happened, not when it was sent.</summary>
    public required DateTimeOffset At { get; init; }
    /// <summary>One sentence for people, complete in itself.</summary>
    public required string Text { get; init; }
    /// <summary><c>namespace/name</c>.</summary>
    public string? Cluster { get; init; }
    public NoticeRun? Run { get; init; }
    /// <summary>Who caused it: a person's name, or <c>rollcall</c>.</summary>
    public string? Actor { get; init; }
    public NoticeReason? Reason { get; init; }
    public NoticeGate? Gate { get; init; }
    public NoticeHold? Hold { get; init; }
    /// <summary><c>succeeded</c>, <c>rolled-back</c>, <c>aborted</c> or <c>failed</c>.</summary>
    public string? Outcome { get; init; }

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Write() => JsonSerializer.Serialize(this, Json);
}

/// <param name="Path">Of its page, e.g. <c>/runs/r1</c>.</param>
/// <param name="Url">The same with the address of this Rollcall; absent where <c>Rollcall__PublicUrl</c> is not set.</param>
/// <param name="RollbackOf">The run it takes back.</param>
public sealed record NoticeRun(string Id, string Plan, string PlanHash, string Path, string? Url, string? RollbackOf);

/// <param name="Rule">The safety rule that spoke; absent where none did.</param>
/// <param name="Next">What happens next, or what a person can do.</param>
public sealed record NoticeReason(string Text, string? Rule, string? Next);

/// <param name="Groups">Each of these must approve.</param>
/// <param name="OnDeadline">hold, abort, rollback or reject.</param>
public sealed record NoticeGate(string Name, string Component, string Stage, string? Shard, int Approvals, ImmutableArray<string> Groups, DateTimeOffset? Deadline, string OnDeadline);

public sealed record NoticeHold(string Owner, DateTimeOffset Since);
