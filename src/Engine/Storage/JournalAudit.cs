using System.Text.Json;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Storage;

/// <summary>
/// The audit entry of a journal line. Every line that a person caused has one, also of kinds that are not named here: what is not known is written under its own name rather than left out.
/// </summary>
internal static class JournalAudit
{
    public static AuditEntry[] Of(RollcallDb db, JournalBatch batch)
    {
        var caused = batch.Events.Where(e => e.Actor != Caller.System.Name && e is not (ObligationTaken or ObligationReturned or RunFinished)).ToArray();
        if (caused.Length == 0)
            return [];
        var run = db.Set<RunRow>().Find(batch.Run);
        var hash = run is null ? "" : db.Set<PlanRow>().Where(p => p.Id == run.PlanId).Select(p => p.Hash).FirstOrDefault() ?? "";
        return [.. caused.Select(e => Of(e, batch, run, hash))];
    }

    private static AuditEntry Of(RunEvent e, JournalBatch batch, RunRow? run, string hash)
    {
        using var json = JsonDocument.Parse(JournalJson.Write(e));
        var by = batch.By is { } caller && caller.Name == e.Actor ? caller : null;
        var gate = Text(json.RootElement, "gate");
        return new AuditEntry
        {
            Action = ActionOf(e), Actor = e.Actor, Via = by?.Via ?? "", Address = by?.Address ?? "", Object = gate is null ? $"run {batch.Run}" : $"run {batch.Run} gate {gate}", Cluster = run?.Cluster ?? "",
            PlanHash = Text(json.RootElement, "planHash") ?? hash, Reason = ReasonOf(e, json.RootElement, run),
        };
    }

    private static string ActionOf(RunEvent e) => e switch
    {
        RunStarted => AuditActions.Start,
        GateApproved => AuditActions.Approve,
        GateRejected => AuditActions.Reject,
        RunPaused => AuditActions.Pause,
        RunResumed { Retry: true } => AuditActions.Retry,
        RunResumed => AuditActions.Resume,
        StopAfterMemberRequested => AuditActions.StopAfterMember,
        AbortRequested => AuditActions.Abort,
        RollbackRequested => AuditActions.RollBack,
        _ when e.GetType().Name.Contains("Bypass", StringComparison.Ordinal) => AuditActions.Bypass,
        _ => Dashed(e.GetType().Name),
    };

    private static string ReasonOf(RunEvent e, JsonElement json, RunRow? run) => e switch
    {
        RunStarted when run?.RollbackOf is { } forward => $"Takes run {forward} back.",
        StopAfterMemberRequested stop => stop.On ? stop.Comment : stop.Comment.Length > 0 ? $"taken back: {stop.Comment}" : "taken back",
        RollbackRequested back => back.Comment.Length > 0 ? $"{back.Comment} (run {back.RollbackRun})" : $"by run {back.RollbackRun}",
        RunPaused paused => paused.Reason.Text,
        _ => Text(json, "comment") ?? Text(json, "reason") ?? "",
    };

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>"GateExtended" is written "gate-extended".</summary>
    private static string Dashed(string name) => string.Concat(name.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}
