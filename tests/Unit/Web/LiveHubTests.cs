using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Api;
using Rollcall.Web.Auth;
using Xunit;

namespace Rollcall.Unit.Web;

/// <summary>The hub over a real socket, with a real client, as a browser would use it.</summary>
[Collection(nameof(Dashboard))]
public sealed class LiveHubTests(Dashboard dashboard)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WatchTopology_AViewerThatKeepsUp_EndsInWhatIs()
    {
        var store = Put("live-follow");
        await using var connection = await ConnectAsync();
        var viewer = new Viewer();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var writing = Task.Run(() =>
        {
            for (var i = 1; i <= 200; i++)
                store.Update(t => t.WithShard(i % 2, m => m.SetItem(1, m[1] with { LagBytes = i })));
        }, Ct);

        await foreach (var frame in connection.StreamAsync<TopologyFrame>("WatchTopology", store.Cluster.ToString(), null, Ct))
        {
            viewer.Apply(frame);
            if (writing.IsCompleted && viewer.Version == store.Current.Version)
                break;
            await connection.InvokeAsync("Ack", store.Cluster.ToString(), frame.Version, Ct);
        }

        Assert.True(viewer.Sees(store.Current));
        Assert.Equal(1, viewer.Snapshots);
        // 200 writes in a burst: merged, not queued.
        Assert.InRange(viewer.Deltas, 0, 40);
    }

    [Fact]
    public async Task WatchTopology_AfterALostConnection_ResumesFromItsOwnVersion()
    {
        var store = Put("live-resume");
        string held;
        await using (var first = await ConnectAsync())
            held = (await FirstAsync(first, store, null)).Version;
        store.Update(t => t with { Phase = "Updating" });

        await using var second = await ConnectAsync();
        var frame = await FirstAsync(second, store, held);

        Assert.Equal(("delta", held, "Updating"), (frame.Kind, frame.From, frame.Header!.Phase));
    }

    [Theory]
    [InlineData("WatchTopology", "demo/nothing")]
    [InlineData("WatchTopology", "nonsense")]
    public async Task Watch_SomethingThatIsNotThere_IsAnErrorThatSaysSo(string method, string what)
    {
        await using var connection = await ConnectAsync();
        var error = await Assert.ThrowsAsync<HubException>(async () =>
        {
            await foreach (var _ in connection.StreamAsync<TopologyFrame>(method, what, null, Ct))
            {
            }
        });
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchRun_ThatIsNotThere_IsAnErrorThatSaysSo()
    {
        await using var connection = await ConnectAsync();
        var error = await Assert.ThrowsAsync<HubException>(async () =>
        {
            await foreach (var _ in connection.StreamAsync<RunFrame>("WatchRun", "r-none", 0L, Ct))
            {
            }
        });
        Assert.Contains("r-none", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_OfASessionThatIsEnded_ClosesAtOnce()
    {
        using var browser = await dashboard.LoginAsync("Live Person", Caller.Viewer);
        await using var connection = Build(o => o.Cookies = browser.Cookies);
        var closed = new TaskCompletionSource();
        connection.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await connection.StartAsync(Ct);

        dashboard.Services.GetRequiredService<AccessStore>().EndPerson("Live Person");

        await closed.Task.WaitAsync(TimeSpan.FromMinutes(2), Ct);
    }

    [Fact]
    public async Task Connection_WithoutLogin_IsRefused()
    {
        await using var connection = Build(_ => { });
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => connection.StartAsync(Ct));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    private static async Task<TopologyFrame> FirstAsync(HubConnection connection, TopologyStore store, string? from)
    {
        await foreach (var frame in connection.StreamAsync<TopologyFrame>("WatchTopology", store.Cluster.ToString(), from, Ct))
            return frame;
        throw new InvalidOperationException("The stream ended without a frame.");
    }

    private TopologyStore Put(string name)
    {
        var key = new ClusterKey("test", name);
        return dashboard.Services.GetRequiredService<ClusterCatalog>().GetOrAdd(key, () => new TopologyStore(Topologies.Cluster(2, 3) with { Cluster = key }, "t"));
    }

    private async Task<HubConnection> ConnectAsync()
    {
        var connection = Build(o => o.Headers["Authorization"] = $"Bearer {Dashboard.Token}");
        await connection.StartAsync(Ct);
        return connection;
    }

    private HubConnection Build(Action<Microsoft.AspNetCore.Http.Connections.Client.HttpConnectionOptions> configure) => new HubConnectionBuilder()
        .WithUrl(new Uri(dashboard.Url, "/hubs/live"), configure)
        .AddJsonProtocol(o => ApiJson.Apply(o.PayloadSerializerOptions))
        .Build();
}
