using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.SignalR;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Hubs;

namespace Rollcall.Web.Screens;

/// <summary>Live pictures for status screens: the clusters of one screen and the runs on them, and nothing that acts.</summary>
public sealed class StatusHub(ClusterCatalog catalog, Rollouts rollouts, TopologyFeeds topologies, RunFeeds runs, ScreenFeeds screens, ScreenStore store, ScreenAccess access, TimeProvider time)
    : WatchHub(catalog, rollouts, topologies, runs, time)
{
    public const string Path = "/hubs/status";

    /// <summary>Timers do not reach further; the page comes back by itself and is let in again if its screen still lives.</summary>
    private static readonly TimeSpan LongestConnection = TimeSpan.FromDays(20);

    private const string ScreenKey = "screen", EndKey = "end";

    private ScreenRecord Screen => (ScreenRecord)Context.Items[ScreenKey]!;

    protected override RunAudience Audience => RunAudience.Wall;

    protected override bool MaySee(ClusterKey cluster) => Screen.Shows(cluster);

    public override async Task OnConnectedAsync()
    {
        // The policy of the endpoint let it in; between the two the screen may have been taken back.
        if (Context.GetHttpContext() is not { } http || access.Allowed(http, http.Request.Query[ScreenAccess.NameParameter]) is not { } screen)
        {
            Context.Abort();
            return;
        }
        Context.Items[ScreenKey] = screen;
        Context.Items[EndKey] = new ScreenEnd(screen.ExpiresAt - Time.GetUtcNow(), Time, Context.Abort, store.WhenEnded(screen.Id));
        await base.OnConnectedAsync();
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        (Context.Items[EndKey] as IDisposable)?.Dispose();
        return base.OnDisconnectedAsync(exception);
    }

    /// <summary>The screen's figures, <see cref="ScreenPoint"/>. Acknowledge <c>version</c> for the stream named as the screen.</summary>
    public async IAsyncEnumerable<RawFrame> WatchScreen(string? fromVersion, [EnumeratorCancellation] CancellationToken ct)
    {
        var screen = Screen;
        using var watch = Begin(screen.Name, ct);
        await foreach (var frame in screens.For(screen).WatchAsync(fromVersion, watch.Acks, watch.Token))
            yield return frame;
    }

    /// <summary>Closes a connection when its screen is taken back or expires.</summary>
    private sealed class ScreenEnd : IDisposable
    {
        private readonly CancellationTokenSource _expiry;
        private readonly CancellationTokenRegistration _expired;
        private readonly CancellationTokenRegistration _revoked;

        public ScreenEnd(TimeSpan left, TimeProvider time, Action close, CancellationToken revoked)
        {
            _expiry = new CancellationTokenSource(left < TimeSpan.Zero ? TimeSpan.Zero : left > LongestConnection ? LongestConnection : left, time);
            _expired = _expiry.Token.Register(close);
            _revoked = revoked.Register(close);
        }

        public void Dispose()
        {
            _expired.Dispose();
            _revoked.Dispose();
            _expiry.Dispose();
        }
    }
}
