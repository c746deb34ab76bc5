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

    /// <summary>An answer younger than this is not asked for again, whatever the rule's limit: an engine must not be hammered with the same question.</summary>
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(250);

    /// <summary>A member whose answers take long (an overloaded node) has this many times as long before it is asked again; asking faster would make it slower still.</summary>
    private const int Rest = 3;

    /// <summary>The requests whose present answer is too old (or none), and when the first of the others will be.</summary>
    public static (ImmutableArray<ProbeRequest> Due, DateTimeOffset? Next) Due(ImmutableArray<ProbeRequest> requests, TopologySnapshot topology, DateTimeOffset now)
    {
        var due = ImmutableArray.CreateBuilder<ProbeRequest>(requests.Length);
        DateTimeOffset? next = null;
        foreach (var request in requests)
        {
            var member = topology.Components.FirstOrDefault(c => c.Name == request.Component)?.Shards.FirstOrDefault(s => s.Name == request.Shard)?.Instances.FirstOrDefault(i => i.Name == request.Instance);
            var until = member?.Probe is { } told && told.Uid == member.Uid ? told.At + Longer(request.MaxAge, Soonest + told.Took * Rest) : DateTimeOffset.MinValue;
            if (until <= now || member!.Probe!.At > now + Soonest) // of the future: the clock was set back since
                due.Add(request);
            else if (next is null || until < next)
                next = until;
        }
        return (due.ToImmutable(), next);
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

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
