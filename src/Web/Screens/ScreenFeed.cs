using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Topology;
using Rollcall.Web.Hubs;
using Rollcall.Web.Model;

namespace Rollcall.Web.Screens;

/// <summary>A screen's figures at one moment, and which news they are.</summary>
public sealed record ScreenPoint(ScreenView View, string Version);

/// <summary>The figures of one screen as frames: small, always whole, sent when a word or a number in them changed, and with the beat when only their age did.</summary>
public sealed class ScreenFeed(ScreenRecord screen, ScreenPicture picture, ClusterCatalog catalog, Rollouts rollouts, TimeProvider time, ILogger log) : FrameFeed<ScreenPoint>(time, log)
{
    private Func<CancellationToken, Task> _moved = _ => Task.CompletedTask;
    private byte[] _said = [];
    private long _reads;
    private long _version;

    protected override (ScreenPoint View, string Version, long Revision)? Read()
    {
        // Taken before the read, so that a change in between is not lost.
        _moved = Cursor.Over(catalog, rollouts);
        var view = picture.Of(screen);
        var says = JsonSerializer.SerializeToUtf8Bytes(view with { Now = default, Clusters = [.. view.Clusters.Select(c => c with { ObservedAt = null })] }, LiveJson.Options);
        if (!says.AsSpan().SequenceEqual(_said))
            (_said, _version) = (says, _version + 1);
        var version = $"{ScreenPicture.Build}-{_version.ToString(CultureInfo.InvariantCulture)}";
        return (new ScreenPoint(view, version), version, ++_reads);
    }

    protected override Task WhenAfterAsync(long revision, CancellationToken ct) => _moved(ct);

    protected override string AckOf(ScreenPoint view, string version) => version;

    protected override RawFrame Build(ScreenPoint? from, string? fromVersion, ScreenPoint to) => new(JsonSerializer.SerializeToUtf8Bytes(to, LiveJson.Options));
}

/// <summary>A feed for each screen that lives.</summary>
public sealed class ScreenFeeds(ScreenPicture picture, ClusterCatalog catalog, Rollouts rollouts, TimeProvider time, ILogger<ScreenFeed> log)
{
    private readonly ConditionalWeakTable<ScreenRecord, ScreenFeed> _feeds = [];

    public ScreenFeed For(ScreenRecord screen) => _feeds.GetValue(screen, s => new ScreenFeed(s, picture, catalog, rollouts, time, log));

    public int Viewers => _feeds.Sum(f => f.Value.Viewers);
}
