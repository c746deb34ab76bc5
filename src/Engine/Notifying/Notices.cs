using System.Collections.Immutable;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Notifying;

/// <summary>Whom notifications go to, as it may be shown.</summary>
/// <param name="Target">Scheme, host and port; empty where nobody is told.</param>
/// <param name="Signed">By the webhook secret of this name; empty: not signed.</param>
/// <param name="Links">They carry links, not only paths.</param>
/// <param name="Off">Why nothing is sent, one sentence; null where something is.</param>
public sealed record NoticeTarget(string Target, string Signed, ImmutableArray<string> Kinds, bool Links, string? Off);

/// <summary>What people can see and ask of notifications. Asking is for admins and stands in the audit log.</summary>
public sealed class Notices(NoticeOutbox outbox, AuditLog audit, EngineOptions engine)
{
    public const int MostListed = 500;

    public NoticeTarget Target => new(outbox.Options.Shown, outbox.Options.Secret, outbox.Options.Kinds, outbox.Options.PublicUrl.Length > 0, Off);

    public long Version => outbox.Version;

    public Task WhenAfterAsync(long version, CancellationToken ct) => outbox.WhenAfterAsync(version, ct);

    /// <summary>Newest first.</summary>
    public Task<ImmutableArray<NoticeView>> LatestAsync(int most, CancellationToken ct) => outbox.LatestAsync(Math.Clamp(most, 1, MostListed), ct);

    public async Task<Result<NoticeView>> TestAsync(Caller caller)
    {
        if (await DenyAsync(caller, "test-notification", "notifications") is { } denied)
            return denied;
        if (Off is { } off)
            return new Refusal(RefusalKind.Conflict, off);
        await audit.WriteAsync(AuditEntry.By(caller, "test-notification", "notifications"));
        return await outbox.AddTestAsync(caller.Name);
    }

    /// <summary>One that was given up is sent again, under its own key.</summary>
    public async Task<Result<bool>> SendAgainAsync(string key, Caller caller)
    {
        if (await DenyAsync(caller, "send-notification-again", $"notification {key}") is { } denied)
            return denied;
        if (Off is { } off)
            return new Refusal(RefusalKind.Conflict, off);
        if (await outbox.AskAgainAsync(key) is not { } asked)
            return new Refusal(RefusalKind.NotFound, $"There is no notification {key}.");
        if (!asked)
            return new Refusal(RefusalKind.Conflict, $"Notification {key} has not been given up; it is delivered, or will be tried again by itself.");
        await audit.WriteAsync(AuditEntry.By(caller, "send-notification-again", $"notification {key}"));
        return true;
    }

    private string? Off => engine.ReadOnly ? "This Rollcall observes only (--read-only); it drives no runs and tells nobody of any."
        : outbox.Options.On ? null : "Nobody is told: Rollcall__Notifications__Url is not set.";

    private async Task<Refusal?> DenyAsync(Caller caller, string action, string what)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Is(Caller.Admin) && !caller.Scope.ReadOnly && !caller.Scope.Limited)
            return null;
        var refusal = new Refusal(RefusalKind.Forbidden, "Notifications are tested and sent again by admins.");
        await audit.RefusedAsync(AuditEntry.By(caller, action, what) with { Reason = refusal.Message });
        return refusal;
    }
}
