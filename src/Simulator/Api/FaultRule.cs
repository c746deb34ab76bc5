namespace Rollcall.Simulator.Api;

/// <summary>Which requests go wrong, and how. Every filter left out matches all; discovery and health are never touched.</summary>
public sealed record FaultRule
{
    /// <summary>Kubernetes' verbs (get, list, watch, create, update, patch, delete, deletecollection); exec and eviction are create.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>A plural such as <c>pods</c>, or with a subresource: <c>pods/eviction</c>, <c>statefulsets/status</c>.</summary>
    public string? Resource { get; init; }

    public string? Namespace { get; init; }

    public string? Name { get; init; }

    /// <summary>The HTTP status to refuse with, 400 to 599; null lets the request through (after <see cref="Latency"/>).</summary>
    public int? Status { get; init; }

    /// <summary>The Retry-After to send, whole seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The Status object's message; null gives a real server's usual one.</summary>
    public string? Message { get; init; }

    /// <summary>How long the request is held back first.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The request takes effect, but the connection breaks instead of an answer.</summary>
    public bool LoseAnswer { get; init; }

    /// <summary>How many requests it spoils; null for all while it is in force.</summary>
    public int? Times { get; init; }

    internal bool Matches(string verb, string resource, string? ns, string? name) =>
        (Verbs.Count == 0 || Verbs.Contains(verb))
        && (Resource is null || Resource == resource)
        && (Namespace is null || Namespace == ns)
        && (Name is null || Name == name);
}
