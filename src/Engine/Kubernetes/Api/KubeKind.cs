namespace Rollcall.Engine.Kubernetes.Api;

/// <summary>A kind as the API server's paths know it.</summary>
/// <param name="Group">Empty for the core group.</param>
public sealed record KubeKind(string Group, string Version, string Kind, string Plural, bool Namespaced = true)
{
    public static readonly KubeKind Pods = new("", "v1", "Pod", "pods");
    /// <summary>Read when a person asks; never watched.</summary>
    public static readonly KubeKind Events = new("", "v1", "Event", "events");
    public static readonly KubeKind Nodes = new("", "v1", "Node", "nodes", false);
    public static readonly KubeKind StatefulSets = new("apps", "v1", "StatefulSet", "statefulsets");
    public static readonly KubeKind Budgets = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets");
    public static readonly KubeKind Leases = new("coordination.k8s.io", "v1", "Lease", "leases");
    public static readonly KubeKind Clusters = new("apps.kubeblocks.io", "v1", "Cluster", "clusters");
    public static readonly KubeKind Components = new("apps.kubeblocks.io", "v1", "Component", "components");
    public static readonly KubeKind ComponentDefinitions = new("apps.kubeblocks.io", "v1", "ComponentDefinition", "componentdefinitions", false);
    public static readonly KubeKind ComponentVersions = new("apps.kubeblocks.io", "v1", "ComponentVersion", "componentversions", false);
    public static readonly KubeKind InstanceSets = new("workloads.kubeblocks.io", "v1", "InstanceSet", "instancesets");
    public static readonly KubeKind Jobs = new("batch", "v1", "Job", "jobs");
    public static readonly KubeKind Backups = new("dataprotection.kubeblocks.io", "v1alpha1", "Backup", "backups");
    public static readonly KubeKind OpsRequests = new("operations.kubeblocks.io", "v1alpha1", "OpsRequest", "opsrequests");

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public string Root => Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";

    public string Collection(string? ns) => Namespaced && ns is not null ? $"{Root}/namespaces/{ns}/{Plural}" : $"{Root}/{Plural}";

    public string Object(string ns, string name) => Namespaced ? $"{Root}/namespaces/{ns}/{Plural}/{name}" : $"{Root}/{Plural}/{name}";

    /// <summary>As RBAC and people name it: <c>statefulsets.apps</c>.</summary>
    public string Resource => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}
