using Microsoft.Data.Sqlite;

namespace Rollcall.Engine.Storage;

/// <summary>
/// What is looked at before anything is written: that no other process works on the file, that SQLite finds it sound, and that its schema is one this build knows.
/// </summary>
internal static class DatabaseFile
{
    private const string History = "__EFMigrationsHistory";
    private const string Lock = "__EFMigrationsLock";

    /// <summary>Takes the file for this process. The lock is the operating system's: it ends with the process, however that ends.</summary>
    public static FileStream Take(string path)
    {
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
                Directory.CreateDirectory(folder);
            var held = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            held.SetLength(0);
            held.Write(System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
            held.Flush();
            return held;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DatabaseRefusedException($"The database {path} cannot be opened for writing: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new DatabaseRefusedException($"Another Rollcall already works on the database {path}; stop it, or give this one a database of its own (Rollcall__Database).", e);
        }
    }

    /// <summary>Reads the file without writing to it; throws <see cref="DatabaseRefusedException"/> for one that must not be used.</summary>
    public static void Check(string path, IReadOnlyCollection<string> known)
    {
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
            return;
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            connection.Open();
            var verdict = Ask(connection, "PRAGMA quick_check(1)").FirstOrDefault() ?? "no answer";
            if (verdict != "ok")
                throw new DatabaseRefusedException($"The database {path} is corrupt ({verdict}); put a backup in its place, or move it away to start with an empty one. It was not touched.");
            var tables = Ask(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
            if (!tables.Contains(History, StringComparer.Ordinal))
            {
                if (tables.Exists(t => t != Lock))
                    throw new DatabaseRefusedException($"The file {path} is a database of another program (tables {string.Join(", ", tables.Take(3))}); it was not touched.");
                return;
            }
            var newer = Ask(connection, $"SELECT MigrationId FROM \"{History}\" ORDER BY MigrationId").Except(known, StringComparer.Ordinal).ToList();
            if (newer.Count > 0)
                throw new DatabaseRefusedException($"The database {path} was written by a newer Rollcall (it has {string.Join(", ", newer)}, which this build does not know); start that version, or use another database. It was not touched.");
        }
        catch (SqliteException e)
        {
            throw new DatabaseRefusedException($"The file {path} is not a sound SQLite database ({e.Message.TrimEnd('.')}); put a backup in its place, or move it away to start with an empty one. It was not touched.", e);
        }
    }

    /// <summary>A process killed while migrating leaves its lock row behind, and EF would wait for it for ever. We hold the file: nobody can be migrating.</summary>
    public static void ClearStaleMigrationLock(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"DROP TABLE IF EXISTS \"{Lock}\"";
        command.ExecuteNonQuery();
    }

    private static List<string> Ask(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the constants above.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(reader.GetString(0));
        return rows;
    }
}
