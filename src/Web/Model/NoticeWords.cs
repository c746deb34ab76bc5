using Rollcall.Engine.Notifying;
using Rollcall.Engine.Storage;

namespace Rollcall.Web.Model;

/// <summary>Notifications in words.</summary>
public static class NoticeWords
{
    /// <summary>As part of a list: "Told of approvals needed, halts …".</summary>
    public static string Kind(string kind) => kind switch
    {
        NoticeKinds.ApprovalNeeded => "runs that wait for approval",
        NoticeKinds.ApprovalDue => "gates whose deadline comes near",
        NoticeKinds.GateBypassed => "gates that were bypassed",
        NoticeKinds.Halted => "runs that are paused",
        NoticeKinds.HeldLong => "clusters held for more than an hour",
        NoticeKinds.RollbackStarted => "rollbacks",
        NoticeKinds.Finished => "ends of runs",
        _ => kind,
    };

    public static string Title(string kind) => kind switch
    {
        NoticeKinds.ApprovalNeeded => "Approval needed",
        NoticeKinds.ApprovalDue => "Approval due",
        NoticeKinds.GateBypassed => "Gate bypassed",
        NoticeKinds.Halted => "Paused",
        NoticeKinds.HeldLong => "Held for long",
        NoticeKinds.RollbackStarted => "Rollback started",
        NoticeKinds.Finished => "Finished",
        NoticeKinds.Test => "Test",
        _ => kind,
    };

    public static string State(NoticeView notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        return notice.State switch
        {
            NoticeState.Delivered => notice.Tries == 1 ? "delivered" : $"delivered, try {notice.Tries}",
            NoticeState.Dead => "given up",
            _ => notice.Tries == 0 ? "to be sent" : $"not taken, {(notice.Tries == 1 ? "tried once" : $"tried {notice.Tries} times")}",
        };
    }

    public static string Tone(NoticeView notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        return notice.State switch { NoticeState.Delivered => "ok", NoticeState.Dead => "bad", _ => notice.Tries == 0 ? "idle" : "wait" };
    }
}
