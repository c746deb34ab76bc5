using Rollcall.Engine.Topology;
using Rollcall.Web.Model.Charts;

namespace Rollcall.Web.Hosting;

/// <summary>Takes down every few seconds how far members are behind, so that the Run page can show how it was. It reads what is known anyway and asks no database.</summary>
public sealed class LagSampler(ClusterCatalog catalog, LagHistory history, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LagHistory.Step, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var now = time.GetUtcNow();
                foreach (var store in catalog.Stores)
                    history.Take(store.Current, now);
                history.Keep(catalog.Stores.Select(s => s.Cluster));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }
}
