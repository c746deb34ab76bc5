using System.Text.Json;
using CsCheck;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Hubs;
using Xunit;

namespace Rollcall.Unit.Web;

public sealed class TopologyFeedTests
{
    private readonly FakeTimeProvider _time = new(Topologies.Noon);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_FromNothing_BeginsWithASnapshot_ThenOneMergedDelta()
    {
        var store = Topologies.Store();
        var feed = new TopologyFeed(store, _time, NullLogger.Instance);
        await using var viewer = new Watching(feed, null, _time, Ct);
        await viewer.NextAsync();

        // Three changes while the first frame is under way: one frame, with the last word.
        for (var lag = 1; lag <= 3; lag++)
            Lag(store, shard: 1, lag * 100);
        viewer.Acknowledge();
        var delta = await viewer.NextAsync();

        Assert.Equal("delta", delta.Kind);
        var upsert = Assert.Single(delta.Upserts);
        Assert.Equal(("shard-1", 300L), (upsert.Shard, upsert.Instance.LagBytes));
        Assert.Equal(store.Current.Version, delta.Version);
    }

    [Fact]
    public async Task Watch_WithoutAcknowledgement_SendsNothingMore_AndEndsAfterThirtySeconds()
    {
        var store = Topologies.Store();
        var feed = new TopologyFeed(store, _time, NullLogger.Instance);
        await using var viewer = new Watching(feed, null, _time, Ct);
        await viewer.NextAsync();

        Lag(store, 0, 1);
        var next = viewer.RawNextAsync();
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAsync<HubException>(() => next);
        Assert.Equal(0, feed.Viewers);
    }

    [Fact]
    public async Task Watch_AcknowledgingSomethingElse_DoesNotOpenTheWindow()
    {
        var store = Topologies.Store();
        await using var viewer = new Watching(new TopologyFeed(store, _time, NullLogger.Instance), null, _time, Ct);
        await viewer.NextAsync();
        Lag(store, 0, 1);
        viewer.Acks.Acknowledge("e-999");
        var next = viewer.RawNextAsync();
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(next.IsCompleted);
        viewer.Acknowledge();
        Assert.True(await Soon(next));
    }

    [Fact]
    public async Task Watch_FromAVersionItKnows_ResumesWithADelta_AndFromAnUnknownEpochWithASnapshot()
    {
        var store = Topologies.Store();
        var feed = new TopologyFeed(store, _time, NullLogger.Instance);
        await using (var first = new Watching(feed, null, _time, Ct))
            await first.NextAsync();
        var held = store.Current.Version;
        Lag(store, 0, 7);

        await using (var back = new Watching(feed, held, _time, Ct))
        {
            var frame = await back.NextAsync();
            Assert.Equal(("delta", held), (frame.Kind, frame.From));
            Assert.Equal(7, Assert.Single(frame.Upserts).Instance.LagBytes);
        }
        await using var stranger = new Watching(feed, "another-1", _time, Ct);
        Assert.Equal("snapshot", (await stranger.NextAsync()).Kind);
    }

    [Fact]
    public async Task Watch_ByManyAtTheSamePlace_BuildsEachFrameOnce()
    {
        var store = Topologies.Store();
        var feed = new TopologyFeed(store, _time, NullLogger.Instance);
        var viewers = Enumerable.Range(0, 50).Select(_ => new Watching(feed, null, _time, Ct)).ToArray();
        foreach (var viewer in viewers)
        {
            await viewer.NextAsync();
            viewer.Acknowledge();
        }
        Assert.Equal(1, feed.Built);

        Lag(store, 0, 5);
        foreach (var viewer in viewers)
            Assert.Equal("delta", (await viewer.NextAsync()).Kind);
        Assert.Equal(2, feed.Built);

        foreach (var viewer in viewers)
            await viewer.DisposeAsync();
        Assert.Equal(0, feed.Viewers);
    }

