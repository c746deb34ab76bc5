using System.Globalization;
using Rollcall.E2E.ControlPlane;
using Rollcall.E2E.Support;
using Xunit;

namespace Rollcall.E2E.Node;

/// <summary>A real PostgreSQL of three members under Patroni, in a namespace of its own, with a client that writes.</summary>
internal sealed class PatroniCluster(RealNode node, string space) : IAsyncDisposable
{
    public const string Old = "15.1", New = "15.2";

    private static readonly string Example = Path.Combine(RepositoryPaths.Shared, "kube", "examples", "patroni.yaml");

    /// <summary>Null where there is one.</summary>
    public static string? SkipReason => System.IO.File.Exists(Example) ? null : $"No Patroni: {Example} does not exist.";

    public Writer Writer { get; } = new(node, space);

    public static async Task<PatroniCluster> StartAsync(RealNode node, string space)
    {
        await node.ImageAsync("bookworm", "local/patroni", [Old, New], "postgresql-15", "patroni", "python3-kubernetes", "procps");
        await node.KubectlAsync("create", "namespace", space);
        await node.KubectlAsync("-n", space, "create", "configmap", "scripts", $"--from-file=write.sh={RealNode.File("postgres-write.sh")}");
        // A Pod that requests no CPU gets next to none while anybody else on the machine computes; then even a probe takes longer than it may.
        await node.ApplyAsync(space, (await System.IO.File.ReadAllTextAsync(Example)).Replace("image: local/patroni:15\n", $"image: local/patroni:{Old}\n        resources: {{ requests: {{ cpu: 200m }} }}\n", StringComparison.Ordinal));
        await node.KubectlAsync("-n", space, "label", "sts/pg", "rollcall.dev/cluster=billing", "rollcall.dev/component=postgres", "rollcall.dev/profile=postgresql-patroni");
        await node.ApplyAsync(space, $$"""
            apiVersion: v1
            kind: Pod
            metadata: { name: writer }
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: writer
                image: local/patroni:{{Old}}
                command: [sleep, infinity]
                resources: { requests: { cpu: 100m } }
                volumeMounts: [{ name: scripts, mountPath: /scripts }]
              volumes: [{ name: scripts, configMap: { name: scripts } }]
            """);
        await node.KubectlAsync("-n", space, "rollout", "status", "sts/pg", "--timeout=170s");
        await node.KubectlAsync("-n", space, "wait", "--for=condition=Ready", "pod/writer", "--timeout=60s");
        return new PatroniCluster(node, space);
    }

    public Task<PodLog> WatchAsync(CancellationToken ct) => PodLog.StartAsync(node.Client, space, "app=pg", 3, ct);

    public async Task<string> SqlAsync(string pod, string sql) => (await node.KubectlAsync("-n", space, "exec", pod, "--", "psql", "-XAtq", "-h", "/tmp", "-U", "postgres", "-c", sql)).Trim();

    public async Task<bool> LeadsAsync(string pod) => await SqlAsync(pod, "select pg_is_in_recovery()") == "f";

    /// <summary>Counts every change of leader since the database was made.</summary>
    public async Task<int> TimelineAsync(string primary) => int.Parse(await SqlAsync(primary, "select timeline_id from pg_control_checkpoint()"), CultureInfo.InvariantCulture);

    /// <summary>From now on no replica replays what is younger than ten minutes; a restart does not change that.</summary>
    public Task HoldReplicasBackAsync(string primary) => ConfigureAsync(primary, "postgresql.recovery_conf.recovery_min_apply_delay=10min");

    public Task LetReplicasCatchUpAsync(string primary) => ConfigureAsync(primary, "postgresql.recovery_conf=null");

    public string Plan => $$"""
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: billing, namespace: {{space}} }
        spec:
          target: { kind: StatefulSetGroup, name: billing }
          changes: [{ component: postgres, images: { pg: "local/patroni:{{New}}" } }]
          stages: [{ name: all, shards: rest }]
        """;

    public async ValueTask DisposeAsync() => await node.EndAsync(space);

    private async Task ConfigureAsync(string primary, string setting) =>
        Assert.Contains("Configuration changed", await node.KubectlAsync("-n", space, "exec", primary, "--", "patronictl", "-c", "/tmp/patroni.yaml", "edit-config", "--force", "-s", setting), StringComparison.Ordinal);
}
