using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Notifying;
using Rollcall.Shared;

namespace Rollcall.Engine.Storage;

/// <summary>One line as it stands in the journal.</summary>
public readonly record struct JournalEntry(long Seq, DateTimeOffset At, RunEvent Event);

/// <summary>Lines for one run that are written together or not at all.</summary>
public sealed record JournalBatch(string Run, long FirstSeq, DateTimeOffset At, ImmutableArray<RunEvent> Events)
{
    /// <summary>The person who caused these lines: how they came in, and from where, for the audit log.</summary>
    public Caller? By { get; init; }
}

/// <summary>
/// Plans, runs and what they did. Every write is one transaction and complete when it is on disk; that is what "intent before act" rests on.
/// </summary>
/// <param name="outbox">Who outside is told of it, in the same transaction; null: nobody.</param>
public sealed class Journal(Database database, NoticeOutbox? outbox = null)
{
    /// <summary>Appends one batch or several (of different runs) in one transaction. A seq that exists already is an error: somebody else wrote this run.</summary>
    public async Task AppendAsync(params ImmutableArray<JournalBatch> batches)
    {
        await database.WriteAsync(db =>
        {
            foreach (var batch in batches)
                Add(db, batch);
        });
        outbox?.Committed(batches);
    }

    /// <param name="audit">Who proposed it; written with it.</param>
    public Task StorePlanAsync(Plan plan, AuditEntry? audit = null) => database.WriteAsync(db =>
    {
        db.Add(ToRow(plan));
        if (audit is not null)
            AuditLog.Append(db, plan.CreatedAt, [audit]);
    });

    /// <summary>
    /// Stores a run with its first lines, and the last of a run that it takes obligations over from. Null when it was stored; the id of the active run when the cluster has one already.
    /// </summary>
    public async Task<string?> CreateRunAsync(RunRow run, JournalBatch first, JournalBatch? last = null)
    {
        try
        {
            var occupied = await database.WriteAsync(db =>
            {
                if (ActiveRun(db, run.Origin, run.Cluster) is { } other)
                    return other;
                if (last is not null)
                    Add(db, last);
                db.Add(run);
                Add(db, first);
                return null;
            });
            if (occupied is null)
                outbox?.Committed(last is null ? [first] : [first, last]);
            return occupied;
        }
        catch (DbUpdateException e) when (e.InnerException is SqliteException { SqliteExtendedErrorCode: 2067 })
        {
            using var db = database.Read();
            return ActiveRun(db, run.Origin, run.Cluster) ?? throw new InvalidOperationException($"Run {run.Id} could not be stored.", e);
        }
    }

    /// <summary>
    /// The rollback takes over: its plan, its run, the end of the forward run and every obligation passed on, in one transaction. There is no moment at which nobody, or both, own the cluster.
    /// </summary>
    public async Task HandOverAsync(Plan plan, RunRow next, JournalBatch first, ImmutableArray<JournalBatch> last)
    {
        await database.WriteAsync(db =>
        {
            db.Add(ToRow(plan));
            foreach (var batch in last)
                Add(db, batch);
            // The end of the old run frees the cluster in the unique index before the new one takes it.
            db.SaveChanges();
            db.Add(next);
            Add(db, first);
        });
        outbox?.Committed([first, .. last]);
    }

    public ImmutableArray<JournalEntry> Load(string run)
    {
        using var db = database.Read();
        return [.. db.Set<EventRow>().Where(e => e.Run == run).OrderBy(e => e.Seq).AsEnumerable().Select(e => new JournalEntry(e.Seq, e.At, JournalJson.ReadEvent(e.Data)))];
    }

    public async Task<ImmutableArray<RunEventView>> EventsAsync(string run, long after, int limit, CancellationToken ct)
    {
        await using var db = database.Read();
        var rows = await db.Set<EventRow>().Where(e => e.Run == run && e.Seq > after).OrderBy(e => e.Seq).Take(limit).ToListAsync(ct);
        return [.. rows.Select(ToView)];
    }