    [Fact]
    public async Task NobodyWatching_BuildsNothing()
    {
        var store = Topologies.Store();
        var feed = new TopologyFeed(store, _time, NullLogger.Instance);
        await using (var viewer = new Watching(feed, null, _time, Ct))
            await viewer.NextAsync();
        var built = feed.Built;
        for (var i = 0; i < 100; i++)
        {
            Lag(store, 0, i);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(built, feed.Built);
    }

    [Fact]
    public async Task Vanished_EndsTheStream()
    {
        var store = Topologies.Store();
        await using var viewer = new Watching(new TopologyFeed(store, _time, NullLogger.Instance), null, _time, Ct);
        await viewer.NextAsync();
        viewer.Acknowledge();
        var next = viewer.RawNextAsync();
        store.Vanish();
        Assert.False(await Soon(next));
    }

    [Fact]
    public async Task Age_OfACalmCluster_IsSentNowAndThen()
    {
        var store = Topologies.Store();
        await using var viewer = new Watching(new TopologyFeed(store, _time, NullLogger.Instance), null, _time, Ct);
        var first = await viewer.NextAsync();
        viewer.Acknowledge();
        _time.Advance(FrameFeed<TopologySnapshot>.Beat);
        store.Update(t => t with { ObservedAt = Topologies.Noon.AddSeconds(10) });

        var beat = await viewer.NextAsync();

        Assert.Equal(("delta", first.Version, Topologies.Noon.AddSeconds(10)), (beat.Kind, beat.Version, beat.ObservedAt));
        Assert.Empty(beat.Upserts);
    }

    [Fact]
    public void Frames_LeaveOutWhatTheyDoNotKeepUpToDate()
    {
        var topology = Topologies.Cluster(1, 1).WithShard(0, m => [m[0] with { ResourceVersion = "17", Probe = new Reading { At = Topologies.Noon, Uid = "u", Source = "redis-cli" } }]);
        var json = JsonSerializer.Serialize(TopologyFrames.Snapshot(topology), LiveJson.Options);
        Assert.DoesNotContain("resourceVersion", json, StringComparison.Ordinal);
        Assert.DoesNotContain("probe", json, StringComparison.Ordinal);
        Assert.Contains("\"cluster\":\"demo/orders\"", json, StringComparison.Ordinal);
    }

    /// <summary>Any cluster history, seen by a viewer that looks only now and then: applying what it gets always ends in what is.</summary>
    [Fact]
    public void SnapshotAndDeltas_ForAViewerOfAnySpeed_EndInWhatIs()
    {
        var change = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 5], Gen.Int[0, 1000]);
        Gen.Select(change.Array[1, 40], Gen.Bool.Array[40]).Sample((changes, looks) =>
        {
            var history = new List<TopologySnapshot>();
            var store = Topologies.Store(shards: 4);
            history.Add(store.Current);
            var viewer = new Viewer();
            viewer.Apply(Over(TopologyFrames.Snapshot(store.Current)));
            var held = store.Current;
            for (var i = 0; i < changes.Length; i++)
            {
                var (shard, what, value) = changes[i];
                store.Update(t => Mutate(t, shard, what, value));
                if (!looks[i] && i < changes.Length - 1)
                    continue;
                viewer.Apply(Over(TopologyFrames.Between(held, store.Current)));
                held = store.Current;
                Assert.True(viewer.Sees(store.Current));
            }
        }, iter: 300);
    }

    private static TopologySnapshot Mutate(TopologySnapshot t, int shard, int what, int value) => what switch
    {
        0 => t.WithShard(shard % t.Components[0].Shards.Length, m => m.Length == 0 ? m : m.SetItem(value % m.Length, m[value % m.Length] with { LagBytes = value })),
        1 => t.WithShard(shard % t.Components[0].Shards.Length, m => m.Length == 0 ? m : m.RemoveAt(value % m.Length)),
        2 => t.WithShard(shard % t.Components[0].Shards.Length, m => m.Any(i => i.Name == $"new-{value % 3}") ? m : m.Add(Topologies.Member($"new-{value % 3}", 3 + (value % 3)))),
        3 => t with { Phase = value % 2 == 0 ? "Running" : "Updating" },
        4 when t.Components[0].Shards.Length > 2 && value % 10 == 0 => t with { Components = [t.Components[0] with { Shards = t.Components[0].Shards.RemoveAt(0) }] },
        _ => t with { ObservedAt = t.ObservedAt.AddSeconds(1) },
    };

    private static void Lag(TopologyStore store, int shard, long lag) => store.Update(t => t.WithShard(shard, m => m.SetItem(1, m[1] with { LagBytes = lag })));

    /// <summary>Over the wire and back: what is not in the JSON is not in the frame.</summary>
    private static TopologyFrame Over(TopologyFrame frame) => JsonSerializer.Deserialize<TopologyFrame>(JsonSerializer.SerializeToUtf8Bytes(frame, LiveJson.Options), Rollcall.Web.Api.ApiJson.Options)!;

    /// <summary>Lets coalescing time pass until the frame is there.</summary>
    private async Task<bool> Soon(Task<bool> next)
    {
        while (!next.IsCompleted)
        {
            _time.Advance(FrameFeed<TopologySnapshot>.Coalesce);
            await Task.WhenAny(next, Task.Run(Thread.Yield, Ct));
        }
        return await next;
    }

    private sealed class Watching : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<RawFrame> _frames;
        private readonly CancellationTokenSource _gone;
        private readonly FakeTimeProvider _time;
        private string _last = "";

        public Watching(TopologyFeed feed, string? from, FakeTimeProvider time, CancellationToken ct)
        {
            _time = time;
            Acks = new AckGate(time);
            _gone = CancellationTokenSource.CreateLinkedTokenSource(ct);
            _frames = feed.WatchAsync(from, Acks, _gone.Token).GetAsyncEnumerator(_gone.Token);
        }

        public AckGate Acks { get; }

        public void Acknowledge() => Acks.Acknowledge(_last);

        public Task<bool> RawNextAsync() => _frames.MoveNextAsync().AsTask();

        public async Task<TopologyFrame> NextAsync()
        {
            var next = RawNextAsync();
            while (!next.IsCompleted)
            {
                _time.Advance(FrameFeed<TopologySnapshot>.Coalesce);
                await Task.WhenAny(next, Task.Run(Thread.Yield));
            }
            Assert.True(await next);
            var frame = JsonSerializer.Deserialize<TopologyFrame>(_frames.Current.Utf8, Rollcall.Web.Api.ApiJson.Options)!;
            _last = frame.Version;
            return frame;
        }

        public async ValueTask DisposeAsync()
        {
            await _gone.CancelAsync();
            try
            {
                await _frames.DisposeAsync();
            }
            catch (OperationCanceledException)
            {
                // It was waiting for the next frame.
            }
            catch (NotSupportedException)
            {
                // A test left a MoveNext open on purpose; cancelling it is the end of the stream.
            }
            _gone.Dispose();
        }
    }
}
