using System.Text.Json.Nodes;
using k8s;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Machinery;
using Rollcall.Simulator.Operators.Nodes;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>Backup objects run for a while and complete; one that names an unknown policy or method fails and says so.</summary>
internal sealed class BackupController : Controller
{
    private readonly IKubernetes _client;
    private readonly ObjectCache<KubeObject> _backups;
    private readonly ObjectCache<KubeObject> _policies;
    private readonly TimeSpan _duration;
    private readonly TimeProvider _time;

    public BackupController(IKubernetes client, ObjectCache<KubeObject> backups, ObjectCache<KubeObject> policies, TimeSpan duration,
        AlarmClock alarms, TimeProvider time, ILogger log)
        : base("backup controller", alarms, log)
    {
        (_client, _backups, _policies, _duration, _time) = (client, backups, policies, duration, time);
        backups.OnChange((before, after) => Enqueue(ObjectKey.Of((after ?? before)!)));
        policies.OnChange((_, after) =>
        {
            if (after is not null && after.Status.Text("phase") is not "Available")
                Enqueue(PolicyKey + ObjectKey.Of(after));
        });
    }

    /// <summary>Keys of policies share the queue with those of backups.</summary>
    private const string PolicyKey = "policy:";

    public static JsonObject PolicyFor(KubeObject cluster, string name, string definition, bool sharded) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = $"{cluster.Metadata.Name}-{name}-backup-policy",
            ["namespace"] = cluster.Metadata.NamespaceProperty,
            ["labels"] = new JsonObject
            {
                [Keys.ManagedBy] = "kubeblocks", [Keys.Instance] = cluster.Metadata.Name, [Keys.Definition] = definition,
                [sharded ? Keys.ShardingName : Keys.ComponentName] = name,
            },
            ["annotations"] = new JsonObject { ["dataprotection.kubeblocks.io/is-default-policy"] = "true" },
            ["ownerReferences"] = KubeBlocksObjects.Owner(ResourceKind.Cluster, cluster),
        },
        ["spec"] = new JsonObject
        {
            ["backupMethods"] = DatabaseMembership.EngineOf(definition) is DatabaseEngine.Patroni
                ? new JsonArray(Method("pg-basebackup", "postgres-basebackup"), Method("wal-g", "postgres-wal-g"))
                : new JsonArray(Method("datafile", "redis-cluster-datafile")),
        },
    };

    protected override async Task ReconcileAsync(string key, CancellationToken ct)
    {
        if (key.StartsWith(PolicyKey, StringComparison.Ordinal))
        {
            if (_policies.Find(key[PolicyKey.Length..]) is { } policy)
                await _client.PatchStatusAsync(ResourceKind.BackupPolicy, policy, new() { ["phase"] = "Available", ["observedGeneration"] = policy.Metadata.Generation ?? 1 }, ct);
            return;
        }
        if (_backups.Find(key) is not { } backup || backup.Status.Text("phase") is "Completed" or "Failed")
            return;
        var now = _time.GetUtcNow();
        if (Problem(backup) is { } problem)
        {
            await WriteAsync(backup, new() { ["phase"] = "Failed", ["failureReason"] = problem, ["completionTimestamp"] = PodStatusReport.Stamp(now) }, ct);
        }
        else if (backup.Status.Text("phase") is not "Running")
        {
            await WriteAsync(backup, new() { ["phase"] = "Running", ["startTimestamp"] = PodStatusReport.Stamp(now) }, ct);
            EnqueueAfter(key, _duration);
        }
        else if (DateTimeOffset.Parse(backup.Status.Text("startTimestamp"), System.Globalization.CultureInfo.InvariantCulture) + _duration is var end && end > now)
        {
            EnqueueAfter(key, end - now);
        }
        else
        {
            await WriteAsync(backup, new()
            {
                ["phase"] = "Completed", ["completionTimestamp"] = PodStatusReport.Stamp(now), ["totalSize"] = "118204416",
                ["timeRange"] = new JsonObject { ["start"] = backup.Status.Text("startTimestamp"), ["end"] = PodStatusReport.Stamp(now) },
            }, ct);
        }
    }

    private string? Problem(KubeObject backup)
    {
        var name = backup.Spec.Text("backupPolicyName");
        if (_policies.Find(ObjectKey.Of(backup.Metadata.NamespaceProperty, name)) is not { } policy)
            return $"BackupPolicy \"{name}\" not found";
        var method = backup.Spec.Text("backupMethod");
        return policy.Spec.Objects("backupMethods").Any(m => m.Text("name") == method) ? null : $"backup method: {method} is not found in backup policy: {name}";
    }

    private Task WriteAsync(KubeObject backup, JsonObject status, CancellationToken ct) =>
        _client.WriteStatusAsync(ResourceKind.Backup, ObjectKey.Of(backup), status, ct);

    private static JsonObject Method(string name, string actionSet) => new() { ["name"] = name, ["actionSetName"] = actionSet, ["snapshotVolumes"] = false };
}
