using Microsoft.EntityFrameworkCore;
using Rollcall.Engine.Storage;
using Xunit;

namespace Rollcall.Unit.Storage;

public sealed class GroupCommitTests : IDisposable
{
    private readonly TempDatabase _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Write_ManyAtOnce_AllAreThereWithFarFewerCommits()
    {
        await using (var database = _file.Open())
        {
            var before = database.Commits;
            await Task.WhenAll(Enumerable.Range(0, 400).Select(i => database.WriteAsync(db => { db.Add(Key($"k{i}")); })));
            Assert.InRange(database.Commits - before, 1, 100);
        }
        await using var again = _file.Open();
        using var read = again.Read();
        Assert.Equal(400, read.Set<IdempotencyRow>().Count());
    }

    [Fact]
    public async Task Write_OneOfAGroupBreaksAConstraint_OnlyThatOneIsTakenBack()
    {
        await using var database = _file.Open();
        await database.WriteAsync(db => { db.Add(Key("taken")); });
        var good = Enumerable.Range(0, 50).Select(i => database.WriteAsync(db => { db.Add(Key($"g{i}")); })).ToList();
        var bad = database.WriteAsync(db =>
        {
            db.Add(Key("half"));
            db.SaveChanges();
            db.Add(Key("taken"));
        });
        good.AddRange(Enumerable.Range(50, 50).Select(i => database.WriteAsync(db => { db.Add(Key($"g{i}")); })));
        await Task.WhenAll(good);
        await Assert.ThrowsAsync<DbUpdateException>(() => bad);
        using var read = database.Read();
        Assert.Equal(101, read.Set<IdempotencyRow>().Count());
        Assert.False(read.Set<IdempotencyRow>().Any(k => k.Key == "half"));
    }

    [Fact]
    public async Task Write_FileLockedByAnotherProgram_WaitsAndSucceeds()
    {
        await using var database = _file.Open();
        Task write;
        await using (var shell = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_file.Path};Pooling=False"))
        {
            await shell.OpenAsync(TestContext.Current.CancellationToken);
            await using (var held = shell.BeginTransaction())
            {
                write = database.WriteAsync(db => { db.Add(Key("late")); });
                Assert.False(write.IsCompleted);
            }
        }
        await write.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    internal static IdempotencyRow Key(string key) => new() { Caller = "me", Key = key, Request = "r", Status = 200, ContentType = "text/plain", Body = "", At = DateTimeOffset.UnixEpoch };
}
