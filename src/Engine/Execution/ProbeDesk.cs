using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>Passes Decide's probe requests on, each once at a time. Results come back through the topology; this only remembers what is on its way.</summary>
internal sealed partial class ProbeDesk(IProber prober, ClusterKey cluster, Action wake, ILogger log)
{
    private readonly Lock _gate = new();
    private readonly HashSet<(string Component, string Shard, string Instance)> _asked = [];
    private readonly HashSet<(string Component, string Shard, string Instance)> _again = [];

    public void Ask(ImmutableArray<ProbeRequest> requests, CancellationToken ct)
    {
        var fresh = ImmutableArray.CreateBuilder<ProbeRequest>();
        lock (_gate)
            foreach (var request in requests)
            {
                var key = (request.Component, request.Shard, request.Instance);
                if (_asked.Add(key))
                    fresh.Add(request);
                else
                    _again.Add(key);
            }
        // One request each, so that a slow member does not hold back the answers of the others.
        foreach (var request in fresh)
            _ = AskOneAsync(request, ct);
    }

    private async Task AskOneAsync(ProbeRequest request, CancellationToken ct)
    {
        var key = (request.Component, request.Shard, request.Instance);
        try
        {
            await prober.RequestAsync(cluster, [request], ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return;
        }
#pragma warning disable CA1031 // The prober reports what it cannot read as a reading; anything else is its own fault, logged, and asked again by the next decision.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(log, e, request.Instance, cluster.ToString());
        }
        bool again;
        lock (_gate)
        {
            _asked.Remove(key);
            again = _again.Remove(key);
        }
        // It was wanted again while it was under way, perhaps fresher than what came back.
        if (again)
            wake();
    }

    [LoggerMessage(EventId = 1111, Level = LogLevel.Warning, Message = "The probe of {Instance} in {Cluster} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string instance, string cluster);
}
