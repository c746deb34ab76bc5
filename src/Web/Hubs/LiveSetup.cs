using Rollcall.Web.Auth;

namespace Rollcall.Web.Hubs;

public static class LiveSetup
{
    public const string Path = "/hubs/live";

    public static void AddLiveHub(this IServiceCollection services)
    {
        services.AddSingleton<TopologyFeeds>();
        services.AddSingleton<RunFeeds>();
        services.AddSignalR(o =>
        {
            // Nothing a client says to us is longer than a cluster's name and a version.
            o.MaximumReceiveMessageSize = 4 * 1024;
            o.EnableDetailedErrors = false;
        });
    }

    public static void MapLiveHub(this IEndpointRouteBuilder routes) =>
        routes.MapHub<LiveHub>(Path, o => o.CloseOnAuthenticationExpiration = true).KeepsScope().Reads();
}
