using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.SignalR;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Web.Hubs;

/// <summary>
/// What every hub of live pictures does: watch a stream, apply each frame, acknowledge it, get the next; after a lost connection watch again from the version held.
/// A hub says only what its caller may see.
/// </summary>
public abstract class WatchHub(ClusterCatalog catalog, Rollouts rollouts, TopologyFeeds topologies, RunFeeds runs, TimeProvider time) : Hub
{
    /// <summary>Streams on one connection; a page needs two.</summary>
    public const int MostStreams = 16;

    private const string StreamsKey = "streams";

    private ConcurrentDictionary<string, Watch> Streams => (ConcurrentDictionary<string, Watch>)Context.Items[StreamsKey]!;

    protected TimeProvider Time => time;

    /// <summary>For whom a run's frames are.</summary>
    protected abstract RunAudience Audience { get; }

    protected abstract bool MaySee(ClusterKey cluster);

    public override Task OnConnectedAsync()
    {
        Context.Items[StreamsKey] = new ConcurrentDictionary<string, Watch>(StringComparer.Ordinal);
        return base.OnConnectedAsync();
    }

    /// <summary>Frames of a cluster, <see cref="TopologyFrame"/>.</summary>
    /// <param name="cluster"><c>namespace/name</c>.</param>
    /// <param name="fromVersion">The version held already, or null. What this server no longer knows is answered with a snapshot.</param>
    public async IAsyncEnumerable<RawFrame> WatchTopology(string cluster, string? fromVersion, [EnumeratorCancellation] CancellationToken ct)
    {
        if (!ClusterKey.TryParse(cluster, out var key) || !MaySee(key) || catalog.Find(key) is not { } store)
            throw new HubException($"There is no cluster \"{cluster}\".");
        using var watch = Begin(cluster, ct);
        await foreach (var frame in topologies.For(store).WatchAsync(fromVersion, watch.Acks, watch.Token))
            yield return frame;
    }

    /// <summary>Frames of a run, <see cref="RunFrame"/>: the whole view first, then what changed. Acknowledge the frame's seq.</summary>
    /// <param name="run">Its id.</param>
    /// <param name="afterSeq">The seq held already. The first frame is the whole view all the same: reasons change without an event.</param>
    public async IAsyncEnumerable<RawFrame> WatchRun(string run, long afterSeq, [EnumeratorCancellation] CancellationToken ct)
    {
        if (rollouts.GetRun(run) is not { } view || !ClusterKey.TryParse(view.Cluster, out var key) || !MaySee(key))
            throw new HubException($"There is no run \"{run}\".");
        using var watch = Begin(run, ct);
        var feed = runs.Rent(run, Audience);
        try
        {
            await foreach (var frame in feed.WatchAsync(held: null, watch.Acks, watch.Token))
                yield return frame;
        }
        finally
        {
            runs.Return(run, Audience);
        }
    }

    /// <summary>The frame with this version was applied; the next may come.</summary>
    /// <param name="stream">The cluster or the run, as it was given to the watch.</param>
    /// <param name="version">The frame's version; for a run its seq.</param>
    public void Ack(string stream, string version)
    {
        if (Streams.TryGetValue(stream, out var watch))
            watch.Acks.Acknowledge(version);
    }

    /// <summary>A second watch of the same thing on one connection takes the place of the first: a page that came back did not say goodbye.</summary>
    protected Watch Begin(string stream, CancellationToken ct)
    {
        var streams = Streams;
        if (streams.Count >= MostStreams && !streams.ContainsKey(stream))
            throw new HubException($"A connection has at most {MostStreams} streams.");
        var watch = new Watch(new AckGate(time), CancellationTokenSource.CreateLinkedTokenSource(ct), w => streams.TryRemove(KeyValuePair.Create(stream, w)));
        streams.AddOrUpdate(stream, watch, (_, former) =>
        {
            former.Stop();
            return watch;
        });
        return watch;
    }

    protected sealed class Watch(AckGate acks, CancellationTokenSource source, Action<Watch> ended) : IDisposable
    {
        public AckGate Acks => acks;
        public CancellationToken Token { get; } = source.Token;

        public void Stop()
        {
            try
            {
                source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself in the same moment.
            }
        }

        public void Dispose()
        {
            ended(this);
            source.Dispose();
        }
    }
}
