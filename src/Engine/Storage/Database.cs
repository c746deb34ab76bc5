using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Rollcall.Engine.Storage;

/// <summary>
/// The SQLite file, open: WAL, synchronous=FULL, any number of readers, one writer with group commit. Lives as long as the process; disposing it writes the WAL back and gives the file up.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    public const string Default = "Data Source=./data/rollcall.db";

    private readonly FileStream _lock;
    private readonly DbContextOptions<RollcallDb> _options;
    private readonly GroupCommit _writer;
    private readonly string _connectionString;

    private Database(FileStream held, string path, string connectionString, DbContextOptions<RollcallDb> options, GroupCommit writer)
    {
        (_lock, FilePath, _connectionString, _options, _writer) = (held, path, connectionString, options, writer);
    }

    public string FilePath { get; }

    /// <summary>Transactions committed since the start; the bench divides writes by it.</summary>
    public long Commits => _writer.Commits;

    /// <param name="connectionString">A SQLite connection string, or just the path of a file.</param>
    /// <exception cref="DatabaseRefusedException">The file must not be used; the message says why.</exception>
    public static Database Open(string connectionString, TimeProvider time, ILogger log)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        var builder = Parse(connectionString);
        var path = Path.GetFullPath(builder.DataSource);
        builder.DataSource = path;
        var held = DatabaseFile.Take(path);
        try
        {
            var options = new DbContextOptionsBuilder<RollcallDb>().UseSqlite(builder.ToString()).AddInterceptors(new Pragmas()).Options;
            using (var db = new RollcallDb(options))
            {
                DatabaseFile.Check(path, [.. db.Database.GetMigrations()]);
                db.Database.OpenConnection();
                DatabaseFile.ClearStaleMigrationLock((SqliteConnection)db.Database.GetDbConnection());
                if (db.Database.GetPendingMigrations().Any())
                    db.Database.Migrate();
            }
            return new Database(held, path, builder.ToString(), options, new GroupCommit(() => OpenWriter(options), time, log));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>A context to read with. Dispose it soon: an open reader keeps the WAL from being written back.</summary>
    public RollcallDb Read()
    {
        var db = new RollcallDb(_options);
        db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return db;
    }

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and saves; completes when that is on disk. <paramref name="work"/> may run more than once and must do nothing but read and change the context.
    /// </summary>
    /// <exception cref="DbUpdateException">Its changes break a constraint; they, and they alone, were taken back.</exception>
    public Task<T> WriteAsync<T>(Func<RollcallDb, T> work) => _writer.WriteAsync(work);

    public Task WriteAsync(Action<RollcallDb> work) => _writer.WriteAsync(db =>
    {
        work(db);
        return true;
    });

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await using (var connection = new SqliteConnection(_connectionString))
        {
            await connection.OpenAsync();
            await using var checkpoint = connection.CreateCommand();
            checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            await checkpoint.ExecuteNonQueryAsync();
            SqliteConnection.ClearPool(connection);
        }
        await _lock.DisposeAsync();
    }

    /// <summary>The file that a connection string names, absolute.</summary>
    /// <exception cref="DatabaseRefusedException">It names none.</exception>
    public static string PathOf(string connectionString) => Path.GetFullPath(Parse(connectionString).DataSource);

    private static RollcallDb OpenWriter(DbContextOptions<RollcallDb> options)
    {
        var db = new RollcallDb(options);
        db.Database.OpenConnection();
        return db;
    }

    private static SqliteConnectionStringBuilder Parse(string text)
    {
        try
        {
            var builder = text.Contains('=', StringComparison.Ordinal) ? new SqliteConnectionStringBuilder(text) : new SqliteConnectionStringBuilder { DataSource = text };
            if (builder.DataSource.Length == 0 || builder.DataSource == ":memory:" || builder.Mode == SqliteOpenMode.Memory)
                throw new DatabaseRefusedException($"Rollcall__Database must name a file (\"Data Source=./data/rollcall.db\"); \"{text}\" does not.");
            // The driver waits for a lock by blocking a thread; five seconds of that is enough, the writer repeats.
            builder.DefaultTimeout = 5;
            return builder;
        }
        catch (ArgumentException e)
        {
            throw new DatabaseRefusedException($"Rollcall__Database is not a SQLite connection string: {e.Message}", e);
        }
    }

    /// <summary>FULL, because an acknowledged intent must outlive a power cut; WAL, because readers must not wait for it.</summary>
    private sealed class Pragmas : DbConnectionInterceptor
    {
        private const string Text = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;";

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = connection.CreateCommand();
            command.CommandText = Text;
            command.ExecuteNonQuery();
        }

        public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = Text;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
