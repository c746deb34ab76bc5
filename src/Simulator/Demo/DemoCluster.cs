using k8s;
using Rollcall.Simulator.Api;
using Rollcall.Simulator.Demo;
using Rollcall.Simulator.Operators;
using Rollcall.Simulator.Scenarios;

namespace Rollcall.Simulator;

/// <summary>A whole cluster in this process: API server, operators, nodes and databases, set up as a scenario says.</summary>
public sealed class DemoCluster : IAsyncDisposable
{
    private readonly IKubernetes _client;
    private readonly IncidentRunner _incidents;

    private DemoCluster(SimulatedApiServer server, SimulatedOperators operators, IKubernetes client, Scenario scenario, IncidentRunner incidents) =>
        (Server, Operators, _client, Scenario, _incidents) = (server, operators, client, scenario, incidents);

    public SimulatedApiServer Server { get; }

    public SimulatedOperators Operators { get; }

    public Scenario Scenario { get; }

    public string KubeconfigYaml => Server.KubeconfigYaml;

    /// <summary>Faults of the API server.</summary>
    public FaultPlan Faults => Server.Faults;

    /// <summary>Serves when it returns; its Pods come up in the seconds after. Throws <see cref="ScenarioException"/> or, when the port is taken, <see cref="IOException"/>.</summary>
    public static async Task<DemoCluster> StartAsync(DemoOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!(options.Speed > 0))
            throw new ScenarioException($"The speed is {options.Speed}; it must be above 0.");
        var scenario = ScenarioLoader.Load(options.Scenario);
        foreach (var group in scenario.StatefulSets.Where(g => g.ShardCount > 0))
            group.ShardCount = options.ShardCount ?? group.ShardCount;
        var server = await SimulatedApiServer.StartAsync(
            new SimulatedApiOptions { Port = options.Port, KubeBlocks = scenario.KubeBlocks is not null, ClusterName = scenario.Name }, time, ct);
        IKubernetes? client = null;
        try
        {
            client = ClientFor(server.ControlPlaneKubeconfigYaml);
            var operators = await SimulatedOperators.StartAsync(
                client, new OperatorOptions { KubeBlocks = scenario.KubeBlocks is not null, Speed = options.Speed }, scenario, time, logs, ct);
            server.SetExecHandler(operators);
            var incidents = new IncidentRunner(scenario, options.Speed, operators, server.Faults, time, logs.CreateLogger<IncidentRunner>());
            return new DemoCluster(server, operators, client, scenario, incidents);
        }
        catch
        {
            client?.Dispose();
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client for the cluster of this kubeconfig.</summary>
    public static IKubernetes ClientFor(string kubeconfig)
    {
        using var text = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(kubeconfig));
        return new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(text));
    }

    /// <summary>A Pod deleted behind everybody's back.</summary>
    public Task DeletePodAsync(string name, CancellationToken ct) => Operators.DeletePodAsync(name, ct);

    /// <summary>A leader change that nobody planned; false when no member could take over.</summary>
    public bool FailOver(string cluster, string shard) => Operators.FailOver(cluster, shard);

    /// <summary>A second member of the shard believes to lead, until it restarts.</summary>
    public bool SplitBrain(string cluster, string shard) => Operators.SplitBrain(cluster, shard);

    /// <summary>Lets a replica fall behind by so many seconds of writes; 0 heals it.</summary>
    public void SetLag(string pod, double seconds) => Operators.SetLag(pod, seconds);

    /// <summary>Containers that ask for this tag never start.</summary>
    public void SetImageBad(string tag) => Operators.SetImageBad(tag);

    /// <summary>Planned hand-overs are accepted and then do not happen.</summary>
    public void FailSwitchovers(bool fail) => Operators.SwitchoversFail = fail;

    public async ValueTask DisposeAsync()
    {
        _incidents.Dispose();
        await Operators.DisposeAsync();
        _client.Dispose();
        await Server.DisposeAsync();
    }
}
