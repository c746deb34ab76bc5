using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Rollcall.Engine.Storage;

/// <summary>
/// The only writer. Units of work queue up while a commit is being flushed to disk and go into the next transaction together, so that synchronous=FULL costs one flush for many appends.
/// A unit that fails (a unique index, an exception) is taken back alone, by its savepoint; the others of its group commit. A unit's task completes when it is on disk.
/// </summary>
internal sealed partial class GroupCommit : IAsyncDisposable
{
    private const int MostUnits = 512;
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BusyLimit = TimeSpan.FromSeconds(30);

    private readonly Channel<Unit> _queue = Channel.CreateUnbounded<Unit>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Func<RollcallDb> _open;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Task _loop;
    private long _commits;

    public GroupCommit(Func<RollcallDb> open, TimeProvider time, ILogger log)
    {
        (_open, _time, _log) = (open, time, log);
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Transactions committed so far; fewer than units when the group works.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary><paramref name="work"/> may run more than once (a busy file repeats the whole group), so it must do nothing but read and change the context.</summary>
    public Task<T> WriteAsync<T>(Func<RollcallDb, T> work)
    {
        var unit = new Unit<T>(work);
        if (!_queue.Writer.TryWrite(unit))
            throw new ObjectDisposedException(nameof(Database), "The database is closed.");
        return unit.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    private async Task LoopAsync()
    {
        var group = new List<Unit>();
        var db = _open();
        try
        {
            while (await _queue.Reader.WaitToReadAsync())
            {
                group.Clear();
                while (group.Count < MostUnits && _queue.Reader.TryRead(out var unit))
                    group.Add(unit);
                try
                {
                    await CommitAsync(db, group);
                    foreach (var unit in group)
                        unit.Committed();
                }
#pragma warning disable CA1031 // Whatever went wrong is handed to every caller of the group; the loop goes on for the next.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    LogFailed(_log, e, group.Count);
                    await db.DisposeAsync();
                    db = _open();
                    foreach (var unit in group)
                        unit.Failed(e);
                }
            }
        }
        finally
        {
            await db.DisposeAsync();
        }
    }

    private async Task CommitAsync(RollcallDb db, List<Unit> group)
    {
        var began = _time.GetTimestamp();
        for (;;)
        {
            try
            {
                await using (var transaction = await db.Database.BeginTransactionAsync())
                {
                    foreach (var unit in group)
                    {
                        db.ChangeTracker.Clear();
                        unit.Apply(db);
                    }
                    db.ChangeTracker.Clear();
                    await transaction.CommitAsync();
                }
                Interlocked.Increment(ref _commits);
                return;
            }
            // SQLITE_BUSY or SQLITE_LOCKED: somebody has the file open (a backup, a shell). The driver has waited its own time-out already.
            catch (SqliteException e) when (e.SqliteErrorCode is 5 or 6 && _time.GetElapsedTime(began) < BusyLimit)
            {
                db.ChangeTracker.Clear();
                LogBusy(_log, e.Message);
                await Task.Delay(BusyPause, _time);
            }
        }
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Warning, Message = "The database is busy ({Message}); the writes are repeated")]
    private static partial void LogBusy(ILogger logger, string message);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Error, Message = "A transaction of {Units} writes failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, int units);

    private abstract class Unit
    {
        public abstract void Apply(RollcallDb db);
        public abstract void Committed();
        public abstract void Failed(Exception e);

        protected static bool Busy(Exception e) => (e as SqliteException ?? e.InnerException as SqliteException) is { SqliteErrorCode: 5 or 6 };
    }

    private sealed class Unit<T>(Func<RollcallDb, T> work) : Unit
    {
        private const string Savepoint = "unit";
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _value;
        private Exception? _error;

        public Task<T> Task => _done.Task;

        public override void Apply(RollcallDb db)
        {
            (_value, _error) = (default, null);
            var transaction = db.Database.CurrentTransaction!;
            transaction.CreateSavepoint(Savepoint);
            try
            {
                _value = work(db);
                db.SaveChanges();
                transaction.ReleaseSavepoint(Savepoint);
            }
            catch (Exception e) when (!Busy(e))
            {
                _error = e;
                db.ChangeTracker.Clear();
                transaction.RollbackToSavepoint(Savepoint);
            }
        }

        public override void Committed()
        {
            if (_error is not null)
                _done.TrySetException(_error);
            else
                _done.TrySetResult(_value!);
        }

        public override void Failed(Exception e) => _done.TrySetException(_error ?? e);
    }
}
