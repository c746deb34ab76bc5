using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Hubs;

namespace Rollcall.Web.Hosting;

/// <summary>The few figures somebody would put on a wall or wake up for. Read when they are asked for; nothing is counted for nobody.</summary>
public sealed class Measures
{
    public const string Name = "Rollcall";

    public Measures(IMeterFactory meters, Rollouts rollouts, ClusterCatalog catalog, TopologyFeeds topologies, RunFeeds runs, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(Name);
        meter.CreateObservableGauge("rollcall.runs", () => ByState(rollouts), "{run}", "Runs by state.");
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
