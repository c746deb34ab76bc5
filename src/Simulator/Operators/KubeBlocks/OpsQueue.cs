using System.Text.Json.Nodes;
using k8s;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.KubeBlocks;

/// <summary>The queue of operations that KubeBlocks keeps in an annotation of the Cluster.</summary>
internal static class OpsQueue
{
    public static IReadOnlyList<JsonObject> Of(KubeObject cluster) =>
        cluster.Metadata.Annotation(Keys.OpsQueue) is { Length: > 0 } text && JsonNode.Parse(text) is JsonArray queue ? [.. queue.OfType<JsonObject>()] : [];

    /// <summary>Backup and Custom run beside everything; the rest wait for each other.</summary>
    public static bool Queues(string type) => type is not ("Backup" or "Restore" or "Custom");

    public static Task AddAsync(IKubernetes client, KubeObject cluster, KubeObject ops, bool waits, CancellationToken ct)
    {
        var queue = Of(cluster).Where(q => q.Text("name") != ops.Metadata.Name).Select(q => q.DeepClone()).ToList();
        var entry = new JsonObject { ["name"] = ops.Metadata.Name, ["type"] = ops.Spec.Text("type") };
        if (waits)
            entry["inQueue"] = true;
        queue.Add(entry);
        return WriteAsync(client, cluster, queue, ct);
    }

    public static Task LeaveAsync(IKubernetes client, KubeObject cluster, string name, CancellationToken ct)
    {
        var rest = Of(cluster).Where(q => q.Text("name") != name).Select(q => q.DeepClone()).ToList();
        return WriteAsync(client, cluster, rest, ct);
    }

    public static Task DequeueAsync(IKubernetes client, KubeObject cluster, string name, CancellationToken ct)
    {
        var queue = Of(cluster).Select(q => q.DeepClone().AsObject()).ToList();
        queue.FirstOrDefault(q => q.Text("name") == name)?.Remove("inQueue");
        return WriteAsync(client, cluster, [.. queue], ct);
    }

    // The resourceVersion makes two writers of the annotation take turns.
    private static Task WriteAsync(IKubernetes client, KubeObject cluster, List<JsonNode> queue, CancellationToken ct) =>
        client.PatchAsync(ResourceKind.Cluster, ObjectKey.Of(cluster), new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = cluster.Metadata.ResourceVersion,
                ["annotations"] = new JsonObject { [Keys.OpsQueue] = queue.Count == 0 ? null : new JsonArray([.. queue]).ToJsonString() },
            },
        }, ct);
}
