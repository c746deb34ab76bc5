using Rollcall.Engine.Topology;

namespace Rollcall.Web.Model;

public static class BackendHealth
{
    /// <summary>When the API server was last heard, if no cluster's watch is up; null while at least one is.</summary>
    public static DateTimeOffset? LostSince(ClusterCatalog catalog)
    {
        DateTimeOffset? last = null;
        foreach (var store in catalog.Stores)
        {
            var current = store.Current;
            if (current.Connected)
                return null;
            if (last is null || current.ObservedAt > last)
                last = current.ObservedAt;
        }
        return last;
    }
}
