using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Engine.Topology;
using Rollcall.Web;
using Rollcall.Web.Hosting;

namespace Rollcall.Bench;

/// <summary>The real dashboard in this process, with its demo cluster (whose API server counts its watches) and a big cluster beside it.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private readonly DashboardApplication _app;
    private readonly string _folder;

    private BenchServer(DashboardApplication app, string folder, string token, BigCluster cluster) => (_app, _folder, Token, Cluster) = (app, folder, token, cluster);

    public string Token { get; }
    public BigCluster Cluster { get; }
    public Uri Url => new(_app.Urls.First());
    public string LoginUrl => _app.LoginUrl;

    /// <summary>Watches that are open on the API server now.</summary>
    public int Watches => _app.Services.GetRequiredService<ClusterSource>().Demo!.Server.OpenWatchCount;

    public static async Task<BenchServer> StartAsync(int instances)
    {
        var folder = Directory.CreateTempSubdirectory("rollcall-bench-").FullName;
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var app = DashboardApplication.Create(["--urls", "http://127.0.0.1:0", "--database", Path.Combine(folder, "rollcall.db"), "--demo", "--scenario", "small", $"--Rollcall:Auth:BootstrapToken={token}", "--Logging:LogLevel:Default=Warning"]);
        await app.StartAsync();
        return new BenchServer(app, folder, token, BigCluster.Put(app.Services.GetRequiredService<ClusterCatalog>(), instances));
    }

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
