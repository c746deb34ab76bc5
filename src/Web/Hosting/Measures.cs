using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Notifying;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Hubs;

namespace Rollcall.Web.Hosting;

/// <summary>The few figures somebody would put on a wall or wake up for. Read when they are asked for; nothing is counted for nobody.</summary>
public sealed class Measures
{
    public const string Name = "Rollcall";

    /// <summary>How long an ended run still has its state: long enough for every scrape, short enough that series do not pile up.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    public Measures(IMeterFactory meters, Rollouts rollouts, ClusterCatalog catalog, TopologyFeeds topologies, RunFeeds runs, NoticeOutbox outbox, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(Name);
        meter.CreateObservableGauge("rollcall.runs", () => ByState(rollouts), "{run}", "Runs by state.");
        meter.CreateObservableGauge("rollcall.run.state", () => States(rollouts, time.GetUtcNow()), null, "1 for the state a run is in, 0 for the others; active runs, and ended ones for an hour.");
        meter.CreateObservableGauge("rollcall.notifications", () => Owed(outbox), "{notification}", "Notifications that wait to be sent, or were given up.");
        meter.CreateObservableCounter("rollcall.notification.tries", () => Tries(outbox), "{try}", "Tries to deliver notifications, by kind and outcome.");
        meter.CreateObservableGauge("rollcall.clusters", () => ByConnection(catalog), "{cluster}", "Clusters in sight, by whether their API server is heard.");
        meter.CreateObservableGauge("rollcall.instances.not_ready", () => catalog.Stores.Select(s => s.Current).Select(NotReady), "{instance}", "Instances that are not Ready.");
        meter.CreateObservableGauge("rollcall.hold.age", () => HoldAges(catalog, time.GetUtcNow()), "s", "How long the update strategy of a cluster has been held.");
        meter.CreateObservableGauge("rollcall.viewers", () => Viewers(topologies, runs), "{viewer}", "Live streams that are being watched.");
    }

    private static IEnumerable<Measurement<int>> ByState(Rollouts rollouts)
    {
        var counts = rollouts.Runs().CountBy(r => r.State).ToDictionary();
        return Enum.GetValues<RunState>().Select(s => new Measurement<int>(counts.GetValueOrDefault(s), new KeyValuePair<string, object?>("state", s.ToString())));
    }

    /// <summary>One series for each state, as OpenMetrics has its StateSet: a run that moves on leaves no stale 1 behind.</summary>
    private static IEnumerable<Measurement<int>> States(Rollouts rollouts, DateTimeOffset now) =>
        from run in rollouts.Runs()
        where !run.Terminal || now - run.EndedAt < Remembered
        from state in Enum.GetValues<RunState>()
        select new Measurement<int>(run.State == state ? 1 : 0, new("run", run.Id), new("cluster", run.Cluster), new("rollback", run.Backwards), new("state", state.ToString()));

    private static Measurement<int>[] Owed(NoticeOutbox outbox)
    {
        var (waiting, dead) = outbox.Count();
        return [new(waiting, new KeyValuePair<string, object?>("state", "Waiting")), new(dead, new KeyValuePair<string, object?>("state", "Dead"))];
    }

    private static IEnumerable<Measurement<long>> Tries(NoticeOutbox outbox) => outbox.Tally.Select(t => new Measurement<long>(t.Count, new("kind", t.Kind), new("outcome", t.Outcome)));

    private static IEnumerable<Measurement<int>> ByConnection(ClusterCatalog catalog)
    {
        var all = catalog.Stores.Select(s => s.Current.Connected).ToArray();
        return new[] { true, false }.Select(c => new Measurement<int>(all.Count(a => a == c), new KeyValuePair<string, object?>("connected", c)));
    }

    private static Measurement<int> NotReady(TopologySnapshot topology) =>
        new(topology.Components.Sum(c => c.Shards.Sum(s => s.Instances.Count(i => !i.Ready))), new KeyValuePair<string, object?>("cluster", topology.Cluster.ToString()));

    private static IEnumerable<Measurement<double>> HoldAges(ClusterCatalog catalog, DateTimeOffset now) =>
        from store in catalog.Stores
        let topology = store.Current
        where topology.Held?.Since is not null
        select new Measurement<double>((now - topology.Held!.Since!.Value).TotalSeconds, new KeyValuePair<string, object?>("cluster", topology.Cluster.ToString()));

    private static IEnumerable<Measurement<int>> Viewers(TopologyFeeds topologies, RunFeeds runs) =>
    [
        new(topologies.Viewers, new KeyValuePair<string, object?>("stream", "topology")),
        new(runs.Viewers, new KeyValuePair<string, object?>("stream", "run")),
    ];
}

public static class MeasuresSetup
{
    public static void AddMeasures(this IServiceCollection services)
    {
        services.AddSingleton<Measures>();
        services.AddOpenTelemetry().WithMetrics(m => m
            .AddMeter(Measures.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Components.Server.Circuits", "System.Runtime")
            .AddPrometheusExporter());
    }

    public static void MapMeasures(this IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint("/metrics");
}
