using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>
/// Asks the API server by SubjectAccessReview (authorization.k8s.io/v1): may this user, with these groups, patch what is to be rolled? The names are the ones the API server's own login gives people, so they get the same prefix.
/// </summary>
public sealed class SubjectAccess(KubernetesConnection connection, string userPrefix, string groupPrefix) : IPersonAccess
{
    private const string Path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

    public async Task<Refusal?> CheckAsync(Caller caller, ClusterKey cluster, ClusterKind kind, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var resource = kind == ClusterKind.Cluster ? KubeKind.Clusters : KubeKind.StatefulSets;
        var user = userPrefix + caller.Name;
        var review = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SubjectAccessReview",
            ["spec"] = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["user"] = user,
                ["groups"] = caller.Groups.Select(g => groupPrefix + g).ToArray(),
                ["resourceAttributes"] = new Dictionary<string, string>(StringComparer.Ordinal) { ["namespace"] = cluster.Namespace, ["verb"] = "patch", ["group"] = resource.Group, ["resource"] = resource.Plural },
            },
        };
        var answer = await connection.PostAsync(Path, review, ct).ConfigureAwait(false);
        if (!answer.Ok)
            return answer.Forbidden
                ? new Refusal(RefusalKind.Unavailable, $"Rollcall may not ask Kubernetes what {user} may do; it needs \"create\" on subjectaccessreviews.authorization.k8s.io ({answer.Message}).")
                : new Refusal(RefusalKind.Unavailable, $"Kubernetes could not be asked whether {user} may do this: {answer.Message}");
        var status = answer.Body.TryGetProperty("status", out var s) ? s : default;
        if (status.ValueKind == System.Text.Json.JsonValueKind.Object && status.TryGetProperty("allowed", out var allowed) && allowed.ValueKind == System.Text.Json.JsonValueKind.True)
            return null;
        var why = KubeObject.Text(status, "reason");
        return new Refusal(RefusalKind.Forbidden, $"Kubernetes does not let {user} patch {resource.Resource} in the namespace {cluster.Namespace}{(why.Length > 0 ? $" ({why})" : "")}; Rollcall does not do it for them.");
    }
}
