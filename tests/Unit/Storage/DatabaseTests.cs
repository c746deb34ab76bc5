using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Rollcall.Engine.Storage;
using Xunit;

namespace Rollcall.Unit.Storage;

public sealed class DatabaseTests : IDisposable
{
    private readonly TempDatabase _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Open_NewFile_CreatesSchemaInWalWithFullSync()
    {
        await using var database = _file.Open();
        using var db = database.Read();
        Assert.Empty(db.Set<RunRow>());
        Assert.Equal("wal", db.Database.SqlQueryRaw<string>("SELECT journal_mode AS Value FROM pragma_journal_mode").Single());
        Assert.Equal(2, db.Database.SqlQueryRaw<int>("SELECT synchronous AS Value FROM pragma_synchronous").Single());
    }

    [Fact]
    public async Task Open_TwiceAtOnce_IsRefusedAndNamesTheFile()
    {
        await using var first = _file.Open();
        var refused = Assert.Throws<DatabaseRefusedException>(_file.Open);
        Assert.Contains(_file.Path, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Another Rollcall", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_AfterTheFirstIsClosed_Works()
    {
        await using (_file.Open())
        {
        }
        await using var second = _file.Open();
        Assert.True(File.Exists(second.FilePath));
    }

    [Fact]
    public void Open_NotADatabase_IsRefusedAndUntouched()
    {
        File.WriteAllText(_file.Path, "This is a shopping list, not a database. " + new string('x', 5000));
        var before = Fingerprint();
        var refused = Assert.Throws<DatabaseRefusedException>(_file.Open);
        Assert.Contains("not a sound SQLite database", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Fingerprint());
    }

    [Fact]
    public async Task Open_CorruptPages_IsRefusedAndUntouched()
    {
        await using (_file.Open())
        {
        }
        SqliteConnection.ClearAllPools();
        var bytes = await File.ReadAllBytesAsync(_file.Path, TestContext.Current.CancellationToken);
        Array.Fill(bytes, (byte)0xA5, 4096, bytes.Length - 4096);
        await File.WriteAllBytesAsync(_file.Path, bytes, TestContext.Current.CancellationToken);
        var before = Fingerprint();
        Assert.Throws<DatabaseRefusedException>(_file.Open);
        Assert.Equal(before, Fingerprint());
    }

    [Fact]
    public async Task Open_WrittenByNewerBuild_IsRefusedByNameAndUntouched()
    {
        await using (_file.Open())
        {
        }
        Execute("INSERT INTO __EFMigrationsHistory VALUES ('20990101000000_FromTheFuture', '99.0')");
        var before = Fingerprint();
        var refused = Assert.Throws<DatabaseRefusedException>(_file.Open);
        Assert.Contains("20990101000000_FromTheFuture", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Fingerprint());
    }

    [Fact]
    public void Open_DatabaseOfAnotherProgram_IsRefused()
    {
        Execute("CREATE TABLE recipes (name TEXT)");
        var refused = Assert.Throws<DatabaseRefusedException>(_file.Open);
        Assert.Contains("recipes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_MigrationLockLeftByKilledProcess_IsCleared()
    {
        Execute("CREATE TABLE __EFMigrationsLock (Id INTEGER PRIMARY KEY, Timestamp TEXT NOT NULL); INSERT INTO __EFMigrationsLock VALUES (1, '2026-01-01')");
        await using var database = await Task.Run(_file.Open, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        using var db = database.Read();
        Assert.Empty(db.Set<RunRow>());
    }

    [Theory]
    [InlineData("Data Source=:memory:")]
    [InlineData("Nonsense=1;Data Source=x.db")]
    public void Open_NotAFile_IsRefused(string text) =>
        Assert.Throws<DatabaseRefusedException>(() => Database.Open(text, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));

    private string Fingerprint() => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(_file.Path)));

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_file.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own statements.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
