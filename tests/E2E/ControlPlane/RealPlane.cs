using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.E2E.Support;
using Rollcall.Simulator.Operators;
using Rollcall.Simulator.Scenarios;
using Xunit;

namespace Rollcall.E2E.ControlPlane;

/// <summary>A real API server with its real StatefulSet and disruption controllers; the simulator is the node that runs the Pods, and nothing else. Exec is impossible here.</summary>
public sealed class RealPlane : IAsyncLifetime
{
    public const string Space = "demo";

    private readonly RealControlPlane _server = new();
    private SimulatedOperators? _node;
    private Kubernetes? _client;

    public IKubernetes Client => _client ?? throw new InvalidOperationException("There is no control plane.");

    public string Kubeconfig => _server.KubeconfigPath;

    public async ValueTask InitializeAsync()
    {
        if (RealControlPlane.SkipReason is not null)
            return;
        await _server.InitializeAsync();
        _client = _server.CreateClient();
        var scenario = ScenarioLoader.Load(Path.Combine(RepositoryPaths.Root, "tests", "E2E", "ControlPlane", "plane.yaml"));
        var options = new OperatorOptions { StatefulSets = false, KubeBlocks = false };
        _node = await SimulatedOperators.StartAsync(_client, options, scenario, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        _client?.Dispose();
        await _server.DisposeAsync();
    }
}

/// <summary>Whole processes and whole control planes on one machine: one test at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ControlPlaneTests : ICollectionFixture<RealPlane>
{
    public const string Name = "control plane";
}
