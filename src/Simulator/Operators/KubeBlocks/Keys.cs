using System.Text.Json.Nodes;
using k8s.Models;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Machinery;
using Rollcall.Simulator.Operators.Nodes;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>KubeBlocks' labels and annotations.</summary>
internal static class Keys
{
    public const string Instance = "app.kubernetes.io/instance";
    public const string ManagedBy = "app.kubernetes.io/managed-by";
    public const string Definition = "app.kubernetes.io/component";
    public const string ComponentName = "apps.kubeblocks.io/component-name";
    public const string ShardingName = "apps.kubeblocks.io/sharding-name";
    public const string ServiceVersion = "apps.kubeblocks.io/service-version";
    public const string ReleasePhase = "apps.kubeblocks.io/release-phase";
    public const string PodName = "apps.kubeblocks.io/pod-name";
    public const string Role = "kubeblocks.io/role";
    public const string Generation = "kubeblocks.io/generation";
    public const string ClusterUid = "apps.kubeblocks.io/cluster-uid";
    public const string OpsQueue = "kubeblocks.io/ops-request";
    public const string OpsType = "operations.kubeblocks.io/ops-type";
    public const string OpsName = "operations.kubeblocks.io/ops-name";
    public const string InstanceSet = "workloads.kubeblocks.io/instance";
    public const string WorkloadManagedBy = "workloads.kubeblocks.io/managed-by";
    public const string Revision = "controller-revision-hash";

    /// <summary>Set by a scenario on a Cluster: the ids of its shards, which KubeBlocks would draw at random.</summary>
    public const string ShardIds = "simulator.rollcall.dev/shard-ids";
}

/// <summary>Small reads and writes that every KubeBlocks controller needs.</summary>
internal static class KubeBlocksObjects
{
    public static string Label(this V1ObjectMeta meta, string key) =>
        meta.Labels is { } labels && labels.TryGetValue(key, out var value) ? value : "";

    public static string Annotation(this V1ObjectMeta meta, string key) =>
        meta.Annotations is { } annotations && annotations.TryGetValue(key, out var value) ? value : "";

    public static JsonArray Owner(ResourceKind kind, KubeObject owner) =>
    [
        new JsonObject
        {
            ["apiVersion"] = kind.ApiVersion, ["kind"] = kind.Kind, ["name"] = owner.Metadata.Name, ["uid"] = owner.Metadata.Uid,
            ["controller"] = true, ["blockOwnerDeletion"] = true,
        },
    ];

    /// <summary>The conditions as they should read; one whose status did not change keeps the time of its last transition.</summary>
    public static JsonArray Conditions(KubeObject owner, DateTimeOffset now, params IReadOnlyList<(string Type, bool Holds, string Reason, string Message)> wanted)
    {
        var present = owner.Status.Objects("conditions");
        var result = new JsonArray([.. present.Where(p => wanted.All(w => w.Type != p.Text("type"))).Select(p => p.DeepClone())]);
        foreach (var (type, holds, reason, message) in wanted)
        {
            var status = holds ? "True" : "False";
            var before = present.FirstOrDefault(p => p.Text("type") == type && p.Text("status") == status);
            result.Add(new JsonObject
            {
                ["type"] = type, ["status"] = status, ["reason"] = reason, ["message"] = message,
                ["lastTransitionTime"] = before?.Text("lastTransitionTime") ?? PodStatusReport.Stamp(now),
            });
        }
        return result;
    }

    public static IReadOnlyList<string> ShardIdsOf(KubeObject cluster, string sharding, int count)
    {
        var given = cluster.Metadata.Annotation(Keys.ShardIds).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. Enumerable.Range(0, count).Select(i => i < given.Length ? given[i] : DrawnId($"{cluster.Metadata.Name}/{sharding}/{i}"))];
    }

    private static string DrawnId(string seed)
    {
        const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
        var hash = StableHash.Of(seed);
        return string.Concat(Enumerable.Range(0, 3).Select(i => Alphabet[(int)(hash / (uint)Math.Pow(36, i) % 36)]));
    }
}
