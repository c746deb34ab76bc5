using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Engine.Topology;
using Rollcall.Simulator;
using Rollcall.Web;
using Rollcall.Web.Hosting;

namespace Rollcall.Bench;

/// <summary>The real dashboard in this process, with its demo cluster (whose API server counts its watches).</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private readonly DashboardApplication _app;
    private readonly string _folder;
    private BigCluster? _cluster;

    private BenchServer(DashboardApplication app, string folder, string token) => (_app, _folder, Token) = (app, folder, token);

    public string Token { get; }
    public BigCluster Cluster => _cluster ?? throw new InvalidOperationException("No big cluster was put into this dashboard.");
    public Uri Url => new(_app.Urls.First());
    public string LoginUrl => _app.LoginUrl;
    public DemoCluster Demo => _app.Services.GetRequiredService<ClusterSource>().Demo!;

    /// <summary>Watches that are open on the API server now.</summary>
    public int Watches => Demo.Server.OpenWatchCount;

    /// <summary>With a cluster of so many instances beside the demo's small one.</summary>
    public static async Task<BenchServer> StartAsync(int instances)
    {
        var server = await StartAsync("small");
        server.Put(instances);
        return server;
    }

    /// <param name="scenario">Name of a built-in one, or the text of one.</param>
    public static async Task<BenchServer> StartAsync(string scenario)
    {
        var folder = Directory.CreateTempSubdirectory("rollcall-bench-").FullName;
        if (scenario.Contains('\n', StringComparison.Ordinal))
        {
            var file = Path.Combine(folder, "bench.yaml");
            await File.WriteAllTextAsync(file, scenario);
            scenario = file;
        }
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var app = DashboardApplication.Create(["--urls", "http://127.0.0.1:0", "--database", Path.Combine(folder, "rollcall.db"), "--demo", "--scenario", scenario, $"--Rollcall:Auth:BootstrapToken={token}", "--Logging:LogLevel:Default=Warning"]);
        await app.StartAsync();
        return new BenchServer(app, folder, token);
    }

    public void Put(int instances, bool rollable = false) => _cluster = BigCluster.Put(_app.Services.GetRequiredService<ClusterCatalog>(), instances, rollable);

    /// <summary>Churns until it is cancelled.</summary>
    public async Task ChurnAsync(int members, TimeSpan every, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(every);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
                Cluster.Churn(members);
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