    public Plan? FindPlan(string id)
    {
        using var db = database.Read();
        var json = db.Set<PlanRow>().Where(p => p.Id == id).Select(p => p.Json).FirstOrDefault();
        return json is null ? null : JournalJson.ReadPlan(json);
    }

    /// <summary>A stored plan of this cluster with this hash, for telling how it differs from another.</summary>
    public Plan? FindPlanByHash(ClusterKey cluster, string hash)
    {
        var name = cluster.ToString();
        using var db = database.Read();
        var json = db.Set<PlanRow>().Where(p => p.Cluster == name && p.Hash == hash).Select(p => p.Json).FirstOrDefault();
        return json is null ? null : JournalJson.ReadPlan(json);
    }

    public RunRow? FindRun(string id)
    {
        using var db = database.Read();
        return db.Set<RunRow>().FirstOrDefault(r => r.Id == id);
    }

    /// <summary>Newest first.</summary>
    public ImmutableArray<RunRow> Runs(int most)
    {
        using var db = database.Read();
        return [.. db.Set<RunRow>().OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id).Take(most)];
    }

    public ImmutableArray<RunRow> UnfinishedRuns()
    {
        using var db = database.Read();
        return [.. db.Set<RunRow>().Where(r => r.EndedAt == null).OrderBy(r => r.CreatedAt)];
    }

    /// <summary>The runs that rolled this one back, newest first.</summary>
    public ImmutableArray<RunRow> RollbacksOf(string run)
    {
        using var db = database.Read();
        return [.. db.Set<RunRow>().Where(r => r.RollbackOf == run).OrderByDescending(r => r.CreatedAt)];
    }

    public Task StoreSummaryAsync(string run, RunView summary)
    {
        var json = JsonSerializer.Serialize(summary, JournalJson.Options);
        return database.WriteAsync(db => { db.Set<RunRow>().Where(r => r.Id == run).ExecuteUpdate(s => s.SetProperty(r => r.Summary, json)); });
    }

    public static RunView? ReadSummary(RunRow row) => row.Summary is null ? null : JsonSerializer.Deserialize<RunView>(row.Summary, JournalJson.Options);

    private static string? ActiveRun(RollcallDb db, string origin, string cluster) =>
        db.Set<RunRow>().Where(r => r.Origin == origin && r.Cluster == cluster && r.EndedAt == null).Select(r => r.Id).FirstOrDefault();

    private void Add(RollcallDb db, JournalBatch batch)
    {
        var seq = batch.FirstSeq;
        foreach (var e in batch.Events)
        {
            db.Add(new EventRow { Run = batch.Run, Seq = seq++, At = batch.At, Type = e.GetType().Name, Step = e.StepId, Actor = e.Actor, Data = JournalJson.Write(e) });
            if (e is RunFinished end)
                db.Set<RunRow>().Where(r => r.Id == batch.Run && r.EndedAt == null).ExecuteUpdate(s => s.SetProperty(r => r.EndedAt, batch.At).SetProperty(r => r.Final, end.State));
        }
        AuditLog.Append(db, batch.At, JournalAudit.Of(db, batch));
        outbox?.Add(db, batch);
    }

    private static PlanRow ToRow(Plan plan) => new()
    {
        Id = plan.Id, Hash = plan.Hash, Cluster = plan.Cluster.ToString(), Name = plan.Spec.Name, SpecText = plan.SpecText, Json = JournalJson.Write(plan),
        RollbackOf = plan.RollbackOf, CreatedBy = plan.CreatedBy, CreatedAt = plan.CreatedAt,
    };

    private static RunEventView ToView(EventRow row)
    {
        using var document = JsonDocument.Parse(row.Data);
        return new RunEventView(row.Seq, row.At, row.Type, row.Step, row.Actor, document.RootElement.Clone());
    }
}
