using System.Collections.Immutable;

namespace Rollcall.Shared;

/// <summary>What a credential reaches, beside its roles. Checked by the engine for every command and for everything that is read by id.</summary>
/// <param name="Namespaces">Reaches every cluster of these; empty with <paramref name="Clusters"/> empty: all clusters.</param>
/// <param name="Clusters">And these, <c>namespace/name</c>.</param>
/// <param name="ReadOnly">Reads what its roles may read, and changes nothing.</param>
public sealed record CallerScope(ImmutableArray<string> Namespaces, ImmutableArray<string> Clusters, bool ReadOnly)
{
    public static CallerScope Everything { get; } = new([], [], false);

    /// <summary>Reaches some clusters only.</summary>
    public bool Limited => !Namespaces.IsEmpty || !Clusters.IsEmpty;

    public bool Covers(ClusterKey cluster) => !Limited || Namespaces.Contains(cluster.Namespace) || Clusters.Contains(cluster.ToString());

    /// <param name="cluster"><c>namespace/name</c>.</param>
    public bool Covers(string cluster) => !Limited || (ClusterKey.TryParse(cluster, out var key) && Covers(key));

    /// <summary>"the namespaces a and b", for sentences.</summary>
    public string InWords() => string.Join(" and ", new[]
    {
        Namespaces.IsEmpty ? "" : $"{(Namespaces.Length == 1 ? "the namespace" : "the namespaces")} {string.Join(", ", Namespaces)}",
        Clusters.IsEmpty ? "" : $"{(Clusters.Length == 1 ? "the cluster" : "the clusters")} {string.Join(", ", Clusters)}",
    }.Where(t => t.Length > 0)) is { Length: > 0 } words ? words : "all clusters";
}
