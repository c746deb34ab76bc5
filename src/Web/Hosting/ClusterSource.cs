using k8s;
using k8s.Exceptions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Simulator;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Hosting;

/// <summary>Where the clusters are: a kubeconfig, the service account of our Pod, or a demo cluster in this process.</summary>
public sealed class ClusterSource(DashboardOptions options, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private DemoCluster? _demo;
    private KubernetesConnection? _connection;

    public static bool IsDemo(ClusterOptions cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return cluster.Demo || (string.IsNullOrEmpty(cluster.Kubeconfig) && !KubernetesClientConfiguration.IsInCluster());
    }

    public KubernetesConnection Connection => _connection ?? throw new InvalidOperationException("The cluster source has not been started.");

    /// <summary>The demo cluster when there is one: tests break things in it.</summary>
    public DemoCluster? Demo => _demo;

    /// <summary>The address a run belongs to; the demo starts anew with each process and has a word of its own.</summary>
    public string Origin => _demo is null ? Connection.Server.AbsoluteUri.TrimEnd('/') : EngineOptions.DemoOrigin;

    /// <exception cref="UsageException">The kubeconfig cannot be used; the message says why.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        if (_connection is not null)
            return;
        var cluster = options.Cluster;
        if (IsDemo(cluster))
        {
            _demo = await DemoCluster.StartAsync(string.IsNullOrEmpty(cluster.Scenario) ? new DemoOptions() : new DemoOptions { Scenario = cluster.Scenario }, time, loggers, ct);
            _connection = KubernetesConnection.FromKubeconfigText(_demo.KubeconfigYaml, time, @namespace: cluster.Namespace);
            return;
        }
        try
        {
            _connection = string.IsNullOrEmpty(cluster.Kubeconfig)
                ? KubernetesConnection.InCluster(time, cluster.Namespace)
                : KubernetesConnection.FromKubeconfig(cluster.Kubeconfig, string.IsNullOrEmpty(cluster.Context) ? null : cluster.Context, time, cluster.Namespace);
        }
        catch (Exception e) when (e is KubeConfigException or KubernetesException or YamlDotNet.Core.YamlException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The cluster cannot be reached with {(string.IsNullOrEmpty(cluster.Kubeconfig) ? "the service account of this Pod" : $"the kubeconfig \"{cluster.Kubeconfig}\"")}: {e.Message}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _connection?.Dispose();
        if (_demo is not null)
            await _demo.DisposeAsync();
    }
}
