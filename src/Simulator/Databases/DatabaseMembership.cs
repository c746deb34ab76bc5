using k8s.Models;

namespace Rollcall.Simulator.Databases;

internal enum DatabaseEngine { None, RedisCluster, Patroni, MongoDb, Kafka }

/// <summary>How the member's role reaches a label of its Pod.</summary>
internal enum RoleLabelling { None, Patroni, KubeBlocks }

/// <summary>Which database a Pod belongs to, read from the labels that users and KubeBlocks put on it.</summary>
internal sealed record DatabaseMembership(string Namespace, string Cluster, string Component, string Shard, DatabaseEngine Engine, RoleLabelling Labelling)
{
    /// <summary>One database each; a sharded MongoDB and a Kafka are one over all their components.</summary>
    public string Key => $"{Namespace}/{Cluster}/{(Engine is DatabaseEngine.MongoDb or DatabaseEngine.Kafka ? "*" : Component)}";

    public static DatabaseMembership? Of(V1Pod pod)
    {
        var labels = pod.Metadata.Labels;
        if (labels is null)
            return null;
        string? Label(string name) => labels.TryGetValue(name, out var value) ? value : null;

        if (Label("app.kubernetes.io/managed-by") is "kubeblocks" && Label("app.kubernetes.io/instance") is { } instance
            && Label("apps.kubeblocks.io/component-name") is { } component)
        {
            var engine = EngineOf(Label("app.kubernetes.io/component"));
            return engine is DatabaseEngine.None ? null
                : new(pod.Namespace(), instance, Label("apps.kubeblocks.io/sharding-name") ?? component, component, engine, RoleLabelling.KubeBlocks);
        }
        if (Label("rollcall.dev/cluster") is { } cluster && EngineOf(Label("rollcall.dev/profile")) is var own and not DatabaseEngine.None)
        {
            return new(pod.Namespace(), cluster, Label("rollcall.dev/component") ?? cluster, Label("rollcall.dev/shard") ?? cluster, own,
                own is DatabaseEngine.Patroni ? RoleLabelling.Patroni : RoleLabelling.None);
        }
        return null;
    }

    /// <summary>By the name of a profile or of a ComponentDefinition, which starts with the engine's name.</summary>
    public static DatabaseEngine EngineOf(string? name) => name switch
    {
        not null when name.StartsWith("redis-cluster", StringComparison.Ordinal) => DatabaseEngine.RedisCluster,
        not null when name.StartsWith("postgresql", StringComparison.Ordinal) => DatabaseEngine.Patroni,
        not null when name.StartsWith("mongo", StringComparison.Ordinal) => DatabaseEngine.MongoDb,
        not null when name.StartsWith("kafka", StringComparison.Ordinal) => DatabaseEngine.Kafka,
        _ => DatabaseEngine.None,
    };
}
