using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.E2E.ControlPlane;
using Rollcall.E2E.Support;
using Rollcall.Simulator;

namespace Rollcall.E2E.Simulator;

/// <summary>A simulated cluster that outlives every Rollcall, a Rollcall as a process of its own, and the log of one cluster's Pods.</summary>
internal sealed class SimulatedRollcall : IAsyncDisposable
{
    public const string Space = "demo";

    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-simulated-").FullName;
    private readonly IKubernetes _client;

    private SimulatedRollcall(DemoCluster cluster, IKubernetes client, PodLog pods) => (Cluster, _client, Pods) = (cluster, client, pods);

    public DemoCluster Cluster { get; }

    public PodLog Pods { get; }

    public DashboardProcess Rollcall { get; private set; } = null!;

    public RollcallApi Api => Rollcall.Api;

    /// <param name="members">How many Pods the cluster has.</param>
    public static async Task<SimulatedRollcall> StartAsync(string scenario, double speed, string cluster, int members, CancellationToken ct)
    {
        var demo = await DemoCluster.StartAsync(new DemoOptions { Scenario = scenario, Speed = speed }, TimeProvider.System, NullLoggerFactory.Instance, ct);
        var client = DemoCluster.ClientFor(demo.KubeconfigYaml);
        SimulatedRollcall simulated = new(demo, client, await PodLog.StartAsync(client, Space, $"rollcall.dev/cluster={cluster}", members, ct));
        var kubeconfig = Path.Combine(simulated._folder, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, demo.KubeconfigYaml, ct);
        simulated.Rollcall = await DashboardProcess.StartAsync(kubeconfig, Path.Combine(simulated._folder, "rollcall.db"), ct);
        return simulated;
    }

    public async Task<string> ExecAsync(string pod, CancellationToken ct, params string[] command)
    {
        var answer = await Cluster.Operators.ExecAsync(new(Space, pod, "", command), ct);
        return answer.ExitCode == 0 ? answer.Stdout : throw new InvalidOperationException($"{pod}: {answer.Stdout}{answer.Stderr}");
    }

    public async ValueTask DisposeAsync()
    {
        if (Rollcall is not null)
            await Rollcall.DisposeAsync();
        await Pods.DisposeAsync();
        _client.Dispose();
        await Cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
