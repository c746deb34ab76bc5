using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Topology;

namespace Rollcall.Engine.Notifying;

/// <summary>
/// Tells when a cluster of ours has been held for too long. It is time that causes this, not a line of the journal: so it looks once a minute, at what stands on the cluster itself; also after the run ended or the database was lost.
/// </summary>
internal sealed partial class HoldWatch(ClusterCatalog catalog, NoticeOutbox outbox, EngineIdentity identity, TimeProvider time, ILogger<HoldWatch> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly HashSet<(string Cluster, DateTimeOffset Since)> _told = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
                await LookAsync();
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the process; what is held is looked at again after the next start.
        }
    }

    internal async Task LookAsync()
    {
        var now = time.GetUtcNow();
        foreach (var topology in catalog.Stores.Select(s => s.Current))
        {
            if (topology.Held is not { Since: { } since } held || held.Owner != identity.Owner || now - since < outbox.Options.HeldLong || _told.Contains((topology.Cluster.ToString(), since)))
                continue;
            try
            {
                await outbox.AddHoldAsync(topology.Cluster, held, since);
                _told.Add((topology.Cluster.ToString(), since));
            }
#pragma warning disable CA1031 // The hold is still there at the next look; a watch that died would tell nobody ever again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogNotTold(log, e, topology.Cluster.ToString());
            }
        }
    }

    [LoggerMessage(EventId = 1311, Level = LogLevel.Error, Message = "That {Cluster} is held for long could not be written down; it is tried again in a minute")]
    private static partial void LogNotTold(ILogger logger, Exception exception, string cluster);
}
