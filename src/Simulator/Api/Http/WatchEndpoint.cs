using System.Globalization;
using Microsoft.AspNetCore.Http;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Http;

/// <summary>GET of a collection with <c>watch=true</c>.</summary>
internal sealed class WatchEndpoint(ObjectStore store, OpenWatches open, SimulatedApiOptions options, TimeProvider time, CancellationToken stopping)
{
    // A real server sends a last bookmark this long before it ends a watch, so that the next one starts near the present.
    private static readonly TimeSpan LastBookmark = TimeSpan.FromSeconds(2);

    public async Task ServeAsync(HttpContext http, ResourceRequest request)
    {
        var query = http.Request.Query;
        var fields = query["fieldSelector"].ToString();
        if (request.Name is { } name)
            fields = $"metadata.name={name}";
        var selection = new Selection(request.Kind, request.Namespace, query["labelSelector"], fields);
        var from = ListEndpoint.Version(query);
        var timeout = int.TryParse(query["timeoutSeconds"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(seconds)
            : options.WatchTimeout;

        using var timer = new CancellationTokenSource(timeout, time);
        var ended = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, http.RequestAborted, stopping);
        using var session = new WatchSession(http, store, store.Of(request.Kind), selection, ended);
        open.Add(session);
        try
        {
            using var bookmarks = Bookmarks(http, session, timeout);
            await session.RunAsync(from);
        }
        finally
        {
            open.Remove(session);
        }
    }

    private ITimer? Bookmarks(HttpContext http, WatchSession session, TimeSpan timeout)
    {
        if (!ResourceRequest.IsTrue(http.Request, "allowWatchBookmarks"))
            return null;
        var first = timeout - LastBookmark;
        if (first <= TimeSpan.Zero || first > options.BookmarkInterval)
            first = options.BookmarkInterval;
        return time.CreateTimer(_ => session.AskForBookmark(), null, first, options.BookmarkInterval);
    }
}
