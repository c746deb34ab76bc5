using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.KubeBlocks;

internal sealed record OpsProgress(bool Over, string? Problem = null);

/// <summary>What the operations do: Switchover, Backup, Upgrade, and Custom (which has nothing to do here). The rest of KubeBlocks' types fail with a sentence.</summary>
internal sealed class OpsActions(
    IKubernetes client, ObjectCache<V1Pod> pods, ObjectCache<KubeObject> backups, DatabaseHost databases, TimeProvider time)
{
    /// <summary>How long the candidate's role label is waited for.</summary>
    private static readonly TimeSpan RolePatience = TimeSpan.FromMinutes(5);

    /// <summary>By UID of the operation: the role that its candidate must take. An entry also says that the action has been run.</summary>
    private readonly ConcurrentDictionary<string, (string Role, DateTimeOffset Since)> _started = new(StringComparer.Ordinal);

    public void Forget(KubeObject ops) => _started.TryRemove(ops.Metadata.Uid, out _);

    public async Task<(string? Problem, string Progress)> StartAsync(KubeObject ops, KubeObject cluster, CancellationToken ct)
    {
        if (_started.ContainsKey(ops.Metadata.Uid))
            return (null, "0/1");
        return ops.Spec.Text("type") switch
        {
            "Switchover" => (await SwitchoverAsync(ops), "0/1"),
            "Backup" => (await BackupAsync(ops, cluster, ct), "0/1"),
            "Custom" => (ops.Spec.Child("custom").Text("opsDefinitionName").Length == 0 ? "spec.custom.opsDefinitionName is empty" : null, "0/1"),
            "Upgrade" => (await UpgradeAsync(ops, cluster, ct), "0/1"),
            var type => ($"the simulator does not run OpsRequests of type {type}", "-/-"),
        };
    }

    public OpsProgress Check(KubeObject ops, KubeObject cluster) => ops.Spec.Text("type") switch
    {
        "Switchover" => CheckSwitchover(ops),
        "Backup" => CheckBackup(ops),
        "Custom" => new(Over: true),
        _ => new(cluster.Status.Text("phase") is "Running" && cluster.Status.Long("observedGeneration") == (cluster.Metadata.Generation ?? 1)),
    };

    private async Task<string?> SwitchoverAsync(KubeObject ops)
    {
        if (ops.Spec.Objects("switchover") is not [var wanted, ..])
            return "spec.switchover is empty";
        if (Pod(ops, wanted.Text("instanceName")) is not { } from)
            return $"instance {wanted.Text("instanceName")} not found";
        var role = from.Metadata.Label(Keys.Role);
        if (role.Length == 0)
            return $"instance {from.Name()} has no role label";
        var candidate = wanted.Text("candidateName") is { Length: > 0 } name ? Pod(ops, name) : null;
        if (candidate is null && wanted.Text("candidateName").Length > 0)
            return $"candidate instance {wanted.Text("candidateName")} not found";
        _started[ops.Metadata.Uid] = (role, time.GetUtcNow());
        // Most actions do nothing for an instance that does not lead; a candidate then waits for a role it will not get.
        if (role is not "primary")
            return null;
        var shard = pods.All.Where(p => p.Namespace() == from.Namespace()
            && p.Metadata.Label(Keys.Instance) == from.Metadata.Label(Keys.Instance)
            && p.Metadata.Label(Keys.ComponentName) == from.Metadata.Label(Keys.ComponentName)).ToList();
        var answer = await SwitchoverAction.RunAsync(databases, from, candidate, shard);
        return answer.ExitCode == 0 ? null : $"switchover action failed: {(answer.Stderr + answer.Stdout).Trim()}";
    }

    private OpsProgress CheckSwitchover(KubeObject ops)
    {
        var (role, since) = _started.GetValueOrDefault(ops.Metadata.Uid, ("primary", time.GetUtcNow()));
        var wanted = ops.Spec.Objects("switchover")[0];
        if (wanted.Text("candidateName").Length == 0)
            return new(Over: true);
        if (Pod(ops, wanted.Text("candidateName")) is { } candidate && candidate.Metadata.Label(Keys.Role) == role)
            return new(Over: true);
        return time.GetUtcNow() - since < RolePatience
            ? new(Over: false)
            : new(Over: true, $"component {wanted.Text("componentObjectName")} switchover timeout: candidate role change is not observed");
    }

    private async Task<string?> BackupAsync(KubeObject ops, KubeObject cluster, CancellationToken ct)
    {
        var wanted = ops.Spec.Child("backup");
        if (wanted.Text("backupPolicyName").Length == 0 || wanted.Text("backupMethod").Length == 0)
            return "backupPolicyName and backupMethod must be set";
        await client.CreateAsync(ResourceKind.Backup, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = BackupName(ops),
                ["namespace"] = ops.Metadata.NamespaceProperty,
                ["labels"] = new JsonObject { [Keys.Instance] = cluster.Metadata.Name, [Keys.OpsName] = ops.Metadata.Name, [Keys.OpsType] = "Backup" },
            },
            ["spec"] = new JsonObject
            {
                ["backupPolicyName"] = wanted.Text("backupPolicyName"), ["backupMethod"] = wanted.Text("backupMethod"),
                ["deletionPolicy"] = wanted.Text("deletionPolicy") is { Length: > 0 } policy ? policy : "Delete",
            },
        }, ct);
        return null;
    }

    private OpsProgress CheckBackup(KubeObject ops) =>
        backups.Find(ObjectKey.Of(ops.Metadata.NamespaceProperty, BackupName(ops)))?.Status is not { } status ? new(Over: false)
        : status.Text("phase") switch
        {
            "Completed" => new(Over: true),
            "Failed" => new(Over: true, status.Text("failureReason")),
            _ => new(Over: false),
        };

    private async Task<string?> UpgradeAsync(KubeObject ops, KubeObject cluster, CancellationToken ct)
    {
        var spec = cluster.Spec.DeepClone().AsObject();
        foreach (var wanted in ops.Spec.Child("upgrade").Objects("components"))
        {
            var name = wanted.Text("componentName");
            var target = spec.Objects("componentSpecs").FirstOrDefault(c => c.Text("name") == name)
                ?? spec.Objects("shardings").FirstOrDefault(s => s.Text("name") == name)?.Child("template");
            if (target is null)
                return $"component {name} not found in cluster {cluster.Metadata.Name}";
            if (wanted["serviceVersion"] is { } version)
                target["serviceVersion"] = version.DeepClone();
            if (wanted.Text("componentDefinitionName") is { Length: > 0 } definition)
                target["componentDef"] = definition;
        }
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = cluster.Metadata.ResourceVersion }, ["spec"] = spec };
        await client.PatchAsync(ResourceKind.Cluster, ObjectKey.Of(cluster), patch, ct);
        return null;
    }

    private static string BackupName(KubeObject ops) =>
        ops.Spec.Child("backup").Text("backupName") is { Length: > 0 } name ? name : $"backup-{ops.Metadata.Name}";

    private V1Pod? Pod(KubeObject ops, string name) => pods.Find(ObjectKey.Of(ops.Metadata.NamespaceProperty, name));
}
