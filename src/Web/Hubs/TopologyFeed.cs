using System.Runtime.CompilerServices;
using System.Text.Json;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Web.Hubs;

/// <summary>Frames of one cluster.</summary>
public sealed class TopologyFeed(TopologyStore store, TimeProvider time, ILogger log) : FrameFeed<TopologySnapshot>(time, log)
{
    protected override (TopologySnapshot View, string Version, long Revision)? Read()
    {
        var (topology, revision) = store.Read();
        return store.Vanished ? null : (topology, topology.Version, revision);
    }

    protected override Task WhenAfterAsync(long revision, CancellationToken ct) => store.WhenAfterAsync(revision, ct);

    protected override string AckOf(TopologySnapshot view, string version) => version;

    protected override RawFrame Build(TopologySnapshot? from, string? fromVersion, TopologySnapshot to) =>
        new(JsonSerializer.SerializeToUtf8Bytes(from is null ? TopologyFrames.Snapshot(to) : TopologyFrames.Between(from, to), LiveJson.Options));
}

/// <summary>One feed for each cluster, for as long as its store lives: a viewer who comes back a minute later still finds the version it holds.</summary>
public sealed class TopologyFeeds(TimeProvider time, ILogger<TopologyFeed> log)
{
    private readonly ConditionalWeakTable<TopologyStore, TopologyFeed> _feeds = [];

    public TopologyFeed For(TopologyStore store) => _feeds.GetValue(store, s => new TopologyFeed(s, time, log));

    public int Viewers => _feeds.Sum(f => f.Value.Viewers);
}
