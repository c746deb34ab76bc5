using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Controllers;

/// <summary>
/// Keeps the status of PodDisruptionBudgets: how many of their Pods are healthy, how many must be, how many may go. Like the real
/// controller it runs behind the writes, so for a moment a budget may be stale; evictions pay at once and cannot overspend meanwhile.
/// </summary>
internal sealed class DisruptionController(ObjectStore store, Registry registry, TimeProvider time)
{
    // How long an eviction may take to show as a deletion before the allowance is given back; the real controller's figure.
    private static readonly TimeSpan DeletionTimeout = TimeSpan.FromMinutes(2);

    private readonly Channel<string> _namespaces = Channel.CreateUnbounded<string>(new() { SingleReader = true });

    public void OnCommitted(Change change)
    {
        var kind = change.Object.Kind;
        if ((kind == ResourceCatalog.Pods || kind == ResourceCatalog.DisruptionBudgets || kind.Plural is "statefulsets" or "instancesets" or "replicasets") && HasBudgets(change.Object.Key.Namespace))
            _namespaces.Writer.TryWrite(change.Object.Key.Namespace);
    }

    public async Task RunAsync(CancellationToken ct)
    {
        var due = new HashSet<string>(StringComparer.Ordinal);
        while (await _namespaces.Reader.WaitToReadAsync(ct))
        {
            due.Clear();
            while (_namespaces.Reader.TryRead(out var ns))
                due.Add(ns);
            foreach (var ns in due)
                Reconcile(ns);
        }
    }

    private bool HasBudgets(string ns) => store.Of(ResourceCatalog.DisruptionBudgets).Live.Scan(ns).Any();

    private void Reconcile(string ns)
    {
        var pods = store.Of(ResourceCatalog.Pods).Live.Scan(ns).ToList();
        foreach (var budget in store.Of(ResourceCatalog.DisruptionBudgets).Live.Scan(ns))
        {
            var json = budget.Parse();
            var selector = LabelSelector.From(json.At("spec", "selector"));
            var status = Status(json, [.. pods.Where(p => selector.Matches(p.Labels))]);
            store.Transact(() =>
            {
                // Changed since: its change has asked for another pass.
                if (store.Find(budget.Kind, budget.Key) is not { } current || current.Version != budget.Version)
                    return budget;
                json["status"] = status;
                return registry.Update(current, json, WriteContext.Internal with { Subresource = "status" });
            });
        }
    }

    private JsonObject Status(JsonObject budget, List<StoredObject> pods)
    {
        var states = pods.Select(p => (Pod: p, Json: p.Parse())).Where(p => p.Json.Text("status", "phase") is not ("Succeeded" or "Failed")).ToList();
        var disrupted = Disrupted(budget, states.ConvertAll(s => s.Pod));
        var healthy = states.Count(s => !s.Pod.IsTerminating && Evictions.IsReady(s.Json) && !disrupted.ContainsKey(s.Pod.Key.Name));
        var (minimum, maximum) = (budget.At("spec", "minAvailable"), budget.At("spec", "maxUnavailable"));
        var byCount = maximum is null && minimum is not null && !IsPercentage(minimum);
        var expected = byCount ? states.Count : Expected(states.ConvertAll(s => s.Pod));
        var desired = maximum is not null ? Math.Max(0, expected - Scale(maximum, expected)) : Scale(minimum, expected);
        var allowed = expected <= 0 || healthy < desired ? 0 : healthy - desired;

        var status = new JsonObject
        {
            ["currentHealthy"] = healthy, ["desiredHealthy"] = desired, ["disruptionsAllowed"] = allowed, ["expectedPods"] = expected,
            ["observedGeneration"] = budget.Number("metadata", "generation") ?? 0,
        };
        if (disrupted.Count > 0)
            status["disruptedPods"] = disrupted;
        status["conditions"] = Conditions(budget, allowed);
        return status;
    }

    // Pods whose eviction was granted but whose deletion has not been seen yet.
    private JsonObject Disrupted(JsonObject budget, List<StoredObject> pods)
    {
        var left = new JsonObject();
        foreach (var (name, since) in budget.At("status", "disruptedPods").StringMap())
        {
            if (pods.Exists(p => p.Key.Name == name && !p.IsTerminating)
                && DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                && at + DeletionTimeout > time.GetUtcNow())
            {
                left[name] = since;
            }
        }

        return left;
    }

    // With a percentage or maxUnavailable the whole is what the Pods' controllers want, not what happens to be there.
    private int Expected(List<StoredObject> pods) => store.Transact(() =>
    {
        var owners = pods.SelectMany(p => p.Owners).Select(o => o.Uid).Distinct(StringComparer.Ordinal).Select(store.FindByUid).OfType<StoredObject>();
        return owners.Sum(o => (int)(o.Parse().Number("spec", "replicas") ?? 0));
    });

    private static bool IsPercentage(JsonNode node) => node.Text() is { } text && text.EndsWith('%');

    private static int Scale(JsonNode? node, int whole)
    {
        if (node?.Text() is { } text && text.EndsWith('%') && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var percent))
            return (int)Math.Ceiling(whole * percent / 100.0);
        return (int)(node.Number() ?? 1);
    }

    private JsonArray Conditions(JsonObject budget, int allowed)
    {
        var (status, reason) = allowed > 0 ? ("True", "SufficientPods") : ("False", "InsufficientPods");
        var present = budget.At("status", "conditions").Objects().FirstOrDefault(c => c.Text("type") == "DisruptionAllowed");
        var since = present is not null && present.Text("status") == status ? present.Text("lastTransitionTime") : null;
        return new(new JsonObject { ["type"] = "DisruptionAllowed", ["status"] = status, ["reason"] = reason, ["message"] = "", ["lastTransitionTime"] = since ?? registry.Now });
    }
}
