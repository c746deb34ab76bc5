using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Web.Auth;

/// <summary>
/// What happens at the door, for the audit log: who came in and how, who was let in by whom, who was turned away. The list of logins is a file of its own, so these entries follow what they record; they are queued at once and
/// written in order, and one that cannot be written is an error in the log.
/// </summary>
public sealed partial class AccessAudit(AuditLog audit, ILogger<AccessAudit> log)
{
    /// <summary>Completes when it is on disk, or when it is known that it will not be: nobody is kept out, or in, by a database that is lost.</summary>
    public Task DoneAsync(Caller by, string action, string what, string reason = "") => Follow(audit.WriteAsync(AuditEntry.By(by, action, what) with { Reason = reason }));

    public void Done(Caller by, string action, string what, string reason = "") => _ = DoneAsync(by, action, what, reason);

    public Task RefusedAsync(Caller by, string action, string what, string reason) => Follow(audit.RefusedAsync(AuditEntry.By(by, action, what) with { Reason = reason }));

    public void Refused(Caller by, string action, string what, string reason) => _ = RefusedAsync(by, action, what, reason);

    /// <summary>Hands the result on, and records it: what was done, or that it was forbidden.</summary>
    public Result<T> Record<T>(Result<T> result, Caller by, string action, string what, string reason = "")
    {
        if (result.Ok)
            Done(by, action, what, reason);
        else if (result.Refusal.Kind == RefusalKind.Forbidden)
            Refused(by, action, what, result.Refusal.Message);
        return result;
    }

    private Task Follow(Task written) => written.ContinueWith(done =>
    {
        if (done.Exception is { } failed)
            LogNotWritten(log, failed);
    }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    [LoggerMessage(EventId = 7003, Level = LogLevel.Error, Message = "An entry of the audit log could not be written")]
    private static partial void LogNotWritten(ILogger logger, Exception exception);
}
