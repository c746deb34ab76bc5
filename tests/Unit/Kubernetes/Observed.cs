using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Engine.Kubernetes;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Observing;
using Rollcall.Engine.Kubernetes.Probing;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Simulator;
using Rollcall.Simulator.Demo;

namespace Rollcall.Unit.Kubernetes;

/// <summary>The simulator's cluster with the real observing side upon it.</summary>
internal sealed class Observed : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private Observed(DemoCluster cluster, KubernetesConnection connection, ClusterCatalog catalog, ObserveService service, Prober prober) =>
        (Cluster, Connection, Catalog, Service, Prober) = (cluster, connection, catalog, service, prober);

    public DemoCluster Cluster { get; }
    public KubernetesConnection Connection { get; }
    public ClusterCatalog Catalog { get; }
    public ObserveService Service { get; }
    public Prober Prober { get; }

    public static async Task<Observed> StartAsync(string scenario = "small", double speed = 50, ProfileResolver? resolve = null, EngineProfile? profile = null, ProbeOptions? probes = null)
    {
        var cluster = await DemoCluster.StartAsync(new DemoOptions { Scenario = scenario, Speed = speed }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var connection = KubernetesConnection.FromKubeconfigText(cluster.KubeconfigYaml, TimeProvider.System);
        var catalog = new ClusterCatalog();
        var options = new InformerOptions { BackoffFirst = TimeSpan.FromMilliseconds(20), BackoffMost = TimeSpan.FromMilliseconds(100), Recheck = TimeSpan.FromMilliseconds(100) };
        var service = new ObserveService(connection, catalog, resolve ?? Given.Resolve, TimeProvider.System, NullLogger<ObserveService>.Instance, options);
        var prober = new Prober(catalog, new PodExec(connection, TimeProvider.System), _ => profile ?? Given.Redis, service.RecordAsync, TimeProvider.System, NullLogger<Prober>.Instance, probes);
        service.Start();
        prober.Start();
        return new Observed(cluster, connection, catalog, service, prober);
    }

    /// <summary>The first snapshot that satisfies; fails with the last one seen.</summary>
    public async Task<TopologySnapshot> UntilAsync(string key, Func<TopologySnapshot, bool> satisfied)
    {
        using var patience = new CancellationTokenSource(Patience);
        if (!ClusterKey.TryParse(key, out var cluster))
            throw new ArgumentException(key);
        TopologySnapshot? last = null;
        try
        {
            while (true)
            {
                var version = Catalog.Version;
                if (Catalog.Find(cluster) is not { } store)
                {
                    await Catalog.WhenAfterAsync(version, patience.Token);
                    continue;
                }
                (last, var revision) = store.Read();
                if (satisfied(last))
                    return last;
                await store.WhenAfterAsync(revision, patience.Token);
            }
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"{key} never got there; last: {(last is null ? "nothing" : string.Join("; ", last.Components.SelectMany(c => c.Shards).SelectMany(s => s.Instances).Select(i => $"{i.Name} {i.Role}/{i.RoleSource} {i.Version} {i.Phase} ready={i.Ready} updated={i.Updated} {i.Problem} {i.Probe?.Error}")))} notes: {string.Join("; ", Catalog.Notes.Select(n => n.Message))} clusters: {string.Join(",", Catalog.Stores.Select(s => s.Cluster))}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Prober.DisposeAsync();
        await Service.DisposeAsync();
        Connection.Dispose();
        await Cluster.DisposeAsync();
    }
}
