using System.Collections.Immutable;
using System.Text.Json;
using k8s.Models;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Profiles;

namespace Rollcall.Unit.Kubernetes;

/// <summary>Objects as an API server would hand them out.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Noon = new(2026, 8, 20, 12, 0, 0, TimeSpan.Zero);

    public static EngineProfile Redis { get; } = new()
    {
        Name = "redis-cluster",
        Title = "Redis Cluster",
        Text = "",
        Roles = [new RoleSpec("primary", "P", 2, true, true) { Aliases = ["master"] }, new RoleSpec("secondary", "S", 1, false, true) { Aliases = ["slave", "replica"] }],
        Probe = new ProbeSpec { Containers = ["redis", "redis-cluster"], Command = ["sh", "-c", "redis-cli INFO replication && redis-cli CLUSTER INFO"], Tool = "redis-cli", Reader = "keyValue", Role = "role", Position = ["slave_repl_offset", "master_repl_offset"], Period = TimeSpan.FromSeconds(1) },
    };

    public static V1StatefulSet Set(string name, Action<V1StatefulSet>? change = null)
    {
        var set = new V1StatefulSet
        {
            Metadata = new V1ObjectMeta
            {
                Name = name, NamespaceProperty = "demo", Uid = "uid-" + name, Generation = 3,
                Labels = new Dictionary<string, string>(), Annotations = new Dictionary<string, string>(),
            },
            Spec = new V1StatefulSetSpec
            {
                Replicas = 3,
                UpdateStrategy = new V1StatefulSetUpdateStrategy { Type = "RollingUpdate" },
                Template = new V1PodTemplateSpec { Spec = new V1PodSpec { Containers = [new V1Container { Name = "exporter", Image = "exporter:1" }, new V1Container { Name = "redis", Image = "registry:5000/redis:7.2.5" }] } },
            },
            Status = new V1StatefulSetStatus { ObservedGeneration = 3, CurrentRevision = "r1", UpdateRevision = "r1", Replicas = 3 },
        };
        change?.Invoke(set);
        return set;
    }

    public static V1Pod Pod(string name, string revision = "r1", Action<V1Pod>? change = null)
    {
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "demo", Uid = "uid-" + name, ResourceVersion = "5", Labels = new Dictionary<string, string> { ["controller-revision-hash"] = revision } },
            Spec = new V1PodSpec { NodeName = "node-1", Containers = [new V1Container { Name = "exporter", Image = "exporter:1" }, new V1Container { Name = "redis", Image = "registry:5000/redis:7.2.5" }] },
            Status = new V1PodStatus
            {
                Phase = "Running",
                Conditions = [new V1PodCondition { Type = "Ready", Status = "True", LastTransitionTime = Noon.UtcDateTime }],
                ContainerStatuses = [Running("exporter", Noon.AddSeconds(-9)), Running("redis", Noon.AddSeconds(-9))],
            },
        };
        change?.Invoke(pod);
        return pod;
    }

    public static V1ContainerStatus Running(string name, DateTimeOffset since) =>
        new() { Name = name, Image = "", Ready = true, State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = since.UtcDateTime } } };

    public static V1ContainerStatus Waiting(string name, string reason) =>
        new() { Name = name, Image = "", State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = "because" } } };

    public static KubeObject Object(string json)
    {
        using var document = JsonDocument.Parse(json);
        return new KubeObject(document.RootElement.Clone());
    }

    public static EngineProfile Resolve(string? label, IEnumerable<string> definitions, IEnumerable<string> images) => Redis;
}
