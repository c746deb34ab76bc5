using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Telling;
using Rollcall.Engine.Storage;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Rollcall.Unit.Profiles;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

/// <summary>What somebody sees who looks at the object with kubectl; written to the simulator's API, which takes Events as a cluster does.</summary>
public sealed class ObjectEventsTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 25, 3, 0, 0, TimeSpan.Zero);
    private static readonly ObjectEvents.About Orders = new(KubeKind.StatefulSets, "demo", "orders-a", "uid-a");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static ObjectEvents Teller(KubernetesConnection connection, ClusterCatalog? catalog = null, ILogger<ObjectEvents>? log = null, RunNews? news = null) =>
        new(connection, catalog ?? new ClusterCatalog(), news ?? new RunNews(NullLogger<RunNews>.Instance), new FakeTimeProvider(At), log ?? NullLogger<ObjectEvents>.Instance);

    private static async Task<List<JsonElement>> EventsAsync(KubernetesConnection connection)
    {
        var answer = await connection.GetAsync(KubeKind.Events.Collection("demo") + "?fieldSelector=reportingComponent%3Drollcall", Ct);
        Assert.True(answer.Ok, answer.Message);
        return [.. answer.Body.GetProperty("items").EnumerateArray()];
    }

    [Fact]
    public async Task SameSentence_IsOneEventThatCounts()
    {
        await using var cluster = await BareCluster.StartAsync();
        using var events = Teller(cluster.Connection);
        var news = new ObjectNews("Paused", "orders-a-0 is not Ready after 300 s. Roll back, or press Retry.", Warning: true);
        await events.SayAsync(Orders, "r1", At, news, Ct);
        await events.SayAsync(Orders, "r1", At.AddMinutes(3), news, Ct);
        using (var restarted = Teller(cluster.Connection))
            await restarted.SayAsync(Orders, "r1", At.AddMinutes(4), news, Ct);
        await events.SayAsync(Orders, "r1", At.AddMinutes(5), new ObjectNews("Resumed", "ann lets it go on."), Ct);

        var all = await EventsAsync(cluster.Connection);
        Assert.Equal(2, all.Count);
        var paused = all.Single(e => e.GetProperty("reason").GetString() == "Paused");
        Assert.Equal((3, "Warning", "2026-11-25T03:00:00Z", "2026-11-25T03:04:00Z"), (paused.GetProperty("count").GetInt32(), paused.GetProperty("type").GetString(), paused.GetProperty("firstTimestamp").GetString(), paused.GetProperty("lastTimestamp").GetString()));
        var about = paused.GetProperty("involvedObject");
        Assert.Equal(("apps/v1", "StatefulSet", "orders-a", "uid-a"), (about.GetProperty("apiVersion").GetString(), about.GetProperty("kind").GetString(), about.GetProperty("name").GetString(), about.GetProperty("uid").GetString()));
        Assert.Contains("(run r1)", paused.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waits_AreSaidWithinTheObjectsAllowance_TransitionsAlways()
    {
        await using var cluster = await BareCluster.StartAsync();
        using var events = Teller(cluster.Connection);
        for (var i = 0; i < 40; i++)
            await events.SayAsync(Orders, "r1", At, new ObjectNews("Waiting", $"orders-a-0 is {i} bytes behind.", Rare: false), Ct);
        await events.SayAsync(Orders, "r1", At, new ObjectNews("RunSucceeded", "Done."), Ct);
        var all = await EventsAsync(cluster.Connection);
        Assert.Equal(Allowance.AtOnce, all.Count(e => e.GetProperty("reason").GetString() == "Waiting"));
        Assert.Single(all, e => e.GetProperty("reason").GetString() == "RunSucceeded");
    }

    [Fact]
    public void Allowance_ComesBackOneInFiveMinutes()
    {
        var time = new FakeTimeProvider(At);
        var allowance = new Allowance(time);
        for (var i = 0; i < Allowance.AtOnce; i++)
            Assert.True(allowance.Take("a"));
        Assert.False(allowance.Take("a"));
        Assert.True(allowance.Take("b"));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(allowance.Take("a"));
        Assert.False(allowance.Take("a"));
    }

    [Fact]
    public async Task MissingRight_IsSaidOnceInTheLogAndNothingIsTriedAnyMore()
    {
        await using var api = await ScriptedApi.StartAsync();
        api.Refuse(403, "Forbidden");
        var log = new Lines();
        using var events = Teller(api.Connection, log: log);
        await events.SayAsync(Orders, "r1", At, new ObjectNews("Paused", "a"), Ct);
        await events.SayAsync(Orders, "r1", At, new ObjectNews("Paused", "b"), Ct); // would wait for ever for an answer
        Assert.Contains("Rollcall__Cluster__Events=false", Assert.Single(log.Said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LinesOfARun_BecomeEventsOnTheObjectsTheyAreAbout()
    {
        await using var cluster = await BareCluster.StartAsync();
        var catalog = new ClusterCatalog();
        catalog.GetOrAdd(new ClusterKey("demo", "orders"), () => new TopologyStore(Make.Cluster(2), "e"));
        var news = new RunNews(NullLogger<RunNews>.Instance);
        using var events = Teller(cluster.Connection, catalog, news: news);
        await events.StartAsync(Ct);
        var plan = Make.Plan(Make.Cluster(2));
        var ledger = Ledger.Empty;
        void Write(params ImmutableArray<RunEvent> lines)
        {
            var batch = new JournalBatch("r1", ledger.Seq + 1, At, lines);
            news.Tell(new RunLines("r1", null, plan, ledger, batch));
            foreach (var e in lines)
                ledger = ledger.Apply(ledger.Seq + 1, At, e);
        }
        Write(new RunStarted("p1", "h1") { Actor = "ann" });
        Write(new StepStarted("s1", StepKind.Switchover, "redis", "all", "shard-b", null, 1, null) { From = "orders-b-2", To = "orders-b-0" }, new RuleRefused("s1", new Reason("orders-b-0 is 9 bytes behind.", "ReplicationCaughtUp")));
        Write(new StepFinished("s1", 1, StepState.Succeeded, null));
        Write(new StepStarted("s2", StepKind.Replace, "redis", "all", "shard-b", "orders-b-2", 1, null), new StepFinished("s2", 1, StepState.Succeeded, null));
        Write(new RunFinished(RunState.Succeeded, new Reason("Every member runs the new version and control is given back.")));

        List<JsonElement> all;
        while ((all = await EventsAsync(cluster.Connection)).Count < 6)
            await Task.Yield();
        Assert.Equal(
            ["orders-a RunStarted", "orders-a RunSucceeded", "orders-b RunStarted", "orders-b RunSucceeded", "orders-b SwitchedOver", "orders-b Waiting"],
            all.Select(e => $"{e.GetProperty("involvedObject").GetProperty("name").GetString()} {e.GetProperty("reason").GetString()}").Order(StringComparer.Ordinal));
        Assert.Contains(all, e => e.GetProperty("message").GetString() == "shard-b: leadership went from orders-b-2 to orders-b-0. (run r1)");
        await events.StopAsync(CancellationToken.None);
    }

    [Fact]
    public void WholeCluster_OfManyStatefulSets_IsSaidOnTheFirstTen()
    {
        var catalog = new ClusterCatalog();
        catalog.GetOrAdd(new ClusterKey("demo", "orders"), () => new TopologyStore(Make.Cluster(20), "e"));
        using var api = new KubernetesConnection(new k8s.KubernetesClientConfiguration { Host = "http://127.0.0.1:1" }, TimeProvider.System);
        using var events = Teller(api, catalog);
        ImmutableArray<string> workloads = [.. Make.Cluster(20).Components[0].Workloads.Select(w => w.Name)];
        Assert.Equal(ObjectEvents.MostObjects, events.Objects(new ClusterKey("demo", "orders"), ClusterKind.StatefulSetGroup, new ObjectNews("RunStarted", ""), workloads).Count());
        Assert.Equal("orders-t", Assert.Single(events.Objects(new ClusterKey("demo", "orders"), ClusterKind.StatefulSetGroup, new ObjectNews("Waiting", "", Component: "redis", Shard: "shard-t"), workloads)).Name);
        Assert.Equal("Cluster orders", Assert.Single(events.Objects(new ClusterKey("demo", "orders"), ClusterKind.Cluster, new ObjectNews("RunStarted", ""), workloads)) is var one ? $"{one.Kind.Kind} {one.Name}" : "");
    }

    [Fact]
    public void Documentation_HasEveryReason()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "kubernetes-events.md"));
        var source = File.ReadAllText(Path.Combine(Repository.Root, "src", "Engine", "Kubernetes", "Telling", "ObjectNews.cs"));
        var reasons = System.Text.RegularExpressions.Regex.Matches(source[source.IndexOf("switch", StringComparison.Ordinal)..], "\"(?<r>[A-Z][A-Za-z]+)\"(,| =>)?", System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Select(m => m.Groups["r"].Value).Distinct().ToArray();
        Assert.InRange(reasons.Length, 10, 30);
        Assert.All(reasons, r => Assert.Contains($"`{r}`", text, StringComparison.Ordinal));
    }

    private sealed class Lines : ILogger<ObjectEvents>
    {
        public List<string> Said { get; } = [];
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Said.Add(formatter(state, exception));
        }
    }
}
