using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Observing;

/// <summary>Objects of one kind, found by the cluster they belong to. A name is in one cluster at a time.</summary>
internal sealed class ByCluster<T>
    where T : class
{
    private readonly Dictionary<ClusterKey, Dictionary<string, T>> _items = [];
    private readonly Dictionary<ObjectKey, ClusterKey> _home = [];

    public IReadOnlyCollection<T> Of(ClusterKey cluster) => _items.TryGetValue(cluster, out var there) ? there.Values : [];

    public void Set(ClusterKey cluster, string name, T item)
    {
        if (!_items.TryGetValue(cluster, out var there))
            _items[cluster] = there = new Dictionary<string, T>(StringComparer.Ordinal);
        there[name] = item;
        _home[new ObjectKey(cluster.Namespace, name)] = cluster;
    }

    public void Remove(ClusterKey cluster, string name) => Remove(new ObjectKey(cluster.Namespace, name));

    /// <returns>The cluster it was in; null when it was in none.</returns>
    public ClusterKey? Remove(ObjectKey key)
    {
        if (!_home.Remove(key, out var cluster))
            return null;
        if (_items.TryGetValue(cluster, out var there) && there.Remove(key.Name) && there.Count == 0)
            _items.Remove(cluster);
        return cluster;
    }
}
