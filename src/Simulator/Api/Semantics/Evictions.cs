using System.Text.Json.Nodes;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Semantics;

/// <summary>pods/eviction: a deletion that asks the PodDisruptionBudgets first and pays with their allowance.</summary>
internal sealed class Evictions(ObjectStore store, Registry registry, Deletions deletions)
{
    private const int RetryAfterSeconds = 10;

    public void Evict(ObjectKey key, DeleteOptions options) => store.Transact(() =>
    {
        var pod = registry.Get(ResourceCatalog.Pods, key);
        var json = pod.Parse();
        if (!IsFree(pod, json))
            Pay(pod, json, options.DryRun);
        return deletions.Delete(ResourceCatalog.Pods, key, options);
    });

    /// <summary>The Ready condition, as budgets count it.</summary>
    public static bool IsReady(JsonNode? pod) =>
        pod.At("status", "conditions").Objects().Any(c => c.Text("type") == "Ready" && c.Text("status") == "True");

    // Nothing is disrupted by evicting what does not run yet, has ended, or is on its way out.
    private static bool IsFree(StoredObject pod, JsonObject json) =>
        pod.IsTerminating || json.Text("status", "phase") is "Pending" or "Succeeded" or "Failed";

    private void Pay(StoredObject pod, JsonObject json, bool dryRun)
    {
        var budgets = store.Of(ResourceCatalog.DisruptionBudgets).Live.Scan(pod.Key.Namespace)
            .Select(b => (Stored: b, Json: b.Parse())).Where(b => LabelSelector.From(b.Json.At("spec", "selector")).Matches(pod.Labels)).ToList();
        if (budgets.Count == 0)
            return;
        if (budgets.Count > 1)
            throw new StatusException(500, "InternalError", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");

        var (stored, budget) = budgets[0];
        var status = budget.Child("status");
        var (healthy, desired) = (status.Number("currentHealthy") ?? 0, status.Number("desiredHealthy") ?? 0);
        if (!IsReady(json) && (budget.Text("spec", "unhealthyPodEvictionPolicy") == "AlwaysAllow" || (desired > 0 && healthy >= desired)))
            return;
        if ((status.Number("observedGeneration") ?? 0) < (budget.Number("metadata", "generation") ?? 0))
            throw Refuse($"The disruption budget {stored.Key.Name} is still being processed by the server.", RetryAfterSeconds);
        var allowed = status.Number("disruptionsAllowed") ?? 0;
        if (allowed <= 0)
            throw Refuse($"The disruption budget {stored.Key.Name} needs {desired} healthy pods and has {healthy} currently", 0);

        status["disruptionsAllowed"] = allowed - 1;
        // Until the deletion is seen the Pod counts as disrupted already, so that the allowance is not spent twice.
        status.Child("disruptedPods")[pod.Key.Name] = registry.Now;
        registry.Update(stored, budget, WriteContext.Internal with { Subresource = "status", DryRun = dryRun });
    }

    private static StatusException Refuse(string cause, int retryAfterSeconds) =>
        StatusException.TooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", retryAfterSeconds,
            new() { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "DisruptionBudget", ["message"] = cause }) });
}
