using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Rollcall.E2E.Support;
using Rollcall.Simulator.Api;
using Xunit;

namespace Rollcall.E2E.ApiSemantics;

/// <summary>The faults that the simulator can be told to have, seen from a client.</summary>
public sealed class SimulatedFaultTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private SimulatedApiServer _server = null!;
    private Kubernetes _client = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await SimulatedApiServer.StartAsync(new(), _time, Ct);
        _client = SimulatedApi.Connect(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(409, "Conflict")]
    [InlineData(429, "TooManyRequests")]
    [InlineData(500, "InternalError")]
    public async Task Rule_Status_RefusesWhatItMatchesAndNothingElse(int code, string reason)
    {
        using var fault = _server.Faults.Add(new() { Verbs = ["create"], Resource = "configmaps", Status = code, RetryAfter = TimeSpan.FromSeconds(7), Times = 1 });
        await ListAsync();
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(() => CreateAsync("a"));
        Assert.Equal(code, (int)refusal.Response.StatusCode);
        Assert.Equal(["7"], refusal.Response.Headers["Retry-After"]);
        var status = KubernetesJson.Deserialize<V1Status>(refusal.Response.Content);
        Assert.Equal((reason, 7), (status.Reason, status.Details.RetryAfterSeconds));
        await CreateAsync("a");
    }

    [Fact]
    public async Task Rule_Disposed_IsOver()
    {
        using (_server.Faults.Add(new() { Status = 500 }))
            await Assert.ThrowsAsync<HttpOperationException>(ListAsync);
        await ListAsync();
    }

    [Fact]
    public async Task Rule_Latency_HoldsTheRequestBack()
    {
        using var fault = _server.Faults.Add(new() { Verbs = ["list"], Latency = TimeSpan.FromMinutes(1) });
        var list = ListAsync();
        // Another request passes meanwhile, so the first has had its turn.
        await CreateAsync("a");
        Assert.False(list.IsCompleted);
        while (!list.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.WhenAny(list, CreateAsync(Guid.NewGuid().ToString("n")));
        }

        Assert.Contains((await list).Items, i => i.Metadata.Name == "a");
    }

    [Fact]
    public async Task Rule_LoseAnswer_TakesEffectButTellsNobody()
    {
        using (_server.Faults.Add(new() { Verbs = ["create"], Resource = "configmaps", LoseAnswer = true }))
            await Assert.ThrowsAsync<HttpRequestException>(() => CreateAsync("a"));
        Assert.Contains((await ListAsync()).Items, i => i.Metadata.Name == "a");
    }

    [Fact]
    public async Task DropWatches_BreaksOpenOnes()
    {
        await using var watch = await OpenWatchAsync();
        _server.Faults.DropWatches();
        await Assert.ThrowsAnyAsync<Exception>(() => watch.NextAsync());
        await using var again = await OpenWatchAsync();
    }

    [Fact]
    public async Task FreezeWatches_SilencesOpenOnesUntilTheyAreDropped()
    {
        await using var frozen = await OpenWatchAsync();
        _server.Faults.FreezeWatches();
        await using var fresh = await OpenWatchAsync();
        await CreateAsync("a");
        Assert.Equal("a", (await fresh.NextAsync()).Object.Metadata.Name);
        Assert.Equal(2, _server.OpenWatchCount);

        _server.Faults.DropWatches();
        // It never saw "a": the first thing it hears is the break.
        await Assert.ThrowsAnyAsync<Exception>(() => frozen.NextAsync());
    }

    [Fact]
    public async Task ExpireResourceVersions_EndsOpenWatchesWithGone()
    {
        await using var watch = await OpenWatchAsync();
        var before = (await ListAsync()).Metadata.ResourceVersion;
        _server.Faults.ExpireResourceVersions();
        var error = await Assert.ThrowsAsync<KubernetesException>(() => watch.NextAsync());
        Assert.Equal(410, error.Status.Code);

        // From a new list on everything is well again.
        Assert.NotEqual(before, (await ListAsync()).Metadata.ResourceVersion);
        await using var again = await OpenWatchAsync();
    }

    [Fact]
    public async Task TakeServerDown_RefusesUntilItIsUpAgain()
    {
        await using var watch = await OpenWatchAsync();
        using (_server.Faults.TakeServerDown())
        {
            await Assert.ThrowsAnyAsync<Exception>(() => watch.NextAsync());
            await Assert.ThrowsAsync<HttpRequestException>(ListAsync);
        }

        await ListAsync();
    }

    [Fact]
    public async Task Deny_IsForbiddenAndSoTheReviewSays()
    {
        using (_server.Faults.Deny(new(["delete"], ["pods"], "default")))
        {
            var refusal = await Assert.ThrowsAsync<HttpOperationException>(() => _client.CoreV1.DeleteNamespacedPodAsync("a", "default", cancellationToken: Ct));
            Assert.Equal(HttpStatusCode.Forbidden, refusal.Response.StatusCode);
            Assert.Contains("cannot delete resource \\\"pods\\\" in API group", refusal.Response.Content, StringComparison.Ordinal);
            Assert.False(await ReviewAsync("delete"));
            Assert.True(await ReviewAsync("list"));
        }

        Assert.True(await ReviewAsync("delete"));
    }

    [Fact]
    public async Task Watch_Bookmark_ComesByTheServersClock()
    {
        await using var watch = await OpenWatchAsync(bookmarks: true);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(WatchEventType.Bookmark, (await watch.NextAsync()).Type);
    }

    [Fact]
    public async Task Events_AfterAnHour_AreGone()
    {
        var happened = new Corev1Event
        {
            Metadata = new() { Name = "e" }, InvolvedObject = new() { Kind = "Pod", Name = "db-0", NamespaceProperty = "default" }, Reason = "Rolled", LastTimestamp = _time.GetUtcNow().UtcDateTime,
        };
        await _client.CoreV1.CreateNamespacedEventAsync(happened, "default", cancellationToken: Ct);
        Assert.Single((await _client.CoreV1.ListNamespacedEventAsync("default", fieldSelector: "involvedObject.name=db-0,reason=Rolled", cancellationToken: Ct)).Items);
        await using var watch = new WatchReader<Corev1Event>((onError, ct) => _client.CoreV1.WatchListNamespacedEventAsync("default", onError: onError, cancellationToken: ct));
        Assert.Equal(WatchEventType.Added, (await watch.NextAsync()).Type);
        _time.Advance(TimeSpan.FromMinutes(65));
        Assert.Equal(WatchEventType.Deleted, (await watch.NextAsync()).Type);
    }

    private Task<V1ConfigMapList> ListAsync() => _client.CoreV1.ListNamespacedConfigMapAsync("default", cancellationToken: Ct);

    private Task<V1ConfigMap> CreateAsync(string name) =>
        _client.CoreV1.CreateNamespacedConfigMapAsync(new() { Metadata = new() { Name = name } }, "default", cancellationToken: Ct);

    private async Task<bool> ReviewAsync(string verb)
    {
        var review = new V1SelfSubjectAccessReview { Spec = new() { ResourceAttributes = new() { Verb = verb, Resource = "pods", NamespaceProperty = "default" } } };
        return (await _client.AuthorizationV1.CreateSelfSubjectAccessReviewAsync(review, cancellationToken: Ct)).Status.Allowed;
    }

    // Open for certain: it has delivered something.
    private async Task<WatchReader<V1ConfigMap>> OpenWatchAsync(bool bookmarks = false)
    {
        var marker = await CreateAsync($"marker-{Guid.NewGuid():n}");
        var watch = new WatchReader<V1ConfigMap>((onError, ct) => _client.CoreV1.WatchListNamespacedConfigMapAsync(
            "default", allowWatchBookmarks: bookmarks, resourceVersion: $"{long.Parse(marker.Metadata.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture) - 1}", onError: onError, cancellationToken: ct));
        Assert.Equal(marker.Metadata.Name, (await watch.NextAsync()).Object.Metadata.Name);
        return watch;
    }
}
