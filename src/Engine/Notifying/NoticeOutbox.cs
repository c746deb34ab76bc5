using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Notifying;

/// <summary>How a delivery stands, without what was sent.</summary>
/// <param name="Outcome">What the receiver answered last, in words.</param>
public sealed record NoticeView(string Key, string Kind, DateTimeOffset At, string Cluster, string? Run, string Text, NoticeState State, int Tries, DateTimeOffset? TriedAt, DateTimeOffset? NextAt, string Outcome);

/// <summary>
/// Notifications that are owed. A journal line and what tells of it are one transaction; whoever sends takes them from here, and what was answered is written back here. So a kill loses nothing, and what was sent and not yet
/// written down is sent again under the same key.
/// </summary>
public sealed class NoticeOutbox(Database database, NoticeOptions options, TimeProvider time)
{
    /// <summary>Tries before it is given up; with the pauses between, a little over an hour.</summary>
    public const int MostTries = 12;
    /// <summary>Delivered ones are kept this long, to be looked at.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(15);

    private readonly Cursor _moved = new();
    private readonly ConcurrentDictionary<(string Kind, string Outcome), long> _tally = new();

    public NoticeOptions Options => options;

    /// <summary>Grows whenever one is written, tried or asked for again.</summary>
    public long Version => _moved.Value;

    public Task WhenAfterAsync(long version, CancellationToken ct) => _moved.WhenAfterAsync(version, ct);

    /// <summary>Tries since the start of this process, by kind and outcome (delivered, failed, dead).</summary>
    public IEnumerable<(string Kind, string Outcome, long Count)> Tally => _tally.Select(t => (t.Key.Kind, t.Key.Outcome, t.Value));

    /// <summary>Inside the transaction of the journal lines.</summary>
    internal void Add(RollcallDb db, JournalBatch batch)
    {
        foreach (var body in JournalNotices.Of(db, batch, options))
            db.Add(Row(body));
    }

    /// <summary>After that transaction: whoever sends may look.</summary>
    internal void Committed(IEnumerable<JournalBatch> batches)
    {
        if (options.On && batches.Any(b => b.Events.Any(e => JournalNotices.KindOf(e) is not null)))
            _moved.Bump();
    }

    /// <summary>A hold has lasted too long. Its key is the hold itself: asking again adds nothing. False when it was known.</summary>
    internal async Task<bool> AddHoldAsync(ClusterKey cluster, Custody held, DateTimeOffset since)
    {
        if (!options.Wants(NoticeKinds.HeldLong))
            return false;
        var key = string.Create(CultureInfo.InvariantCulture, $"hold-{cluster.Namespace}-{cluster.Name}-{since.ToUnixTimeSeconds()}");
        var now = time.GetUtcNow();
        var added = await database.WriteAsync(db =>
        {
            if (db.Set<NoticeRow>().Any(n => n.Key == key))
                return false;
            var run = JournalNotices.RunOf(db, held.Run, options.PublicUrl);
            var minutes = string.Create(CultureInfo.InvariantCulture, $"{Math.Floor((now - since).TotalMinutes):0} minutes");
            db.Add(Row(new NoticeBody
            {
                Id = key, Kind = NoticeKinds.HeldLong, At = now, Cluster = cluster.ToString(), Run = run, Hold = new NoticeHold(held.Owner, since), Actor = Caller.System.Name,
                Text = $"{cluster} has been held for {minutes} by {held.Owner} for run {held.Run}: nothing of it restarts by itself, and its controller rolls nothing out, until it is released.",
            }));
            return true;
        });
        if (added)
            _moved.Bump();
        return added;
    }

    /// <summary>A notification that says nothing but that it arrives.</summary>
    public async Task<NoticeView> AddTestAsync(string actor)
    {
        var now = time.GetUtcNow();
        var row = Row(new NoticeBody { Id = $"test-{Ids.New('n')}", Kind = NoticeKinds.Test, At = now, Actor = actor, Text = $"A test, asked for by {actor}. If you read this, notifications arrive." });
        await database.WriteAsync(db => { db.Add(row); });
        _moved.Bump();
        return View(row);
    }

    /// <summary>Sends one that was given up again, under its own key. Null when there is none of this key; false when it is not given up.</summary>
    public async Task<bool?> AskAgainAsync(string key)
    {
        var now = time.GetUtcNow();
        var asked = await database.WriteAsync(db =>
        {
            if (db.Set<NoticeRow>().FirstOrDefault(n => n.Key == key) is not { } row)
                return (bool?)null;
            if (row.State != NoticeState.Dead)
                return false;
            (row.State, row.Tries, row.NextAt) = (NoticeState.Waiting, 0, now);
            return true;
        });
        if (asked == true)
            _moved.Bump();
        return asked;
    }

