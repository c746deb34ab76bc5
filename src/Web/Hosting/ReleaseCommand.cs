using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes;
using Rollcall.Engine.Kubernetes.Observing;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Hosting;

/// <summary>
/// <c>rollcall release NAMESPACE/NAME</c>: gives held update strategies back from what is written on the held objects, for the day when the database is lost. It opens no database and starts no server.
/// </summary>
public static class ReleaseCommand
{
    /// <summary>How long the cluster may take to show itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public const int Refused = 1;

    public static async Task<int> RunAsync(CommandLine command, DashboardOptions options, TextWriter output, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(output);
        if (ClusterSource.IsDemo(options.Cluster))
            throw new UsageException("The demo cluster lives and ends with its dashboard; give --kubeconfig PATH.");
        await using var services = Services(options);
        await services.GetRequiredService<ClusterSource>().StartAsync(ct);
        services.GetRequiredService<ObserveService>().Start();
        var time = services.GetRequiredService<TimeProvider>();
        if (await FindAsync(services.GetRequiredService<ClusterCatalog>(), command.Target, time, ct) is not { } topology)
            return await SayAsync(output, Refused, $"There is no cluster {command.Target} in sight.");
        var held = topology.Components.Select(c => (Component: c, Workloads: c.Workloads.Where(w => w.Held is not null).ToArray())).Where(c => c.Workloads.Length > 0).ToArray();
        if (held.Length == 0)
            return await SayAsync(output, 0, $"Nothing of {command.Target} is held.");
        var restart = held.SelectMany(h => h.Component.Shards).SelectMany(s => s.Instances).Where(i => i.Uid.Length > 0 && !i.Updated).Select(i => i.Name).ToArray();
        if (restart.Length > 0 && !command.EvenIfMixed)
            return await SayAsync(output, Refused, $"These members do not run what the template asks for and would restart: {string.Join(", ", restart)}. To release anyway: --even-if-mixed.");
        return await ReleaseAsync(services, topology, held, time, output, ct);
    }

    private static async Task<int> ReleaseAsync(IServiceProvider services, TopologySnapshot topology, (Component Component, Workload[] Workloads)[] held, TimeProvider time, TextWriter output, CancellationToken ct)
    {
        var custody = services.GetRequiredService<ICustody>();
        // Under a name of its own: a Rollcall that is alive on this cluster keeps its Lease, and this is refused.
        var owner = $"release-{Environment.MachineName.ToLowerInvariant()}-{time.GetUtcNow().ToUnixTimeSeconds()}";
        var taken = await AcquireAsync(custody, topology.Cluster, owner, time, output, ct);
        if (taken.Status != ActStatus.Accepted)
            return await SayAsync(output, Refused, taken.Reason.Text);
        try
        {
            var driver = services.GetServices<IWorkloadDriver>().First(d => d.Kind == topology.Kind);
            var profile = services.GetRequiredService<ProfileLibrary>().Find(topology.Profile) ?? new EngineProfile { Name = topology.Profile, Title = topology.Profile, Text = "" };
            foreach (var (component, workloads) in held)
            {
                var by = workloads[0].Held!;
                var result = await driver.ExecuteAsync(new ReleaseAct("release", component.Name, [.. workloads.Select(w => w.Name)]), new ActContext(topology.Cluster, by.Run, 1, by.Owner, profile, topology), ct);
                if (result.Status != ActStatus.Accepted)
                    return await SayAsync(output, Refused, $"{component.Name}: {result.Reason.Text}");
                await output.WriteLineAsync(result.Reason.Text);
            }
            await SayMoversAsync(services, topology, profile, held[0].Workloads[0].Held!.Run, owner, output, ct);
            return 0;
        }
        finally
        {
            await custody.ReleaseAsync(topology.Cluster, owner, CancellationToken.None);
        }
    }

    /// <summary>What a run stopped stands in its journal only, and without it nobody can tell whose doing it is: so it is said, and not started over somebody's head.</summary>
    private static async Task SayMoversAsync(IServiceProvider services, TopologySnapshot topology, EngineProfile profile, string run, string owner, TextWriter output, CancellationToken ct)
    {
        var movers = new MoverReturn(services.GetRequiredService<IActionRunner>(), services.GetRequiredService<TimeProvider>(), owner);
        foreach (var mover in profile.Movers)
        {
            var stopped = await movers.StoppedAsync(mover, profile, run, topology, ct);
            if (stopped != false)
                await output.WriteLineAsync($"{mover.Title}: {(stopped == true ? "does not run" : "nobody says whether it runs")}. If a run stopped it, start it again: {string.Join(' ', mover.Resume)}");
        }
    }

    /// <summary>A Lease that nobody renews is taken over only after it was watched for a while; that is worth waiting for.</summary>
    private static async Task<ActResult> AcquireAsync(ICustody custody, ClusterKey cluster, string owner, TimeProvider time, TextWriter output, CancellationToken ct)
    {
        var until = time.GetUtcNow() + Patience;
        for (var said = false; ; said = true)
        {
            var taken = await custody.AcquireAsync(cluster, owner, "release", ct);
            if (taken.Status != ActStatus.NotNow || time.GetUtcNow() >= until)
                return taken;
            if (!said)
                await output.WriteLineAsync(taken.Reason.Text);
            await Task.Delay(TimeSpan.FromSeconds(5), time, ct);
        }
    }

    private static async Task<TopologySnapshot?> FindAsync(ClusterCatalog catalog, ClusterKey target, TimeProvider time, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            while (true)
            {
                var version = catalog.Version;
                if (catalog.Ready)
                    return catalog.Find(target)?.Current;
                await catalog.WhenAfterAsync(version, either.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }

    private static ServiceProvider Services(DashboardOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging(l => l.AddConsole(c => c.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning));
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(EngineSetup.Profiles(options));
        services.AddSingleton<ClusterSource>();
        services.AddRollcallKubernetes(s => s.GetRequiredService<ClusterSource>().Connection);
        return services.BuildServiceProvider();
    }

    private static async Task<int> SayAsync(TextWriter output, int exitCode, string line)
    {
        await output.WriteLineAsync(line);
        return exitCode;
    }
}
