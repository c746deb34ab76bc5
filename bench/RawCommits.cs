using Microsoft.Data.Sqlite;

namespace Rollcall.Bench;

/// <summary>One event a commit with the raw driver, synchronous=FULL: what the journal's figures stand beside.</summary>
internal sealed class RawCommits : IDisposable
{
    private readonly SqliteConnection _connection;

    public RawCommits(string file)
    {
        _connection = new SqliteConnection($"Data Source={file}");
        _connection.Open();
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        Execute("CREATE TABLE e (id INTEGER PRIMARY KEY, data TEXT)");
    }

    public void Commit() => Execute("INSERT INTO e (data) VALUES ('orders-a-1 is evicted; its controller creates it anew.')");

    public void Dispose() => _connection.Dispose();

    /// <summary>Before the folder is deleted: the driver keeps files open in its pool.</summary>
    public static void Close() => SqliteConnection.ClearAllPools();

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
