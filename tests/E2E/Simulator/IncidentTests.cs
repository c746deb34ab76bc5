using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.E2E.Support;
using Rollcall.Simulator;
using Xunit;

namespace Rollcall.E2E.Simulator;

/// <summary>Each fault can be asked for in a scenario's YAML, and comes true by itself.</summary>
public sealed class IncidentTests : IAsyncLifetime
{
    private const string Space = "demo";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-incidents-").FullName;
    private DemoCluster? _cluster;
    private IKubernetes? _client;
    private IKubernetes? _spared;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _spared?.Dispose();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Failover_MovesTheLeader()
    {
        await StartAsync("{ at: 20s, every: 20s, do: failover, cluster: orders, shard: shard-a }");

        await SaysAsync("orders-a-1", "role:slave");
    }

    [Fact]
    public async Task SplitBrain_MakesTwoLeaders()
    {
        await StartAsync("{ at: 20s, every: 20s, do: splitBrain, cluster: orders, shard: shard-b }");

        await Poll.UntilAsync("two members say master", Patience,
            async () => await Task.WhenAll(Enumerable.Range(0, 3).Select(i => RedisAsync($"orders-b-{i}"))),
            said => said.Count(s => s.Contains("role:master", StringComparison.Ordinal)) == 2, said => string.Join("\n", said), Ct);
    }

    [Fact]
    public async Task Lag_HoldsAReplicaBack_AndClearLagLetsItGo()
    {
        await StartAsync("{ at: 20s, every: 60s, do: lag, pod: orders-a-0, seconds: 77 }, { at: 50s, every: 60s, do: clearLag, pod: orders-a-0 }");

        await SaysAsync("orders-a-0", "master_last_io_seconds_ago:77");
        await SaysAsync("orders-a-0", "master_last_io_seconds_ago:0");
    }

    [Fact]
    public async Task DeletePod_ReplacesIt_AndWithABadImageItStaysDown()
    {
        await StartAsync("{ at: 20s, do: badImage, tag: 7.2.4 }, { at: 40s, do: deletePod, pod: orders-b-2 }");

        await new WatchedPods(_client!, Space).UntilAsync("orders-b-2 cannot pull its image", pods => pods.TryGetValue("orders-b-2", out var pod)
            && pod.Status?.ContainerStatuses?[0].State?.Waiting?.Reason is "ErrImagePull" or "ImagePullBackOff", Ct);
    }

    [Fact]
    public async Task FailSwitchovers_AcceptsThemAndDoesNothing_UntilTheyAreHealed()
    {
        await StartAsync("{ at: 0s, do: failSwitchovers }, { at: 200s, do: healSwitchovers }");
        await SaysAsync("orders-a-0", "master_link_status:up");

        await Poll.UntilAsync("orders-a-0 leads when switchovers work again", Patience,
            async () => (await ExecAsync("orders-a-0", "redis-cli", "CLUSTER", "FAILOVER"), await RedisAsync("orders-a-0")),
            said => said.Item2.Contains("role:master", StringComparison.Ordinal), said => said.Item2, Ct);
        Assert.False(_cluster!.Operators.SwitchoversFail);
    }

    [Theory]
    [InlineData("conflicts", HttpStatusCode.Conflict)]
    [InlineData("throttle", HttpStatusCode.TooManyRequests)]
    [InlineData("errors", HttpStatusCode.InternalServerError)]
    public async Task SpoiltRequest_IsRefusedWithItsStatus(string incident, HttpStatusCode status)
    {
        await StartAsync($"{{ at: 1s, do: {incident}, times: 1 }}");

        var refused = await Poll.UntilAsync($"a patch is answered with {status}", Patience, PatchAsync, s => s == status, s => $"{s}", Ct);

        Assert.Equal(status, refused);
        Assert.Null(await PatchAsync());
    }

