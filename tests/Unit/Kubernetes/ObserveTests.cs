using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Kubernetes.Probing;
using Rollcall.Shared;
using Rollcall.Simulator.Api;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

/// <summary>The observing side against the simulator's API server, operators and databases.</summary>
public sealed class ObserveTests
{
    private static IEnumerable<Instance> Members(TopologySnapshot t) => t.Components.SelectMany(c => c.Shards).SelectMany(s => s.Instances);

    private static bool AllKnown(TopologySnapshot t) =>
        t.Components.All(c => c.Shards.Length > 0 && c.Shards.All(s => s.Instances.Length > 0 && s.Instances.Count(i => i.Role == "primary") == 1)) && Members(t).All(i => i.Ready && i.Updated && i.Role is not null);

    [Fact]
    public async Task StatefulSets_OfTheDemo_ShowShardsRolesAndLagFromTheEnginesThemselves()
    {
        await using var observed = await Observed.StartAsync("demo");
        var orders = await observed.UntilAsync("demo/orders", t => AllKnown(t) && Members(t).All(i => i.RoleSource == "probe") && Members(t).Any(i => i.LagBytes is not null));
        Assert.Equal(ClusterKind.StatefulSetGroup, orders.Kind);
        Assert.All(Members(orders), i => Assert.Equal(i.Uid, i.Probe!.Uid));
        Assert.All(Members(orders).Where(i => i.LagBytes is not null), i => Assert.Equal(("secondary", "redis-cli", true), (i.Role, i.LagSource, i.LagBytes >= 0)));
        Assert.NotEmpty(orders.Components.Single().AvailableVersions);
        Assert.All(orders.Components.Single().Workloads, w => Assert.True(w is { Observed: true, Settled: true, Held: null, Blockers.IsEmpty: true }));
    }

    [Fact]
    public async Task KubeBlocks_OfTheDemo_IsOneClusterWithItsShards()
    {
        await using var observed = await Observed.StartAsync("demo");
        var key = await FirstKubeBlocksAsync(observed);
        var cluster = await observed.UntilAsync(key, t => AllKnown(t) && t.Components.All(c => c.Workloads.All(w => w is { Observed: true, Settled: true })));
        var component = Assert.Single(cluster.Components);
        Assert.NotEmpty(component.AvailableVersions);
        Assert.All(component.AvailableVersions, v => Assert.True(component.Definitions.ContainsKey(v)));
        Assert.DoesNotContain(component.Version, component.AvailableVersions);
        Assert.Equal([component.Version], component.Versions);
        Assert.Equal(component.Shards.Select(s => s.Name), component.Workloads.Single().Shards);
    }

    [Fact]
    public async Task Probe_OnDemand_IsFreshAndComesWithItsLeaders()
    {
        await using var observed = await Observed.StartAsync("demo", probes: new ProbeOptions { Sweep = false });
        var seen = await observed.UntilAsync("demo/orders", t => Members(t).All(i => i.Ready));
        var component = seen.Components[0];
        var shard = component.Shards[0];
        await observed.Prober.RequestAsync(seen.Cluster, [.. shard.Instances.Select(i => new ProbeRequest(component.Name, shard.Name, i.Name, TimeSpan.FromSeconds(1)))], CancellationToken.None);
        var now = observed.Catalog.Find(seen.Cluster)!.Current.Components[0].Shards[0];
        var (leader, follower) = (now.Instances.Single(i => i.Role == "primary"), now.Instances.First(i => i.Role == "secondary"));
        await observed.Prober.RequestAsync(seen.Cluster, [new ProbeRequest(component.Name, shard.Name, follower.Name, TimeSpan.Zero)], CancellationToken.None);
        var again = observed.Catalog.Find(seen.Cluster)!.Current.Components[0].Shards[0].Instances;
        Assert.True(again.Single(i => i.Name == leader.Name).Probe!.At > leader.Probe!.At);
        Assert.True(again.Single(i => i.Name == follower.Name).Probe!.At > follower.Probe!.At);
    }

    [Fact]
    public async Task Exec_Forbidden_LeavesTheLabelAndSaysSo()
    {
        await using var observed = await Observed.StartAsync("demo");
        using var denied = observed.Cluster.Faults.Deny(new AccessRule(["*"], ["pods/exec"]));
        var key = await FirstKubeBlocksAsync(observed);
        var cluster = await observed.UntilAsync(key, t => Members(t).Any() && Members(t).All(i => i is { RoleSource: "label", Probe.CannotRun: true }));
        Assert.All(Members(cluster), i => Assert.NotNull(i.LabelRoleSince));
        Assert.All(Members(cluster), i => Assert.Contains("forbidden", i.Probe!.Error, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Server_DownAndUpAgain_IsShownAsOldAndThenCatchesUp()
    {
        await using var observed = await Observed.StartAsync();
        var key = (await FirstAsync(observed)).ToString();
        await observed.UntilAsync(key, t => t.Connected && Members(t).All(i => i.Ready));
        string gone;
        using (observed.Cluster.Faults.TakeServerDown())
        {
            var down = await observed.UntilAsync(key, t => !t.Connected);
            gone = Members(down).First().Uid;
            Assert.Contains(observed.Catalog.Notes, n => n.Severity == Severity.Warning);
        }
        observed.Cluster.Faults.ExpireResourceVersions();
        await observed.UntilAsync(key, t => t.Connected);
        await observed.Cluster.DeletePodAsync(Members(observed.Catalog.Find(await FirstAsync(observed))!.Current).First().Name, CancellationToken.None);
        await observed.UntilAsync(key, t => Members(t).All(i => i.Ready && i.Uid != gone));
    }

    private static async Task<ClusterKey> FirstAsync(Observed observed)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!observed.Catalog.Ready || !observed.Catalog.Stores.Any())
            await observed.Catalog.WhenAfterAsync(observed.Catalog.Version, patience.Token);
        return observed.Catalog.Stores.First().Cluster;
    }

    private static async Task<string> FirstKubeBlocksAsync(Observed observed)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var version = observed.Catalog.Version;
            if (observed.Catalog.Stores.FirstOrDefault(s => s.Current.Kind == ClusterKind.Cluster) is { } store)
                return store.Cluster.ToString();
            await observed.Catalog.WhenAfterAsync(version, patience.Token);
        }
    }
}
