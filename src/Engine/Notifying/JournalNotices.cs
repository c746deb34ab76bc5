using System.Collections.Immutable;
using System.Globalization;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Notifying;

/// <summary>Which journal lines somebody outside is told of, and in what words.</summary>
internal static class JournalNotices
{
    /// <summary>Null: it is no news outside.</summary>
    public static string? KindOf(RunEvent e) => e switch
    {
        GateOpened => NoticeKinds.ApprovalNeeded,
        GateReminded => NoticeKinds.ApprovalDue,
        GateBypassed => NoticeKinds.GateBypassed,
        RunPaused => NoticeKinds.Halted,
        RunStarted => NoticeKinds.RollbackStarted, // of a run that goes back; others are left out below
        RunFinished => NoticeKinds.Finished,
        _ => null,
    };

    /// <summary>One for each line worth it. The key is the line's own place in the journal, so the same line can never be told twice.</summary>
    public static IEnumerable<NoticeBody> Of(RollcallDb db, JournalBatch batch, NoticeOptions options)
    {
        Scene? scene = null;
        for (var i = 0; i < batch.Events.Length; i++)
        {
            var e = batch.Events[i];
            if (KindOf(e) is not { } kind || !options.Wants(kind))
                continue;
            scene ??= Scene.Of(db, batch.Run, options.PublicUrl);
            if (scene is null || (e is RunStarted && scene.Plan.Direction == Direction.Forward))
                continue;
            yield return Tell(e, kind, scene, batch, string.Create(CultureInfo.InvariantCulture, $"{batch.Run}-{batch.FirstSeq + i}"));
        }
    }

    /// <summary>The run as its notifications name it; null for one that is not stored here.</summary>
    public static NoticeRun? RunOf(RollcallDb db, string run, string publicUrl) => Scene.Of(db, run, publicUrl)?.Run;

    private static NoticeBody Tell(RunEvent e, string kind, Scene scene, JournalBatch batch, string key)
    {
        var run = $"Run {scene.Run.Id} ({scene.Run.Plan}) on {scene.Cluster}";
        (GateOpened Event, DateTimeOffset At)? opened = e switch { GateOpened g => (g, batch.At), GateReminded g => scene.Opened(g.Gate), GateBypassed g => scene.Opened(g.Gate), _ => null };
        var gate = opened is { } asked ? scene.Gate(asked.Event, asked.At) : null;
        var body = new NoticeBody { Id = key, Kind = kind, At = batch.At, Text = "", Cluster = scene.Cluster, Run = scene.Run, Actor = e.Actor, Gate = gate };
        return e switch
        {
            GateOpened => body with { Text = $"{run} waits for {Approvals(gate!)} at {Named(gate!)}{Until(gate!)}." },
            GateReminded g => body with { Text = gate is null ? $"{run} still waits for approval at gate {g.Gate}; its deadline comes near." : $"{run} still waits for {Approvals(gate)} at {Named(gate)}{Until(gate)}." },
            GateBypassed g => body with { Text = $"{e.Actor} bypassed {(gate is null ? $"gate {g.Gate}" : Named(gate))} of {Lower(run)} without its quorum: {g.Comment.TrimEnd('.')}.", Reason = new NoticeReason(g.Comment, null, null) },
            RunPaused p => body with { Text = $"{run} is paused: {p.Reason.Text}", Reason = Why(p.Reason) },
            RunStarted => body with { Text = $"{run}: {e.Actor} takes run {scene.Run.RollbackOf} back." },
            RunFinished f => Outcome(f, scene.Plan.Direction) is var outcome ? body with { Outcome = outcome, Text = $"{run} ended: {outcome.Replace('-', ' ')}. {f.Reason.Text}", Reason = Why(f.Reason) } : body,
            _ => throw new InvalidOperationException($"{e.GetType().Name} has no words."),
        };
    }

    private static string Outcome(RunFinished f, Direction direction) => f.State switch
    {
        RunState.Succeeded => direction == Direction.Rollback ? "rolled-back" : "succeeded",
        RunState.Aborted => "aborted",
        _ => "failed",
    };

    private static NoticeReason Why(Reason reason) => new(reason.Text, reason.Rule.Length > 0 ? reason.Rule : null, reason.Next);

    private static string Approvals(NoticeGate gate) =>
        $"{gate.Approvals} {(gate.Approvals == 1 ? "approval" : "approvals")}{(gate.Groups.IsEmpty ? "" : $" ({string.Join(", ", gate.Groups)} must be among them)")}";

    private static string Named(NoticeGate gate) => $"the gate before “{gate.Stage}”{(gate.Shard is null ? "" : $" in {gate.Shard}")}";

    private static string Until(NoticeGate gate) =>
        gate.Deadline is { } deadline ? string.Create(CultureInfo.InvariantCulture, $", until {deadline.UtcDateTime:yyyy-MM-dd HH:mm} UTC, then: {gate.OnDeadline}") : "";

    private static string Lower(string run) => string.Concat("r", run.AsSpan(1));

    /// <summary>The run and its plan, read once for all lines of a batch.</summary>
    private sealed record Scene(string Cluster, Plan Plan, NoticeRun Run, RollcallDb Db)
    {
        public static Scene? Of(RollcallDb db, string run, string publicUrl)
        {
            if (db.Set<RunRow>().Find(run) is not { } row || db.Set<PlanRow>().Find(row.PlanId) is not { } stored)
                return null;
            var plan = JournalJson.ReadPlan(stored.Json);
            var path = $"/runs/{row.Id}";
            return new Scene(row.Cluster, plan, new NoticeRun(row.Id, stored.Name, stored.Hash, path, publicUrl.Length > 0 ? publicUrl.TrimEnd('/') + path : null, row.RollbackOf), db);
        }

        public NoticeGate Gate(GateOpened gate, DateTimeOffset opened)
        {
            var spec = Plan.Components.FirstOrDefault(c => c.Name == gate.Component)?.Stages.FirstOrDefault(s => s.Name == gate.Stage)?.Gate ?? new GateSpec();
            return new NoticeGate(gate.Gate, gate.Component, gate.Stage, gate.Shard, spec.Approvals, spec.Groups, opened + spec.Deadline, spec.OnDeadline);
        }

        /// <summary>When and where the gate was opened; lines of this very transaction count too.</summary>
        public (GateOpened Event, DateTimeOffset At)? Opened(string gate)
        {
            var rows = Db.ChangeTracker.Entries<EventRow>().Select(e => e.Entity).Where(e => e.Run == Run.Id && e.Type == nameof(GateOpened)).ToList();
            rows.AddRange(Db.Set<EventRow>().Where(e => e.Run == Run.Id && e.Type == nameof(GateOpened)));
            foreach (var row in rows.OrderByDescending(r => r.Seq))
                if (JournalJson.ReadEvent(row.Data) is GateOpened opened && opened.Gate == gate)
                    return (opened, row.At);
            return null;
        }
    }
}
