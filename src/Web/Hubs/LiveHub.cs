using Microsoft.AspNetCore.Authorization;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Hubs;

/// <summary>Live pictures for people who are signed in, and for programs with a token.</summary>
[Authorize]
public sealed class LiveHub(ClusterCatalog catalog, Rollouts rollouts, TopologyFeeds topologies, RunFeeds runs, AccessStore access, TimeProvider time) : WatchHub(catalog, rollouts, topologies, runs, time)
{
    private const string FarewellKey = "farewell";

    protected override RunAudience Audience => RunAudience.Everything;

    /// <summary>Its limits are those of the connection: they do not change while a token lives.</summary>
    protected override bool MaySee(ClusterKey cluster) => Context.User!.Scope().Covers(cluster);

    public override Task OnConnectedAsync()
    {
        var connection = Context;
        if (Context.User?.SessionId() is { } session)
            Context.Items[FarewellKey] = access.WhenEnded(session).Register(connection.Abort);
        else if (Context.User?.TokenId() is { } token)
            Context.Items[FarewellKey] = access.WhenTokenEnded(token).Register(connection.Abort);
        return base.OnConnectedAsync();
    }

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        if (Context.Items[FarewellKey] is CancellationTokenRegistration farewell)
            await farewell.DisposeAsync();
        await base.OnDisconnectedAsync(exception);
    }
}
