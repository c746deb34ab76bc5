using System.Diagnostics;
using System.Globalization;
using k8s;
using Rollcall.Simulator;

namespace Rollcall.Bench;

/// <summary>
/// Engine time from the event that satisfies a wait to the act on the cluster, both seen from outside. Without probes: a member becomes Ready, the next of its shard is evicted (custody, a fresh read
/// of the shard, the intent's commit and the eviction are in between). With probes: the last answer that came out of the shard, to the act; the commands' own time stands beside it. Figure: p99 at
/// most 50 ms. The raw figure beside it is what no act can do without, by plain clients at the same time: four requests and a commit to disk.
/// </summary>
internal static class ReactionBench
{
    private const int Members = 5, Shards = 55, ProbedMembers = 3, ProbedShards = 20;

    public static async Task RunAsync()
    {
        await using var server = await BenchServer.StartAsync(Scenario);
        using var api = new BenchApi(server);
        await api.ClusterReadyAsync("plain", Members * Shards);
        await api.ClusterReadyAsync("probed", ProbedMembers * ProbedShards);
        await using var tap = await ClusterTap.StartAsync(server.Demo, followLinks: false);
        using var over = new CancellationTokenSource();
        var beside = Task.Run(() => RawAsync(server, over.Token));
        var plain = await RolledAsync(api, tap, "plain", "app", "2.4.0");
        await over.CancelAsync();
        var raw = await beside;
        var probed = await RolledAsync(api, tap, "probed", "redis", "7.2.5");
        var commands = tap.Commands.Where(c => c is { Handover: false }).Select(c => (c.Answered - c.At).TotalMilliseconds).Order().ToArray();

        Console.WriteLine("reaction, ms (p50, p99, worst, of how many)");
        Print("Ready of a member to the eviction of the next, no probes", Pairs(plain, (log, i) => log[i] is { What: "removed" } && i > 0 && log[i - 1] is { What: "ready" } && log[i - 1].Workload == log[i].Workload ? log[i - 1].At : null));
        Print("last answer out of a shard to the act on it (Redis)", Pairs(probed, (log, i) => log[i] is { What: "removed" or "asked" } && log.Take(i).Any(s => s.Workload == log[i].Workload) ? LastAnswer(tap, log[i]) : null));
        Print("  the probes' commands in the containers", commands);
        Print("raw, beside the first: four reads and a commit, nothing else", raw);
    }

    private static async Task<List<ClusterTap.Seen>> RolledAsync(BenchApi api, ClusterTap tap, string cluster, string component, string version)
    {
        await api.SucceedsAsync((await api.StartAsync(await api.StoreAsync("demo", cluster, component, version, 1))).Id);
        return [.. tap.Log.Where(s => s.Pod.StartsWith($"{cluster}-", StringComparison.Ordinal))];
    }

    private static double[] Pairs(List<ClusterTap.Seen> log, Func<List<ClusterTap.Seen>, int, DateTimeOffset?> since) =>
        [.. Enumerable.Range(0, log.Count).Select(i => since(log, i) is { } at ? (log[i].At - at).TotalMilliseconds : -1).Where(ms => ms >= 0).Order()];

    private static DateTimeOffset? LastAnswer(ClusterTap tap, ClusterTap.Seen act) =>
        tap.Commands.Where(c => !c.Handover && c.Answered <= act.At && c.Pod.StartsWith($"{act.Workload}-", StringComparison.Ordinal)).Select(c => (DateTimeOffset?)c.Answered).LastOrDefault();

    /// <summary>What an act cannot do without, by the plain clients, at the same time on the same machine: four requests (Lease, shard, Pod, eviction) and a commit to disk.</summary>
    private static async Task<double[]> RawAsync(BenchServer server, CancellationToken over)
    {
        var folder = Directory.CreateTempSubdirectory("rollcall-bench-").FullName;
        var times = new List<double>();
        try
        {
            using var client = DemoCluster.ClientFor(server.Demo.KubeconfigYaml);
            using var disk = new RawCommits(Path.Combine(folder, "raw.db"));
            while (!over.IsCancellationRequested)
            {
                var clock = Stopwatch.StartNew();
                for (var i = 0; i < 4; i++)
                    _ = await client.CoreV1.ReadNamespacedPodAsync("probed-0000-0", "demo", cancellationToken: CancellationToken.None);
                disk.Commit();
                times.Add(clock.Elapsed.TotalMilliseconds);
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
            }
        }
        finally
        {
            RawCommits.Close();
            Directory.Delete(folder, recursive: true);
        }
        return [.. times.Order()];
    }

    private static void Print(string what, double[] sorted) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-62} {Swarm.At(sorted, 0.5),7:0.0}{Swarm.At(sorted, 0.99),8:0.0}{(sorted.Length == 0 ? 0 : sorted[^1]),8:0.0}{sorted.Length,6}"));

    private static readonly string Scenario = string.Create(CultureInfo.InvariantCulture, $$"""
        name: bench
        namespace: demo
        timings: { create: 50ms, ready: 50ms, terminate: 50ms, load: 20ms, resync: 20ms, handover: 20ms }
        statefulSets:
        - { cluster: plain, component: app, profile: generic, container: app, image: 'app:2.3.0', port: 8080, versions: [2.4.0], replicas: {{Members}}, podManagement: Parallel, maxUnavailable: 0, shardCount: {{Shards}} }
        - { cluster: probed, component: redis, profile: redis-cluster, container: redis, image: 'redis:7.2.4', port: 6379, versions: [7.2.5], replicas: {{ProbedMembers}}, podManagement: Parallel, maxUnavailable: 0, shardCount: {{ProbedShards}} }
        """);
}
