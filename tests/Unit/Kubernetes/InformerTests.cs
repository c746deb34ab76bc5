using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Observing;
using Xunit;
using static Rollcall.Unit.Kubernetes.ScriptedApi;

namespace Rollcall.Unit.Kubernetes;

/// <summary>One test for every way in which watching is known to go wrong.</summary>
public sealed class InformerTests
{
    [Fact]
    public async Task List_SeveralPages_PassesTheContinueTokenAndKeepsEarlierPages()
    {
        await using var run = await Run.StartAsync(api => api
            .List("10", "tok en", Pod("a", "1"))
            .List("10", null, Pod("b", "2"))
            .Watch(true));
        Assert.Equal(["+a@1", "+b@2"], await run.ChangesAsync(2));
        Assert.EndsWith("limit=500", await run.Api.NextAsync(), StringComparison.Ordinal);
        Assert.Contains("continue=tok%20en", await run.Api.NextAsync(), StringComparison.Ordinal);
        Assert.Contains("watch=true&allowWatchBookmarks=true&resourceVersion=10", await run.Api.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Relist_ObjectOnTheSecondPage_IsNotTakenForGone()
    {
        await using var run = await Run.StartAsync(api => api
            .List("10", null, Pod("a", "1"), Pod("b", "2"), Pod("c", "3"))
            .Watch(false, Line("ERROR", Status(410, "Expired")))
            .List("20", "next", Pod("a", "1"))
            .List("20", null, Pod("c", "4"))
            .Watch(true, Line("ADDED", Pod("d", "21"))));
        // b alone is gone, and that is told after the last page.
        Assert.Equal(["+a@1", "+b@2", "+c@3", "+c@4", "-b", "+d@21"], await run.ChangesAsync(6));
    }

    [Fact]
    public async Task List_ExpiredBetweenPages_StartsOver()
    {
        await using var run = await Run.StartAsync(api => api
            .List("10", "next", Pod("a", "1"))
            .Refuse(410, "Expired")
            .List("20", null, Pod("a", "1"), Pod("b", "2"))
            .Watch(true));
        Assert.Equal(["+a@1", "+b@2"], await run.ChangesAsync(2));
        await run.Api.NextAsync();
        await run.Api.NextAsync();
        Assert.DoesNotContain("continue", await run.Api.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_RefusedWith410_ListsAgain()
    {
        await using var run = await Run.StartAsync(api => api
            .List("10", null, Pod("a", "1"))
            .Refuse(410, "Gone")
            .List("20", null)
            .Watch(true));
        Assert.Equal(["+a@1", "-a"], await run.ChangesAsync(2));
    }

    [Fact]
    public async Task Watch_EndsAfterABookmark_GoesOnFromTheBookmarkWithoutAList()
    {
        await using var run = await Run.StartAsync(api => api
            .List("10", null, Pod("a", "1"))
            .Watch(false, Line("MODIFIED", Pod("a", "11")), Bookmark("57"))
            .Watch(true, Line("DELETED", Pod("a", "58"))));
        Assert.Equal(["+a@1", "+a@11", "-a"], await run.ChangesAsync(3));
        await run.Api.NextAsync();
        await run.Api.NextAsync();
        Assert.Contains("resourceVersion=57", await run.Api.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_ConnectionIsSilent_IsReplacedAndNothingIsCalledBroken()
    {
        await using var run = await Run.StartAsync(
            api => api.List("10", null, Pod("a", "1")).Watch(true).Watch(true, Line("MODIFIED", Pod("a", "11"))),
            new InformerOptions { BackoffFirst = TimeSpan.FromMilliseconds(1), Silence = TimeSpan.FromMilliseconds(100) });
        Assert.Equal(["+a@1", "+a@11"], await run.ChangesAsync(2));
        // An API server says nothing at all, not even bookmarks, of a kind that never changed since it started.
        Assert.Equal([InformerHealth.Watching], run.Statuses.Select(s => s.Health));
    }

    [Fact]
    public async Task Watch_LineCutOff_GoesOnFromTheLastWholeOne()
    {
        await using var run = await Run.StartAsync(api => api
            .List("10", null, Pod("a", "1"))
            .WatchRaw(false, Line("MODIFIED", Pod("a", "11")) + "\n{\"type\":\"MODIF")
            .Watch(true, Line("MODIFIED", Pod("a", "12"))));
        Assert.Equal(["+a@1", "+a@11", "+a@12"], await run.ChangesAsync(3));
        await run.Api.NextAsync();
        await run.Api.NextAsync();
        Assert.Contains("watch=true&allowWatchBookmarks=true&resourceVersion=11", await run.Api.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_TellsTheSameVersionTwice_IsHeardOnce()
    {
        await using var run = await Run.StartAsync(api => api
            .List("10", null, Pod("a", "1"))
            .Watch(true, Line("MODIFIED", Pod("a", "1")), Line("MODIFIED", Pod("a", "2"))));
        Assert.Equal(["+a@1", "+a@2"], await run.ChangesAsync(2));
    }

    [Fact]
    public async Task List_ServerError_IsTriedAgainAndSaid()
    {
        await using var run = await Run.StartAsync(api => api.Refuse(500, "InternalError").Refuse(429, "TooManyRequests").List("10", null, Pod("a", "1")).Watch(true));
        Assert.Equal(["+a@1"], await run.ChangesAsync(1));
        Assert.Equal(InformerHealth.Failing, (await run.StatusAsync()).Health);
        Assert.Equal(InformerHealth.Failing, (await run.StatusAsync()).Health);
        Assert.Equal(InformerHealth.Watching, (await run.StatusAsync()).Health);
    }

    [Fact]
    public async Task Kind_NotInstalled_IsANoteAndAskedForAgain()
    {
        await using var run = await Run.StartAsync(api => api.Refuse(404, "NotFound").List("10", null, Pod("a", "1")).Watch(true));
        var absent = await run.StatusAsync();
        Assert.Equal((InformerHealth.Absent, true), (absent.Health, absent.Conclusive));
        Assert.Equal(["+a@1"], await run.ChangesAsync(1));
    }

    [Fact]
    public async Task Kind_NotPermitted_IsANoteWithTheServersWords()
    {
        await using var run = await Run.StartAsync(api => api.Refuse(403, "Forbidden").List("10", null, Pod("a", "1")).Watch(true));
        var forbidden = await run.StatusAsync();
        Assert.Equal((InformerHealth.Forbidden, "Forbidden said the server"), (forbidden.Health, forbidden.Message));
        Assert.Equal(["+a@1"], await run.ChangesAsync(1));
    }

    [Fact]
    public async Task Kind_RemovedLater_ItsObjectsAreGone()
    {
        await using var run = await Run.StartAsync(api => api.List("10", null, Pod("a", "1")).Refuse(404, "NotFound"));
        Assert.Equal(["+a@1", "-a"], await run.ChangesAsync(2));
    }

    [Fact]
    public async Task Object_Unreadable_DoesNotHideTheOthers()
    {
        await using var run = await Run.StartAsync(api => api.List("10", null, Pod("broken", "1"), Pod("a", "2")).Watch(true));
        Assert.Equal(["+a@2"], await run.ChangesAsync(1));
    }

    [Fact]
    public async Task Backoff_Cancelled_EndsAtOnce()
    {
        var run = await Run.StartAsync(api => api.Refuse(500, "InternalError"), new InformerOptions { BackoffFirst = TimeSpan.FromHours(1), BackoffMost = TimeSpan.FromHours(1) });
        await run.StatusAsync();
        await run.DisposeAsync();
    }

    private sealed class Run : IAsyncDisposable
    {
        private readonly Channel<string> _changes = Channel.CreateUnbounded<string>();
        private readonly Channel<InformerStatus> _statuses = Channel.CreateUnbounded<InformerStatus>();
        private readonly CancellationTokenSource _stop = new();
        private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(2));
        private Task _loop = Task.CompletedTask;

        public required ScriptedApi Api { get; init; }

        public static async Task<Run> StartAsync(Action<ScriptedApi> script, InformerOptions? options = null)
        {
            var api = await ScriptedApi.StartAsync();
            script(api);
            var run = new Run { Api = api };
            options ??= new InformerOptions { BackoffFirst = TimeSpan.FromMilliseconds(1), BackoffMost = TimeSpan.FromMilliseconds(5), Recheck = TimeSpan.FromMilliseconds(5) };
            var informer = new Informer<KubeObject>(
                api.Connection, KubeKind.Pods,
                e => KubeObject.Text(e, "metadata", "name") == "broken" ? throw new FormatException("broken") : new KubeObject(e.Clone()),
                (key, item) => run._changes.Writer.TryWrite(item is null ? $"-{key.Name}" : $"+{key.Name}@{item.ResourceVersion}"),
                s => run._statuses.Writer.TryWrite(s), options, TimeProvider.System, NullLogger.Instance);
            run._loop = informer.RunAsync(run._stop.Token);
            return run;
        }

        public async Task<List<string>> ChangesAsync(int count)
        {
            List<string> changes = [];
            while (changes.Count < count)
                changes.Add(await _changes.Reader.ReadAsync(_patience.Token));
            return changes;
        }

        /// <summary>Those that nobody has taken yet.</summary>
        public IEnumerable<InformerStatus> Statuses
        {
            get
            {
                while (_statuses.Reader.TryRead(out var status))
                    yield return status;
            }
        }

        public async Task<InformerStatus> StatusAsync() => await _statuses.Reader.ReadAsync(_patience.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _loop.WaitAsync(_patience.Token);
            await Api.DisposeAsync();
            _stop.Dispose();
            _patience.Dispose();
        }
    }
}
