using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.E2E.ControlPlane;
using Rollcall.E2E.Support;
using Rollcall.Simulator;
using Rollcall.Simulator.Operators;
using Rollcall.Simulator.Scenarios;
using Xunit;

namespace Rollcall.E2E.KubeBlocks;

/// <summary>A switchover that KubeBlocks was asked for.</summary>
/// <param name="Version">The API server's counter when it was made: comparable with a deletion's.</param>
/// <param name="Run">The run whose mark it carries.</param>
internal sealed record AskedSwitchover(string Name, long Version, string Run, string From, string To, int TimeoutSeconds);

/// <summary>
/// A KubeBlocks Cluster <c>sessions</c>, a sharding of 3 shards x 3, behind an API of its own that outlives every Rollcall. The witnesses, the watches of Pods and OpsRequests, know nothing of Rollcall.
/// </summary>
internal sealed class Sessions : IAsyncDisposable
{
    public const string Space = "demo", Old = "redis:7.2.4", New = "redis:7.2.5";

    /// <summary>Who leads at the start, by shard.</summary>
    public static readonly IReadOnlyDictionary<string, string> Leaders = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["k7d"] = "sessions-shard-k7d-0", ["m2x"] = "sessions-shard-m2x-2", ["q9p"] = "sessions-shard-q9p-1",
    };

    private const string Apps = "apps.kubeblocks.io", Operations = "operations.kubeblocks.io";

    /// <summary>How many times faster than in the demo everything goes.</summary>
    private const double Speed = 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-kubeblocks-").FullName;
    private readonly SimulatedOperators _operators;
    private readonly Func<ValueTask> _end;
    private readonly WatchReader<object> _operations;

    private Sessions(string kubeconfig, SimulatedOperators operators, IKubernetes client, PodLog pods, Func<ValueTask> end)
    {
        (_operators, Client, Pods, _end) = (operators, client, pods, end);
        _operations = new WatchReader<object>((onError, ct) =>
            client.CustomObjects.WatchListNamespacedCustomObjectAsync(Operations, "v1alpha1", Space, "opsrequests", onError: onError, cancellationToken: ct));
        File.WriteAllText(Kubeconfig, kubeconfig);
    }

    public IKubernetes Client { get; }

    public PodLog Pods { get; }

    private string Kubeconfig => Path.Combine(_folder, "kubeconfig");

    /// <summary>Behind the simulator's own API, where exec answers.</summary>
    public static async Task<Sessions> StartAsync(CancellationToken ct)
    {
        var server = await DemoCluster.StartAsync(new DemoOptions { Scenario = "kubeblocks", Speed = Speed }, TimeProvider.System, NullLoggerFactory.Instance, ct);
        return await WatchedAsync(server.KubeconfigYaml, server.Operators, DemoCluster.ClientFor(server.KubeconfigYaml), server.DisposeAsync, ct);
    }

    /// <summary>
    /// Behind a real API server with KubeBlocks' own CustomResourceDefinitions and the real garbage collector: the simulated operator acts through that server. Exec is impossible there, so roles come from labels.
    /// </summary>
    public static async Task<Sessions> StartAsync(RealControlPlane plane, CancellationToken ct)
    {
        var kubeconfig = await File.ReadAllTextAsync(plane.KubeconfigPath, ct);
        var client = plane.CreateClient();
        var operators = await SimulatedOperators.StartAsync(client, new OperatorOptions { StatefulSets = false, Speed = Speed }, ScenarioLoader.Load("kubeblocks"), TimeProvider.System, NullLoggerFactory.Instance, ct);
        return await WatchedAsync(kubeconfig, operators, client, operators.DisposeAsync, ct);
    }

    private static async Task<Sessions> WatchedAsync(string kubeconfig, SimulatedOperators operators, IKubernetes client, Func<ValueTask> end, CancellationToken ct) =>
        new(kubeconfig, operators, client, await PodLog.StartAsync(client, Space, "app.kubernetes.io/instance=sessions", 9, ct), end);

    public Task<DashboardProcess> StartRollcallAsync(CancellationToken ct) => DashboardProcess.StartAsync(Kubeconfig, Path.Combine(_folder, "rollcall.db"), ct);

    /// <summary>As a person in despair runs it: no database.</summary>
    public Task<(int ExitCode, string Output)> ReleaseAsync(CancellationToken ct, params string[] more) =>
        DashboardProcess.RunAsync(Directory.CreateDirectory(Path.Combine(_folder, "release")).FullName, ct, ["release", $"{Space}/sessions", "--kubeconfig", Kubeconfig, .. more]);

    public async Task<JsonNode> ClusterAsync(CancellationToken ct) =>
        JsonNode.Parse($"{await Client.CustomObjects.GetNamespacedCustomObjectAsync(Apps, "v1", Space, "clusters", "sessions", ct)}")!;

    /// <summary>The sharding's own part of the Cluster's specification.</summary>
    public async Task<JsonNode> TemplateAsync(CancellationToken ct) => (await ClusterAsync(ct))["spec"]!["shardings"]![0]!["template"]!;

    public Task PatchAsync(string patch, CancellationToken ct) =>
        Client.CustomObjects.PatchNamespacedCustomObjectAsync(new V1Patch(patch, V1Patch.PatchType.JsonPatch), Apps, "v1", Space, "clusters", "sessions", cancellationToken: ct);

    /// <summary>Somebody else asks for a switchover, which is under way until it is deleted.</summary>
    public async Task BusyAsync(string name, CancellationToken ct)
    {
        _operators.SwitchoversFail = true;
        var body = new
        {
            apiVersion = $"{Operations}/v1alpha1", kind = "OpsRequest", metadata = new { name, labels = new Dictionary<string, string> { ["app.kubernetes.io/instance"] = "sessions" } },
            spec = new { clusterName = "sessions", type = "Switchover", switchover = new[] { new { componentObjectName = "sessions-shard-k7d", instanceName = Leaders["k7d"], candidateName = "sessions-shard-k7d-1" } } },
        };
        await Client.CustomObjects.CreateNamespacedCustomObjectAsync(body, Operations, "v1alpha1", Space, "opsrequests", cancellationToken: ct);
        await _operations.NextAsync((type, item) => type is WatchEventType.Modified && JsonNode.Parse($"{item}")!["status"]?["phase"]?.GetValue<string>() == "Running");
    }

    public Task EndAsync(string operation, CancellationToken ct) => Client.CustomObjects.DeleteNamespacedCustomObjectAsync(Operations, "v1alpha1", Space, "opsrequests", operation, cancellationToken: ct);

    /// <summary>The next switchover somebody asks for.</summary>
    public async Task<AskedSwitchover> NextSwitchoverAsync()
    {
        var (_, item) = await _operations.NextAsync((type, _) => type is WatchEventType.Added);
        var made = JsonNode.Parse($"{item}")!;
        Assert.Equal("Switchover", made["spec"]!["type"]!.GetValue<string>());
        var wanted = made["spec"]!["switchover"]![0]!;
        return new AskedSwitchover(
            made["metadata"]!["name"]!.GetValue<string>(), long.Parse(made["metadata"]!["resourceVersion"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture), made["metadata"]!["annotations"]!["rollcall.dev/run"]!.GetValue<string>(),
            wanted["instanceName"]!.GetValue<string>(), wanted["candidateName"]!.GetValue<string>(), made["spec"]!["timeoutSeconds"]!.GetValue<int>());
    }

    public async Task<int> OperationCountAsync(CancellationToken ct) =>
        JsonNode.Parse($"{await Client.CustomObjects.ListNamespacedCustomObjectAsync(Operations, "v1alpha1", Space, "opsrequests", cancellationToken: ct)}")!["items"]!.AsArray().Count;

    /// <summary>Nothing of Rollcall is left on the Cluster, and its update strategy is the one of before.</summary>
    public async Task AssertGivenBackAsync(JsonNode before, CancellationToken ct)
    {
        var now = await ClusterAsync(ct);
        Assert.DoesNotContain("\"rollcall.dev/", now["metadata"]!["annotations"]?.ToJsonString() ?? "", StringComparison.Ordinal);
        Assert.Equal(before["instanceUpdateStrategy"]?.ToJsonString(), now["spec"]!["shardings"]![0]!["template"]!["instanceUpdateStrategy"]?.ToJsonString());
    }

    /// <summary>In every shard the one that led last, right after the one switchover of that shard; never two members of a shard away at once.</summary>
    public async Task AssertOrderAsync(string run, CancellationToken ct)
    {
        var deletions = Pods.Deletions;
        Assert.Equal(9, deletions.Length);
        var asked = new List<AskedSwitchover>();
        while (asked.Count < Leaders.Count)
            asked.Add(await NextSwitchoverAsync());
        Assert.Equal(Leaders.Count, await OperationCountAsync(ct));
        foreach (var (shard, leader) in Leaders)
        {
            var own = deletions.Where(d => d.Pod.StartsWith($"sessions-shard-{shard}-", StringComparison.Ordinal)).ToList();
            Assert.Equal(3, own.Select(d => d.Pod).Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(leader, own[^1].Pod);
            Assert.All(own, d => Assert.DoesNotContain(d.Unready, u => u.StartsWith($"sessions-shard-{shard}-", StringComparison.Ordinal)));
            var switchover = Assert.Single(asked, a => a.From == leader);
            Assert.InRange(switchover.Version, own[1].Version, own[2].Version);
            Assert.Contains(switchover.To, own[..2].Select(d => d.Pod));
            Assert.Equal(run, switchover.Run);
            Assert.InRange(switchover.TimeoutSeconds, 1, 300);
        }
    }

    public static string Plan(string change, string? stages = "[{ name: all, shards: rest }]") => $$"""
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: sessions, namespace: {{Space}} }
        spec:
          target: { kind: Cluster, name: sessions }
          changes: [{ component: shard, {{change}} }]
        {{(stages is null ? "" : $"  stages: {stages}")}}
        """;

    public async ValueTask DisposeAsync()
    {
        await Pods.DisposeAsync();
        await _operations.DisposeAsync();
        Client.Dispose();
        await _end();
        Directory.Delete(_folder, recursive: true);
    }
}
