using Rollcall.Shared;

namespace Rollcall.Web.Model.Composing;

public static class ClusterSummaries
{
    public static ClusterKey Key(this ClusterSummary cluster) => new(cluster.Namespace, cluster.Name);
}
