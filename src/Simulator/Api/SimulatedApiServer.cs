using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Rollcall.Simulator.Api.Controllers;
using Rollcall.Simulator.Api.Http;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api;

/// <summary>
/// A Kubernetes API server in this process, on loopback: the semantics of list, watch, writes, deletion, eviction and exec for the kinds that Rollcall
/// and its simulated operators use, with the garbage collector, namespace and disruption controllers of a control plane. Clients reach it through
/// an ordinary kubeconfig. It is a host of its own beside whatever else the process hosts: no console, no signals, no shared services.
/// </summary>
public sealed class SimulatedApiServer : IAsyncDisposable
{
    private const long MaxBodyBytes = 3 * 1024 * 1024;

    private readonly WebApplication _app;
    private readonly ConnectionGate _connections;
    private readonly OpenWatches _watches;
    private readonly ExecEndpoint _exec;
    private readonly CancellationTokenSource _stopping;
    private readonly Task _controllers;
    private int _disposed;

    private SimulatedApiServer(WebApplication app, ConnectionGate connections, OpenWatches watches, ExecEndpoint exec, FaultPlan faults, Task controllers, CancellationTokenSource stopping, string name, Tokens tokens, Uri url)
    {
        _app = app;
        _connections = connections;
        _watches = watches;
        _exec = exec;
        _controllers = controllers;
        _stopping = stopping;
        Faults = faults;
        KubeconfigYaml = Kubeconfig(name, url, tokens.Client);
        ControlPlaneKubeconfigYaml = Kubeconfig(name, url, tokens.ControlPlane);
        Url = url;
    }

    public Uri Url { get; }

    /// <summary>A kubeconfig with a bearer token, for KubernetesClient and kubectl alike.</summary>
    public string KubeconfigYaml { get; }

    /// <summary>As <see cref="KubeconfigYaml"/>, for what stands for the cluster's own operators: spared from faults and from missing permissions.</summary>
    public string ControlPlaneKubeconfigYaml { get; }

    public FaultPlan Faults { get; }

    /// <summary>How many watches of clients are open now.</summary>
    public int OpenWatchCount => _watches.Count;

    /// <summary>Serves on loopback when it returns. Throws <see cref="IOException"/> when the port is taken.</summary>
    public static async Task<SimulatedApiServer> StartAsync(SimulatedApiOptions options, TimeProvider time, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.History, 1);
        var catalog = new ResourceCatalog(options.KubeBlocks);
        var store = new ObjectStore(catalog, options.History);
        var registry = new Registry(store, time);
        var deletions = new Deletions(store, registry, time);
        var disruption = new DisruptionController(store, registry, time);
        store.Tell(new GarbageCollector(store, registry, deletions).OnCommitted);
        store.Tell(new NamespaceDefaults(registry).OnCommitted);
        store.Tell(disruption.OnCommitted);

        var watches = new OpenWatches();
        var connections = new ConnectionGate();
        var faults = new FaultPlan(options.Denied, watches.Strike, store.ExpireHistory, connections.AbortAll);
        connections.IsShut = () => faults.IsDown;
        var tokens = new Tokens(options.Token ?? NewToken(), NewToken());
        var exec = new ExecEndpoint(registry);
        var stopping = new CancellationTokenSource();
        var handler = new ApiHandler(
            catalog, new Discovery(catalog), new AccessReviews(faults), faults, time, tokens,
            new ListEndpoint(store), new WatchEndpoint(store, watches, options, time, stopping.Token),
            new ResourceEndpoint(store, registry, deletions), new PodEndpoint(registry, new Evictions(store, registry, deletions), exec));
        foreach (var ns in (string[])["default", "kube-system"])
            registry.Create(ResourceCatalog.Namespaces, "", new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } }, WriteContext.Internal);

        var app = Build(options.Port, connections, handler);
        await app.StartAsync(ct);
        var url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        var controllers = Task.WhenAll(disruption.RunAsync(stopping.Token), new EventExpiry(store, deletions, time).RunAsync(stopping.Token));
        return new(app, connections, watches, exec, faults, controllers, stopping, options.ClusterName, tokens, url);
    }

    /// <summary>Sets what answers exec; until then every exec fails.</summary>
    public void SetExecHandler(IExecHandler handler) => _exec.Handler = handler;

    /// <summary>Writes <see cref="KubeconfigYaml"/> to a file that only this user can read, and returns its full path.</summary>
    public string WriteKubeconfig(string path)
    {
        var full = Path.GetFullPath(path);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(full, options);
        writer.Write(KubeconfigYaml);
        return full;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stopping.CancelAsync();
        _watches.DropAll();
        // Clients that keep connections open do not hold up the end.
        _connections.AbortAll();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        try
        {
            await _controllers;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // How they end. Anything else was a fault of ours, and is thrown.
        }

        _stopping.Dispose();
    }

    private static WebApplication Build(int port, ConnectionGate connections, ApiHandler handler)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton<IHostLifetime, DetachedLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            // A watch that its client does not read is back-pressure at work, not an attack.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(connections.Middleware);
            });
        });
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(handler.HandleAsync);
        return app;
    }

    private static string NewToken() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private static string Kubeconfig(string name, Uri url, string token) =>
        $$"""
          apiVersion: v1
          kind: Config
          clusters:
          - name: {{name}}
            cluster: { server: "{{url.AbsoluteUri.TrimEnd('/')}}" }
          users:
          - name: {{name}}
            user: { token: "{{token}}" }
          contexts:
          - name: {{name}}
            context: { cluster: {{name}}, user: {{name}} }
          current-context: {{name}}

          """;

    /// <summary>The process belongs to somebody else: no signals are listened to.</summary>
    private sealed class DetachedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