    [Fact]
    public async Task LostAnswers_TakeEffectAllTheSame()
    {
        await StartAsync("{ at: 1s, do: lostAnswers, times: 1 }");

        await Poll.UntilAsync("the connection breaks instead of an answer", Patience, PatchAsync, s => s == 0, s => $"{s}", Ct);

        var set = await _spared!.AppsV1.ReadNamespacedStatefulSetAsync("orders-a", Space, cancellationToken: Ct);
        Assert.Equal("true", set.Metadata.Annotations["patched"]);
    }

    [Fact]
    public async Task DroppedWatches_End()
    {
        await StartAsync("{ at: 20s, every: 20s, do: dropWatches }");

        var error = await Record.ExceptionAsync(WatchToTheEndAsync);
        Assert.True(error is IOException or HttpRequestException or null, $"{error}");

        async Task WatchToTheEndAsync()
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            patience.CancelAfter(Patience);
            await foreach (var _ in _client!.CoreV1.WatchListNamespacedPodAsync(Space, onError: e => throw e, cancellationToken: patience.Token))
            {
            }
        }
    }

    [Fact]
    public async Task ExpiredVersions_AreGone()
    {
        await StartAsync("{ at: 20s, every: 20s, do: expireVersions }");
        await new WatchedPods(_client!, Space).UntilAllReadyAsync(6, Ct);
        var page = await _client!.CoreV1.ListNamespacedPodAsync(Space, limit: 1, cancellationToken: Ct);

        await Poll.UntilAsync("the continue token is too old", Patience, async () =>
        {
            try
            {
                await _client!.CoreV1.ListNamespacedPodAsync(Space, limit: 1, continueParameter: page.Continue(), cancellationToken: Ct);
                return HttpStatusCode.OK;
            }
            catch (HttpOperationException e)
            {
                return e.Response.StatusCode;
            }
        }, s => s == HttpStatusCode.Gone, s => $"{s}", Ct);
    }

    [Fact]
    public async Task SlowLists_AreHeldBack()
    {
        await StartAsync("{ at: 0s, do: slowLists, times: 1 }", speed: 1);

        await Poll.UntilAsync("another request overtakes a list", Patience, async () =>
        {
            var list = _client!.CoreV1.ListNamespacedPodAsync(Space, cancellationToken: Ct);
            await _client.CoreV1.ReadNamespaceAsync(Space, cancellationToken: Ct);
            await _client.CoreV1.ReadNamespaceAsync("default", cancellationToken: Ct);
            var overtaken = !list.IsCompleted;
            await list;
            return overtaken;
        }, overtaken => overtaken, overtaken => $"{overtaken}", Ct);
    }

    private async Task StartAsync(string incidents, double speed = 20)
    {
        var path = Path.Combine(_folder, "mine.yaml");
        await File.WriteAllTextAsync(path, $"name: mine\nextends: small\nincidents: [ {incidents} ]\n", Ct);
        _cluster = await DemoCluster.StartAsync(new DemoOptions { Scenario = path, Speed = speed }, TimeProvider.System, NullLoggerFactory.Instance, Ct);
        _client = DemoCluster.ClientFor(_cluster.KubeconfigYaml);
        _spared = DemoCluster.ClientFor(_cluster.Server.ControlPlaneKubeconfigYaml);
    }

    private Task<string> SaysAsync(string pod, string text) => Poll.UntilAsync($"{pod} says {text}", Patience, () => RedisAsync(pod), s => s.Contains(text + "\r\n", StringComparison.Ordinal), s => s, Ct);

    private Task<string> RedisAsync(string pod) => ExecAsync(pod, "redis-cli", "INFO", "replication");

    private async Task<string> ExecAsync(string pod, params string[] command) => (await _cluster!.Operators.ExecAsync(new(Space, pod, "redis", command), Ct)).Stdout;

    /// <summary>Null when it went through; 0 when there was no answer.</summary>
    private async Task<HttpStatusCode?> PatchAsync()
    {
        try
        {
            await _client!.AppsV1.PatchNamespacedStatefulSetAsync(
                new V1Patch("""{"metadata":{"annotations":{"patched":"true"}}}""", V1Patch.PatchType.MergePatch), "orders-a", Space, cancellationToken: Ct);
            return null;
        }
        catch (HttpOperationException e)
        {
            return e.Response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }
}
