namespace Rollcall.Simulator.Api;

/// <summary>How a <see cref="SimulatedApiServer"/> is set up. Everything has a default that suits the demo.</summary>
public sealed record SimulatedApiOptions
{
    /// <summary>TCP port on loopback; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>False leaves KubeBlocks' kinds uninstalled: discovery does not list them and every request for one is a 404.</summary>
    public bool KubeBlocks { get; init; } = true;

    /// <summary>The bearer token that clients must send; null makes a new one for each server.</summary>
    public string? Token { get; init; }

    /// <summary>What the kubeconfig calls the cluster, its user and its context.</summary>
    public string ClusterName { get; init; } = "simulated";

    /// <summary>Requests that are answered with 403, and with <c>allowed: false</c> in a SelfSubjectAccessReview.</summary>
    public IReadOnlyList<AccessRule> Denied { get; init; } = [];

    /// <summary>How many changes of each kind a watch or a continue token may lie behind before it gets 410. At least 1.</summary>
    public int History { get; init; } = 8192;

    /// <summary>How often a watch that asked for bookmarks gets one (a real server: once a minute).</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>When a watch that named no <c>timeoutSeconds</c> is ended (a real server: after 30 to 60 minutes).</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(40);
}

/// <summary>
/// Requests by verb and resource. A verb is Kubernetes' own (get, list, watch, create, update, patch, delete, deletecollection); a resource is
/// a plural such as <c>pods</c> or a subresource such as <c>pods/eviction</c>. <c>*</c> stands for all, in the resource for subresources too.
/// </summary>
public sealed record AccessRule(IReadOnlyList<string> Verbs, IReadOnlyList<string> Resources, string? Namespace = null)
{
    internal bool Matches(string verb, string resource, string? ns) =>
        (Verbs.Contains("*") || Verbs.Contains(verb))
        && (Resources.Contains("*") || Resources.Contains(resource))
        && (Namespace is null || Namespace == ns);
}
