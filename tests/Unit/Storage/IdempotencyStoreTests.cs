using Microsoft.Extensions.Time.Testing;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Storage;

public sealed class IdempotencyStoreTests : IDisposable
{
    private readonly TempDatabase _file = new();
    private readonly FakeTimeProvider _time = new(Decisions.Make.Noon);
    private int _done;

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Once_SameKeyAtTheSameTime_ActsOnceAndAnswersBoth()
    {
        await using var database = _file.Open();
        var store = new IdempotencyStore(database, _time);
        var both = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => store.OnceAsync("ann", "k1", "POST /runs {}", Act, TestContext.Current.CancellationToken)));
        Assert.Equal(1, _done);
        Assert.All(both, r => Assert.Equal("answer 1", r.Value!.Body));
    }

    [Fact]
    public async Task Once_SameKeyAfterRestart_AnswersFromTheDatabase()
    {
        await using (var database = _file.Open())
            await new IdempotencyStore(database, _time).OnceAsync("ann", "k1", "POST /runs {}", Act, TestContext.Current.CancellationToken);
        await using var again = _file.Open();
        var second = await new IdempotencyStore(again, _time).OnceAsync("ann", "k1", "POST /runs {}", Act, TestContext.Current.CancellationToken);
        Assert.Equal(("answer 1", 202, "/api/v1/runs/r1"), (second.Value!.Body, second.Value.Status, second.Value.Location));
        Assert.Equal(1, _done);
    }

    [Fact]
    public async Task Once_SameKeyForAnotherRequest_IsRefused()
    {
        await using var database = _file.Open();
        var store = new IdempotencyStore(database, _time);
        await store.OnceAsync("ann", "k1", "POST /runs {}", Act, TestContext.Current.CancellationToken);
        var other = await store.OnceAsync("ann", "k1", "POST /plans {}", Act, TestContext.Current.CancellationToken);
        Assert.Equal(RefusalKind.Conflict, other.Refusal!.Kind);
        Assert.True((await store.OnceAsync("bob", "k1", "POST /plans {}", Act, TestContext.Current.CancellationToken)).Ok);
        Assert.Equal(2, _done);
    }

    [Fact]
    public async Task Once_ServerError_IsNotKept()
    {
        await using var database = _file.Open();
        var store = new IdempotencyStore(database, _time);
        await store.OnceAsync("ann", "k1", "x", _ => Task.FromResult(new StoredAnswer(503, "text/plain", "later", null)), TestContext.Current.CancellationToken);
        Assert.Equal("answer 1", (await store.OnceAsync("ann", "k1", "x", Act, TestContext.Current.CancellationToken)).Value!.Body);
    }

    [Fact]
    public async Task Once_AfterADay_KeyIsFree()
    {
        await using var database = _file.Open();
        var store = new IdempotencyStore(database, _time);
        await store.OnceAsync("ann", "k1", "x", Act, TestContext.Current.CancellationToken);
        _time.Advance(IdempotencyStore.KeptFor);
        Assert.Equal("answer 2", (await store.OnceAsync("ann", "k1", "y", Act, TestContext.Current.CancellationToken)).Value!.Body);
    }

    private Task<StoredAnswer> Act(CancellationToken ct) => Task.FromResult(new StoredAnswer(202, "application/json", $"answer {Interlocked.Increment(ref _done)}", "/api/v1/runs/r1"));
}
