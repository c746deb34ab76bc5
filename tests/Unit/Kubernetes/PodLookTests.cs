using System.Globalization;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Looking;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Simulator.Api;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

/// <summary>What the drawer reads on demand, against an API server.</summary>
public sealed class PodLookTests : IAsyncLifetime
{
    private static readonly ClusterKey Orders = new("demo", "orders");
    private BareCluster _cluster = null!;
    private PodLook _look = null!;
    private string _uid = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = await BareCluster.StartAsync();
        _uid = (await _cluster.CreatePodAsync("orders-0")).Uid;
        var catalog = new ClusterCatalog();
        var shown = BareCluster.Context().Topology;
        shown = shown with { Components = [shown.Components[0] with { Shards = [shown.Components[0].Shards[0] with { Instances = [shown.Components[0].Shards[0].Instances[0] with { Uid = _uid }] }] }] };
        catalog.GetOrAdd(Orders, () => new TopologyStore(shown, "e"));
        _look = new PodLook(_cluster.Connection, catalog, TimeProvider.System);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private static InstanceRef Member(string name) => new("orders", "orders", name);

    private Task<KubeObject> NoteAsync(string name, string uid, string reason, string last, int count = 1, string message = "said") => _cluster.CreateAsync(KubeKind.Events.Collection("demo"), $$"""
        {"apiVersion":"v1","kind":"Event","metadata":{"name":"{{name}}","namespace":"demo"},"involvedObject":{"kind":"Pod","name":"orders-0","namespace":"demo","uid":"{{uid}}"},
         "type":"Warning","reason":"{{reason}}","message":"{{message}}","count":{{count.ToString(CultureInfo.InvariantCulture)}},"source":{"component":"kubelet"},"firstTimestamp":"2026-11-22T21:00:00Z","lastTimestamp":"{{last}}"}
        """);

    [Fact]
    public async Task EventsAsync_OfAMember_AreThoseOfItsPresentPodNewestFirst()
    {
        await NoteAsync("one", _uid, "Pulling", "2026-11-22T22:00:00Z");
        await NoteAsync("two", _uid, "BackOff", "2026-11-22T22:05:00Z", count: 7, message: new string('x', 5000));
        await NoteAsync("three", "an-earlier-life", "Killing", "2026-11-22T22:09:00Z");

        var read = await _look.EventsAsync(Orders, Member("orders-0"), Ct);

        Assert.True(read.Ok, read.Refusal?.Message);
        Assert.Equal(["BackOff", "Pulling"], read.Value.Events.Select(e => e.Reason));
        Assert.Equal((7, "kubelet", PodLook.MostMessage + 1), (read.Value.Events[0].Count, read.Value.Events[0].From, read.Value.Events[0].Message.Length));
    }

    [Fact]
    public async Task ObjectAsync_OfAMember_HasConditionsContainersAndYaml()
    {
        var read = await _look.ObjectAsync(Orders, Member("orders-0"), Ct);

        Assert.True(read.Ok, read.Refusal?.Message);
        Assert.Contains(read.Value.Conditions, c => c is { Type: "Ready", Status: "True" });
        Assert.Contains(read.Value.Containers, c => c is { Name: "redis", Ready: true, State: "running" });
        Assert.Contains("name: orders-0", read.Value.Yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("managedFields", read.Value.Yaml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ObjectAsync_OfAPodThatIsNoMember_IsRefusedWithoutAsking()
    {
        await _cluster.CreatePodAsync("stranger-0");
        var read = await _look.ObjectAsync(Orders, Member("stranger-0"), Ct);
        Assert.Equal(RefusalKind.NotFound, read.Refusal?.Kind);
    }

    [Fact]
    public async Task EventsAsync_WhereTheRightIsMissing_SaysWhichOne()
    {
        using var denied = _cluster.Server.Faults.Deny(new AccessRule(["list"], ["events"]));
        var read = await _look.EventsAsync(Orders, Member("orders-0"), Ct);
        Assert.Equal(RefusalKind.Forbidden, read.Refusal?.Kind);
        Assert.Contains("\"list\" on \"events\"", read.Refusal!.Message, StringComparison.Ordinal);
    }
}
