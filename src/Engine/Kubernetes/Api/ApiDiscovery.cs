using System.Net;

namespace Rollcall.Engine.Kubernetes.Api;

/// <summary>What this API server serves, asked once per connection. Version numbers are never looked at: a group is there, or it is not.</summary>
public sealed record ApiDiscovery(KubeKind Budgets, string EvictionApiVersion)
{
    public static ApiDiscovery Default { get; } = new(KubeKind.Budgets, "policy/v1");

    /// <summary>Null while the server cannot be asked.</summary>
    public static async Task<ApiDiscovery?> ReadAsync(KubernetesConnection connection, CancellationToken ct)
    {
        var core = await connection.GetAsync("/api/v1", ct).ConfigureAwait(false);
        if (core.Unknown || (int)core.Code >= 500 || core.Code == HttpStatusCode.TooManyRequests)
            return null;
        // The eviction subresource names its own group and version; Kubernetes 1.21 has PodDisruptionBudget in policy/v1 but evicts by v1beta1.
        var eviction = KubeObject.Items(core.Body, "resources").FirstOrDefault(r => KubeObject.Text(r, "name") == "pods/eviction");
        var version = KubeObject.Text(eviction, "version");
        return new ApiDiscovery(
            await Serves(connection, "v1", ct).ConfigureAwait(false) || !await Serves(connection, "v1beta1", ct).ConfigureAwait(false) ? KubeKind.Budgets : KubeKind.Budgets with { Version = "v1beta1" },
            version.Length == 0 ? "policy/v1" : $"policy/{version}");
    }

    private static async Task<bool> Serves(KubernetesConnection connection, string version, CancellationToken ct)
    {
        var answer = await connection.GetAsync($"/apis/policy/{version}", ct).ConfigureAwait(false);
        return answer.Ok && KubeObject.Items(answer.Body, "resources").Any(r => KubeObject.Text(r, "name") == KubeKind.Budgets.Plural);
    }
}
