namespace Rollcall.Simulator.Api.Storage;

/// <summary>The kinds one server serves.</summary>
internal sealed class ResourceCatalog
{
    private readonly Dictionary<(string Group, string Version, string Plural), ResourceKind> _byPath;

    public ResourceCatalog(bool kubeBlocks)
    {
        Kinds = kubeBlocks ? [.. BuiltIn, .. KubeBlocks] : BuiltIn;
        _byPath = Kinds.ToDictionary(k => (k.Group, k.Version, k.Plural));
    }

    public IReadOnlyList<ResourceKind> Kinds { get; }

    public static ResourceKind Pods { get; } = new("", "v1", "pods", "Pod")
    {
        HasStatus = true, HasGeneration = true, ShortNames = ["po"],
        SelectableFields = ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase", "status.podIP"],
    };

    public static ResourceKind Namespaces { get; } = new("", "v1", "namespaces", "Namespace")
    {
        Namespaced = false, HasStatus = true, ShortNames = ["ns"], SelectableFields = ["status.phase"],
    };

    public static ResourceKind ServiceAccounts { get; } = new("", "v1", "serviceaccounts", "ServiceAccount") { ShortNames = ["sa"] };

    public static ResourceKind Events { get; } = new("", "v1", "events", "Event")
    {
        ShortNames = ["ev"],
        SelectableFields =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "type",
        ],
    };

    public static ResourceKind Services { get; } = new("", "v1", "services", "Service") { HasStatus = true, ShortNames = ["svc"], SelectableFields = ["spec.clusterIP", "spec.type"] };

    public static ResourceKind StatefulSets { get; } = new("apps", "v1", "statefulsets", "StatefulSet") { HasStatus = true, HasGeneration = true, ShortNames = ["sts"] };

    public static ResourceKind Deployments { get; } = new("apps", "v1", "deployments", "Deployment") { HasStatus = true, HasGeneration = true, ShortNames = ["deploy"] };

    public static ResourceKind ReplicaSets { get; } = new("apps", "v1", "replicasets", "ReplicaSet") { HasStatus = true, HasGeneration = true, ShortNames = ["rs"] };

    public static ResourceKind Jobs { get; } = new("batch", "v1", "jobs", "Job") { HasStatus = true, HasGeneration = true, OrphansByDefault = true, SelectableFields = ["status.successful"] };

    public static ResourceKind DisruptionBudgets { get; } = new("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget")
    {
        HasStatus = true, HasGeneration = true, UnconditionalUpdate = false, ShortNames = ["pdb"],
    };

    private static IReadOnlyList<ResourceKind> BuiltIn { get; } =
    [
        Pods, Services, Namespaces, Events, ServiceAccounts,
        new("", "v1", "nodes", "Node") { Namespaced = false, HasStatus = true, ShortNames = ["no"], SelectableFields = ["spec.unschedulable"] },
        new("", "v1", "configmaps", "ConfigMap") { ShortNames = ["cm"] },
        new("", "v1", "secrets", "Secret") { SelectableFields = ["type"] },
        new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim") { HasStatus = true, ShortNames = ["pvc"] },
        new("", "v1", "endpoints", "Endpoints") { ShortNames = ["ep"] },
        StatefulSets, Deployments, ReplicaSets,
        new("apps", "v1", "controllerrevisions", "ControllerRevision"),
        Jobs, DisruptionBudgets,
        new("coordination.k8s.io", "v1", "leases", "Lease") { UnconditionalUpdate = false },
    ];

    // Facts of KubeBlocks' CustomResourceDefinitions: group, version, names, scope; every one has a status subresource.
    private static IReadOnlyList<ResourceKind> KubeBlocks { get; } =
    [
        Custom("apps.kubeblocks.io", "v1", "clusters", "Cluster"),
        Custom("apps.kubeblocks.io", "v1", "components", "Component", shortName: "cmp"),
        Custom("apps.kubeblocks.io", "v1", "clusterdefinitions", "ClusterDefinition", namespaced: false, shortName: "cd"),
        Custom("apps.kubeblocks.io", "v1", "componentdefinitions", "ComponentDefinition", namespaced: false, shortName: "cmpd"),
        Custom("apps.kubeblocks.io", "v1", "componentversions", "ComponentVersion", namespaced: false, shortName: "cmpv"),
        Custom("apps.kubeblocks.io", "v1", "shardingdefinitions", "ShardingDefinition", namespaced: false, shortName: "sdd"),
        Custom("apps.kubeblocks.io", "v1alpha1", "rollouts", "Rollout"),
        Custom("workloads.kubeblocks.io", "v1", "instancesets", "InstanceSet", shortName: "its"),
        Custom("workloads.kubeblocks.io", "v1", "instances", "Instance", shortName: "inst"),
        Custom("operations.kubeblocks.io", "v1alpha1", "opsrequests", "OpsRequest", shortName: "ops"),
        Custom("operations.kubeblocks.io", "v1alpha1", "opsdefinitions", "OpsDefinition", namespaced: false, shortName: "od"),
        Custom("dataprotection.kubeblocks.io", "v1alpha1", "backups", "Backup"),
        Custom("dataprotection.kubeblocks.io", "v1alpha1", "backuppolicies", "BackupPolicy", shortName: "bp"),
        Custom("dataprotection.kubeblocks.io", "v1alpha1", "backupschedules", "BackupSchedule", shortName: "bs"),
        Custom("dataprotection.kubeblocks.io", "v1alpha1", "restores", "Restore"),
        Custom("dataprotection.kubeblocks.io", "v1alpha1", "backuprepos", "BackupRepo", namespaced: false),
        Custom("dataprotection.kubeblocks.io", "v1alpha1", "actionsets", "ActionSet", namespaced: false, shortName: "as"),
    ];

    public ResourceKind? Find(string group, string version, string plural) => _byPath.GetValueOrDefault((group, version, plural));

    private static ResourceKind Custom(string group, string version, string plural, string kind, bool namespaced = true, string? shortName = null) =>
        new(group, version, plural, kind)
        {
            Custom = true, Namespaced = namespaced, HasStatus = true, HasGeneration = true, UnconditionalUpdate = false,
            ShortNames = shortName is null ? [] : [shortName],
        };
}
