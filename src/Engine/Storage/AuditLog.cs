using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Rollcall.Shared;

namespace Rollcall.Engine.Storage;

/// <summary>What to look for. Null: anything.</summary>
/// <param name="Object">A part of it, e.g. a run's id.</param>
public sealed record AuditFilter(string? Actor = null, string? Action = null, string? Cluster = null, string? Object = null, bool? Refused = null, DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <param name="Next">Ask again with this as <c>before</c> for older ones; null at the end.</param>
public sealed record AuditPage(ImmutableArray<AuditRow> Entries, long? Next, long Matching);

/// <summary>
/// Who saw, proposed, approved, started, refused …: append-only, hash-chained, in the same file and through the same writer as the journal. What a person does to a run is written in the transaction of the journal line itself.
/// </summary>
public sealed class AuditLog(Database database, TimeProvider time)
{
    /// <summary>The same refusal again within this time is not news.</summary>
    private static readonly TimeSpan RefusalGrain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SightGrain = TimeSpan.FromHours(12);
    private const int MostRemembered = 20_000;
    private const int Batch = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string, string, string, string), DateTimeOffset> _lately = [];
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version;

    /// <summary>Grows with what is written here; what comes with a journal line moves that run's cursor instead.</summary>
    public long Version { get { lock (_gate) return _version; } }

    public Task WhenAfterAsync(long version, CancellationToken ct)
    {
        lock (_gate)
            return _version > version ? Task.CompletedTask : _moved.Task.WaitAsync(ct);
    }

    /// <summary>Completes when it is on disk.</summary>
    public async Task WriteAsync(params ImmutableArray<AuditEntry> entries)
    {
        var at = time.GetUtcNow();
        await database.WriteAsync(db => Append(db, at, entries));
        TaskCompletionSource moved;
        lock (_gate)
        {
            _version++;
            moved = _moved;
            _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        moved.TrySetResult();
    }

    /// <summary>A refusal worth knowing; the same one again within a minute is dropped, so that nobody can flood the log.</summary>
    public Task RefusedAsync(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return IsNews(entry, RefusalGrain) ? WriteAsync(entry with { Refused = true }) : Task.CompletedTask;
    }

    /// <summary>Somebody who decides has looked at it; once in twelve hours for one plan.</summary>
    public Task SawAsync(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return IsNews(entry, SightGrain) ? WriteAsync(entry) : Task.CompletedTask;
    }

    /// <summary>Adds to the chain inside a transaction of the one writer. Nobody else writes, so the last entry is the last.</summary>
    internal static void Append(RollcallDb db, DateTimeOffset at, IReadOnlyCollection<AuditEntry> entries)
    {
        if (entries.Count == 0)
            return;
        var last = db.ChangeTracker.Entries<AuditRow>().Select(e => e.Entity).MaxBy(r => r.Seq) ?? db.Set<AuditRow>().AsNoTracking().OrderByDescending(a => a.Seq).FirstOrDefault();
        foreach (var entry in entries)
        {
            var row = new AuditRow
            {
                Seq = (last?.Seq ?? 0) + 1, At = at, Action = entry.Action, Refused = entry.Refused, Actor = entry.Actor, Via = entry.Via, Address = entry.Address, Object = entry.Object, Cluster = entry.Cluster,
                PlanHash = entry.PlanHash, Reason = entry.Reason, Previous = last?.Hash ?? "", Hash = "",
            };
            row.Hash = AuditChain.Hash(row);
            db.Add(row);
            last = row;
        }
    }

    /// <summary>Newest first.</summary>
    public async Task<AuditPage> FindAsync(AuditFilter filter, long? before, int limit, CancellationToken ct)
    {
        await using var db = database.Read();
        var matching = Apply(db.Set<AuditRow>(), filter);
        var count = await matching.LongCountAsync(ct);
        var rows = await (before is { } b ? matching.Where(a => a.Seq < b) : matching).OrderByDescending(a => a.Seq).Take(limit + 1).ToListAsync(ct);
        return new AuditPage([.. rows.Take(limit)], rows.Count > limit ? rows[limit - 1].Seq : null, count);
    }

    /// <summary>Everything that matches, oldest first, a thousand at a time: no reader keeps the file open for as long as somebody downloads.</summary>
    public async IAsyncEnumerable<AuditRow> ExportAsync(AuditFilter filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        long after = 0;
        while (true)
        {
            List<AuditRow> rows;
            await using (var db = database.Read())
                rows = await Apply(db.Set<AuditRow>(), filter).Where(a => a.Seq > after).OrderBy(a => a.Seq).Take(Batch).ToListAsync(ct);
            foreach (var row in rows)
                yield return row;
            if (rows.Count < Batch)
                yield break;
            after = rows[^1].Seq;
        }
    }

    /// <summary>Names that occur, for filters.</summary>
    public async Task<(ImmutableArray<string> Actors, ImmutableArray<string> Actions, ImmutableArray<string> Clusters)> NamesAsync(CancellationToken ct)
    {
        await using var db = database.Read();
        var rows = db.Set<AuditRow>();
        return ([.. await rows.Select(a => a.Actor).Distinct().OrderBy(a => a).Take(500).ToListAsync(ct)], [.. await rows.Select(a => a.Action).Distinct().OrderBy(a => a).ToListAsync(ct)],
            [.. await rows.Where(a => a.Cluster != "").Select(a => a.Cluster).Distinct().OrderBy(a => a).Take(500).ToListAsync(ct)]);
    }

    /// <summary>Reads the whole chain; about a second for a hundred thousand entries.</summary>
    public Task<AuditVerdict> VerifyAsync((long Seq, string Hash)? head, CancellationToken ct) => Task.Run(() =>
    {
        using var db = database.Read();
        return AuditChain.Verify(InOrder(db, ct), head);
    }, ct);

    /// <summary>The same from the file alone, also while a dashboard works on it; nothing is written.</summary>
    /// <exception cref="DatabaseRefusedException">There is no log in the file.</exception>
    public static AuditVerdict VerifyFile(string connectionString, (long Seq, string Hash)? head)
    {
        var path = Database.PathOf(connectionString);
        if (!File.Exists(path))
            throw new DatabaseRefusedException($"There is no database {path}.");
        var options = new DbContextOptionsBuilder<RollcallDb>().UseSqlite(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString()).Options;
        using var db = new RollcallDb(options);
        try
        {
            return AuditChain.Verify(InOrder(db, CancellationToken.None), head);
        }
        catch (SqliteException e)
        {
            throw new DatabaseRefusedException($"The audit log in {path} cannot be read: {e.Message}", e);
        }
    }

    private static IEnumerable<AuditRow> InOrder(RollcallDb db, CancellationToken ct)
    {
        foreach (var row in db.Set<AuditRow>().AsNoTracking().OrderBy(a => a.Seq).AsEnumerable())
        {
            ct.ThrowIfCancellationRequested();
            yield return row;
        }
    }

    private static IQueryable<AuditRow> Apply(IQueryable<AuditRow> rows, AuditFilter filter)
    {
        if (filter.Actor is { } actor)
            rows = rows.Where(a => a.Actor == actor);
        if (filter.Action is { } action)
            rows = rows.Where(a => a.Action == action);
        if (filter.Cluster is { } cluster)
            rows = rows.Where(a => a.Cluster == cluster);
        if (filter.Object is { } what)
            rows = rows.Where(a => a.Object.Contains(what));
        if (filter.Refused is { } refused)
            rows = rows.Where(a => a.Refused == refused);
        if (filter.From is { } from)
            rows = rows.Where(a => a.At >= from);
        if (filter.To is { } to)
            rows = rows.Where(a => a.At < to);
        return rows;
    }

    private bool IsNews(AuditEntry entry, TimeSpan grain)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_lately.Count >= MostRemembered)
                foreach (var old in _lately.Where(l => now - l.Value >= RefusalGrain).Select(l => l.Key).ToArray())
                    _lately.Remove(old);
            var key = (entry.Actor, entry.Action, $"{entry.Object} {entry.PlanHash}", entry.Reason);
            if (_lately.TryGetValue(key, out var last) && now - last < grain)
                return false;
            _lately[key] = now;
            return true;
        }
    }
}