    /// <summary>Newest first.</summary>
    public async Task<ImmutableArray<NoticeView>> LatestAsync(int most, CancellationToken ct)
    {
        await using var db = database.Read();
        return [.. (await db.Set<NoticeRow>().OrderByDescending(n => n.Id).Take(most).ToListAsync(ct)).Select(View)];
    }

    public (int Waiting, int Dead) Count()
    {
        using var db = database.Read();
        return (db.Set<NoticeRow>().Count(n => n.State == NoticeState.Waiting), db.Set<NoticeRow>().Count(n => n.State == NoticeState.Dead));
    }

    /// <summary>What is due now, oldest first; and when the next one will be.</summary>
    internal async Task<(List<NoticeRow> Due, DateTimeOffset? NextAt)> DueAsync(int most, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await using var db = database.Read();
        var waiting = db.Set<NoticeRow>().Where(n => n.State == NoticeState.Waiting);
        var due = await waiting.Where(n => n.NextAt <= now).OrderBy(n => n.Id).Take(most).ToListAsync(ct);
        return (due, due.Count > 0 ? now : await waiting.OrderBy(n => n.NextAt).Select(n => (DateTimeOffset?)n.NextAt).FirstOrDefaultAsync(ct));
    }

    /// <summary>Writes down what became of a try.</summary>
    /// <param name="spread">0 to 1; takes up to a fifth off the pause.</param>
    internal async Task TriedAsync(NoticeRow tried, NoticeAnswer answer, double spread)
    {
        var now = time.GetUtcNow();
        var tries = tried.Tries + 1;
        var state = answer.Delivered ? NoticeState.Delivered : tries >= MostTries || answer.Never ? NoticeState.Dead : NoticeState.Waiting;
        var outcome = state == NoticeState.Dead && !answer.Never ? $"{answer.Text} Given up after {tries} tries." : answer.Text;
        var next = now + Pause(tries, answer.RetryAfter, spread);
        await database.WriteAsync(db =>
        {
            if (db.Set<NoticeRow>().Find(tried.Id) is not { } row)
                return;
            (row.State, row.Tries, row.TriedAt, row.NextAt, row.Outcome) = (state, tries, now, next, outcome);
            if (state == NoticeState.Delivered)
            {
                var old = now - Kept;
                db.Set<NoticeRow>().Where(n => n.State == NoticeState.Delivered && n.TriedAt < old).ExecuteDelete();
            }
        });
        _tally.AddOrUpdate((tried.Kind, state switch { NoticeState.Delivered => "delivered", NoticeState.Dead => "dead", _ => "failed" }), 1, (_, n) => n + 1);
        _moved.Bump();
    }

    /// <summary>Doubling from five seconds to a quarter of an hour; longer only if the receiver asks, and never beyond that.</summary>
    internal static TimeSpan Pause(int tries, TimeSpan? retryAfter, double spread)
    {
        var doubled = FirstPause * Math.Pow(2, Math.Clamp(tries - 1, 0, 12));
        var pause = (doubled < LongestPause ? doubled : LongestPause) * (1 - 0.2 * Math.Clamp(spread, 0, 1));
        var asked = retryAfter is { } wish && wish > pause ? wish : pause;
        return asked < LongestPause ? asked : LongestPause;
    }

    private NoticeRow Row(NoticeBody body) => new()
    {
        Key = body.Id, Kind = body.Kind, At = body.At, Cluster = body.Cluster ?? "", Run = body.Run?.Id, Text = body.Text, Body = body.Write(), State = NoticeState.Waiting, NextAt = time.GetUtcNow(),
    };

    private static NoticeView View(NoticeRow n) => new(n.Key, n.Kind, n.At, n.Cluster, n.Run, n.Text, n.State, n.Tries, n.TriedAt, n.State == NoticeState.Waiting ? n.NextAt : null, n.Outcome);
}

/// <summary>What became of one try.</summary>
/// <param name="Never">It will not be taken however often it is sent: our own rules forbid it.</param>
/// <param name="RetryAfter">The receiver's wish.</param>
internal sealed record NoticeAnswer(bool Delivered, string Text, bool Never = false, TimeSpan? RetryAfter = null);
