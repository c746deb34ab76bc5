using Rollcall.Engine.Execution;
using Rollcall.Engine.Topology;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Hosting;

/// <summary>The engine and the clusters it looks at.</summary>
public static class EngineSetup
{
    public static void AddEngine(this IServiceCollection services, DashboardOptions options)
    {
        services.AddSingleton<ClusterCatalog>();
        services.AddSingleton<Rollouts>();
    }
}
