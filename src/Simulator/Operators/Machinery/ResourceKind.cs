namespace Rollcall.Simulator.Operators.Machinery;

/// <summary>Where a kind without a class in KubernetesClient lives.</summary>
internal sealed record ResourceKind(string Group, string Version, string Plural, string Kind, bool Namespaced = true)
{
    public string ApiVersion => $"{Group}/{Version}";

    public static readonly ResourceKind Job = new("batch", "v1", "jobs", "Job");
    public static readonly ResourceKind Cluster = new("apps.kubeblocks.io", "v1", "clusters", "Cluster");
    public static readonly ResourceKind Component = new("apps.kubeblocks.io", "v1", "components", "Component");
    public static readonly ResourceKind ComponentDefinition = new("apps.kubeblocks.io", "v1", "componentdefinitions", "ComponentDefinition", Namespaced: false);
    public static readonly ResourceKind ComponentVersion = new("apps.kubeblocks.io", "v1", "componentversions", "ComponentVersion", Namespaced: false);
    public static readonly ResourceKind InstanceSet = new("workloads.kubeblocks.io", "v1", "instancesets", "InstanceSet");
    public static readonly ResourceKind OpsRequest = new("operations.kubeblocks.io", "v1alpha1", "opsrequests", "OpsRequest");
    public static readonly ResourceKind Backup = new("dataprotection.kubeblocks.io", "v1alpha1", "backups", "Backup");
    public static readonly ResourceKind BackupPolicy = new("dataprotection.kubeblocks.io", "v1alpha1", "backuppolicies", "BackupPolicy");
}
