using System.Collections.Immutable;
using System.Globalization;

namespace Rollcall.Bench;

/// <summary>
/// A real rollout in real time through the HTTP API, at 1, 2 and 3 shards at once (three Redis Clusters side by side). The lower bound of a run is made of what the cluster itself needed in that very
/// run: each member from the removal of its Pod until the new one is Ready and linked to its leader, each handover from the command until the candidate leads; and over the shards the best that any
/// order in K slots can do. Figures: makespan within 1.05 of it at K=1 and 1.10 above; switchovers equal to the shards; nobody replaced twice.
/// </summary>
internal static class ExecutorBench
{
    private const int Members = 3;
    private static readonly ImmutableArray<(string Cluster, int Shards, int AtOnce)> Runs = [("one", 4, 1), ("two", 4, 2), ("three", 6, 3)];

    /// <param name="faster">Durations of the profile's estimates (10 s to start, 5 s to sync …) divided by this.</param>
    public static async Task RunAsync(double faster)
    {
        await using var server = await BenchServer.StartAsync(Scenario(faster));
        using var api = new BenchApi(server);
        foreach (var (cluster, shards, _) in Runs)
            await api.ClusterReadyAsync(cluster, shards * Members);
        await using var tap = await ClusterTap.StartAsync(server.Demo, followLinks: true);
        var results = await Task.WhenAll(Runs.Select(r => OneAsync(api, tap, r.Cluster, r.Shards, r.AtOnce)));

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"executor: Redis Clusters of shards x {Members}, a member takes {18 / faster:0.#} s (restart and sync), a handover {3 / faster:0.#} s"));
        Console.WriteLine("  K  shards   makespan s   lower bound s   ratio   leader changes/bound   members/replaced twice");
        foreach (var r in results)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r.AtOnce,3}{r.Shards,8}{r.Makespan,13:0.00}{r.Bound,16:0.00}{r.Makespan / r.Bound,8:0.000}{r.LeaderChanges,20}/{r.Shards}{r.Replaced,22}/{r.Twice}"));
        Console.WriteLine("  idle time of a shard, ms (median, worst): from linked to the next act; from the handover to the next act; and once a run: from its start to the first act, from the last link to its end");
        foreach (var r in results)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r.AtOnce,3}   {Words(r.AfterLink)};   {Words(r.AfterHandover)};   {r.LeadIn:0}, {r.Tail:0}"));
    }

    private sealed record Outcome(int AtOnce, int Shards, double Makespan, double Bound, long LeaderChanges, int Replaced, int Twice, double[] AfterLink, double[] AfterHandover, double LeadIn, double Tail);

    private static async Task<Outcome> OneAsync(BenchApi api, ClusterTap tap, string cluster, int shards, int atOnce)
    {
        var pod = $"{cluster}-0000-0";
        var epoch = await tap.EpochAsync(pod);
        var run = await api.SucceedsAsync((await api.StartAsync(await api.StoreAsync("demo", cluster, "redis", "7.2.5", atOnce))).Id);
        await tap.SettledAsync();
        var (began, ended) = (run.StartedAt ?? run.CreatedAt, run.EndedAt!.Value);
        var log = tap.Log.Where(s => s.Pod.StartsWith($"{cluster}-", StringComparison.Ordinal)).ToList();
        var byShard = log.GroupBy(s => s.Workload).Select(g => g.ToList()).ToList();
        var removed = log.Where(s => s.What == "removed").GroupBy(s => s.Pod).Select(g => g.Count()).ToList();
        double[] afterLink = [.. byShard.SelectMany(s => Idle(s, "linked")).Order()], afterHandover = [.. byShard.SelectMany(s => Idle(s, "leads")).Order()];
        return new Outcome(atOnce, shards, (ended - began).TotalSeconds, Optimum([.. byShard.Select(Needed)], atOnce), await tap.EpochAsync(pod) - epoch, removed.Count, removed.Count(n => n > 1),
            afterLink, afterHandover, (log[0].At - began).TotalMilliseconds, (ended - log[^1].At).TotalMilliseconds);
    }

    /// <summary>What the shard's members and its handover took, each by itself.</summary>
    private static double Needed(List<ClusterTap.Seen> shard)
    {
        var seconds = 0.0;
        for (var i = 0; i < shard.Count; i++)
            if (shard[i] is { What: "removed" or "asked" } begun)
            {
                var end = begun.What == "removed" ? "linked" : "leads";
                seconds += (shard.Skip(i).First(s => s.Pod == begun.Pod && s.What == end).At - begun.At).TotalSeconds;
            }
        return seconds;
    }

    private static IEnumerable<double> Idle(List<ClusterTap.Seen> shard, string since)
    {
        for (var i = 0; i + 1 < shard.Count; i++)
            if (shard[i].What == since && shard[i + 1].What is "removed" or "asked")
                yield return (shard[i + 1].At - shard[i].At).TotalMilliseconds;
    }

    /// <summary>The shortest makespan of all ways to give the shards to the slots.</summary>
    private static double Optimum(double[] shards, int slots)
    {
        var best = shards.Sum();
        var load = new double[slots];
        Place(0);
        return best;

        void Place(int at)
        {
            if (at == shards.Length)
            {
                best = Math.Min(best, load.Max());
                return;
            }
            for (var slot = 0; slot < slots; slot++)
            {
                load[slot] += shards[at];
                Place(at + 1);
                load[slot] -= shards[at];
            }
        }
    }

    private static string Words(double[] sorted) => string.Create(CultureInfo.InvariantCulture, $"{Swarm.At(sorted, 0.5):0}, {(sorted.Length == 0 ? 0 : sorted[^1]):0}");

    private static string Scenario(double faster)
    {
        string Ms(double ms) => string.Create(CultureInfo.InvariantCulture, $"{ms / faster:0.###}ms");
        return $$"""
            name: bench
            namespace: demo
            timings: { terminate: {{Ms(3000)}}, create: {{Ms(3000)}}, ready: {{Ms(7000)}}, load: {{Ms(7000)}}, resync: {{Ms(5000)}}, handover: {{Ms(3000)}} }
            statefulSets:
            {{string.Join('\n', Runs.Select(r => $"- {{ cluster: {r.Cluster}, component: redis, profile: redis-cluster, container: redis, image: 'redis:7.2.4', port: 6379, versions: [7.2.5], replicas: {Members}, podManagement: Parallel, shardCount: {r.Shards} }}"))}}
            """;
    }
}
