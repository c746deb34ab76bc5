using System.Globalization;
using Rollcall.E2E.ControlPlane;
using Rollcall.E2E.Support;

namespace Rollcall.E2E.Node;

/// <summary>A real Redis Cluster in a namespace of its own: three shards a, b, c of three members; the member with the highest ordinal leads, so that the native order would take every leader first.</summary>
internal sealed class RedisCluster(RealNode node, string space) : IAsyncDisposable
{
    public const string Old = "7.0.14", New = "7.0.15", Major = "8.0.2";

    private static readonly string[] Packages = ["redis-server", "redis-tools", "procps"];

    public static async Task<RedisCluster> StartAsync(RealNode node, string space)
    {
        await node.ImageAsync("bookworm", "local/redis", [Old, New], Packages);
        await node.ImageAsync("trixie", "local/redis", [Major], Packages);
        await node.KubectlAsync("create", "namespace", space);
        await node.KubectlAsync("-n", space, "create", "configmap", "scripts", $"--from-file=form.sh={RealNode.File("redis-form.sh")}", $"--from-file=write.sh={RealNode.File("redis-write.sh")}");
        var shard = await File.ReadAllTextAsync(RealNode.File("redis-shard.yaml"));
        await node.ApplyAsync(space, await File.ReadAllTextAsync(RealNode.File("redis.yaml")) + string.Concat("abc".Select(s => "---\n" + shard.Replace("SHARD", $"{s}", StringComparison.Ordinal))));
        foreach (var s in "abc")
            await node.KubectlAsync("-n", space, "rollout", "status", $"sts/orders-{s}", "--timeout=120s");
        await node.KubectlAsync("-n", space, "wait", "--for=condition=Ready", "pod/writer", "--timeout=60s");
        var redis = new RedisCluster(node, space);
        await redis.ExecAsync("orders-a-0", "sh", "/scripts/form.sh");
        return redis;
    }

    public Writer Writer { get; } = new(node, space);

    public Task<PodLog> WatchAsync(CancellationToken ct) => PodLog.StartAsync(node.Client, space, "app=orders", 9, ct);

    public Task<string> ExecAsync(string pod, params string[] command) => node.KubectlAsync(["-n", space, "exec", pod, "--", .. command]);

    public async Task<string> RedisAsync(string pod, params string[] command) => (await ExecAsync(pod, ["redis-cli", .. command])).Replace("\r", "", StringComparison.Ordinal);

    /// <summary>How many elections and failovers the cluster has had, by its own count.</summary>
    public async Task<int> EpochAsync() =>
        int.Parse((await RedisAsync("orders-a-0", "cluster", "info")).Split('\n').Single(l => l.StartsWith("cluster_current_epoch:", StringComparison.Ordinal)).Split(':')[1], CultureInfo.InvariantCulture);

    /// <summary>Every member takes so long to come up from now on.</summary>
    public async Task SlowAsync(int seconds)
    {
        foreach (var s in "abc")
            for (var i = 0; i < 3; i++)
                await ExecAsync($"orders-{s}-{i}", "sh", "-c", $"echo {seconds} > /data/slow");
    }

    /// <summary>The leaders go back to the highest ordinals, and then the StatefulSet controllers roll all three shards by themselves, as they do without Rollcall.</summary>
    public async Task RollNativelyAsync(string to)
    {
        foreach (var s in "abc")
        {
            await RedisAsync($"orders-{s}-2", "cluster", "failover");
            await ExecAsync($"orders-{s}-2", "sh", "-c", "until redis-cli role | grep -qx master; do sleep 0.1; done");
        }
        await Writer.StartAsync();
        foreach (var s in "abc")
            await node.KubectlAsync("-n", space, "set", "image", $"sts/orders-{s}", $"redis=local/redis:{to}");
        foreach (var s in "abc")
            await node.KubectlAsync("-n", space, "rollout", "status", $"sts/orders-{s}", "--timeout=170s");
    }

    public string Plan(string version) => $$"""
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: orders-{{version.Replace('.', '-')}}, namespace: {{space}} }
        spec:
          target: { kind: StatefulSetGroup, name: orders }
          changes: [{ component: redis, images: { redis: "local/redis:{{version}}" } }]
          stages: [{ name: all, shards: rest }]
        """;

    public async ValueTask DisposeAsync() => await node.EndAsync(space);
}
