using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rollcall.Engine.Storage;
using Rollcall.Engine.Topology;

namespace Rollcall.Web.Hosting;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: the clusters have been read once and the journal can be written. Both are open, and say no more than that.</summary>
public static class HealthSetup
{
    private const string ReadyTag = "ready";

    public static void AddHealth(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<ClustersRead>("clusters", tags: [ReadyTag])
        .AddCheck<JournalWritable>("journal", tags: [ReadyTag], timeout: TimeSpan.FromSeconds(3));

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/healthz", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = Write }).AllowAnonymous();
        routes.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = c => c.Tags.Contains(ReadyTag), ResponseWriter = Write }).AllowAnonymous();
    }

    private static Task Write(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        var lines = report.Entries.Where(e => e.Value.Status != HealthStatus.Healthy).Select(e => $"{e.Key}: {e.Value.Description ?? "not ready"}").Prepend(report.Status == HealthStatus.Healthy ? "ok" : "not ready");
        return context.Response.WriteAsync(string.Join('\n', lines) + "\n");
    }

    private sealed class ClustersRead(ClusterCatalog catalog) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(catalog.Ready ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("the first lists from the Kubernetes API are not through yet"));
    }

    private sealed class JournalWritable(Database database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            // An empty transaction takes the write lock and goes through the one writer: a full disk, a lost volume or a stuck writer shows here.
            await database.WriteAsync(_ => { }).WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }
}
