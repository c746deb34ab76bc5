using k8s.Models;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>Which PodDisruptionBudget speaks for a shard.</summary>
public static class Selectors
{
    /// <summary>The tightest budget that selects any of these Pods; null without one.</summary>
    public static BudgetStatus? Tightest(IEnumerable<V1PodDisruptionBudget> budgets, IReadOnlyList<V1Pod> pods)
    {
        ArgumentNullException.ThrowIfNull(budgets);
        BudgetStatus? tightest = null;
        foreach (var budget in budgets)
        {
            if (!pods.Any(p => Matches(budget.Spec?.Selector, p.Metadata.Labels)))
                continue;
            var allowed = budget.Status?.DisruptionsAllowed ?? 0;
            if (tightest is null || allowed < tightest.DisruptionsAllowed)
                tightest = new BudgetStatus(budget.Metadata.Name, allowed);
        }
        return tightest;
    }

    /// <summary>policy/v1: an empty selector matches everything, none matches nothing.</summary>
    public static bool Matches(V1LabelSelector? selector, IDictionary<string, string>? labels)
    {
        if (selector is null)
            return false;
        string? Value(string key) => labels is not null && labels.TryGetValue(key, out var v) ? v : null;
        return (selector.MatchLabels ?? new Dictionary<string, string>()).All(l => Value(l.Key) == l.Value)
            && (selector.MatchExpressions ?? []).All(e => e.OperatorProperty switch
            {
                "In" => Value(e.Key) is { } v && e.Values.Contains(v),
                "NotIn" => Value(e.Key) is not { } v || !e.Values.Contains(v),
                "Exists" => Value(e.Key) is not null,
                "DoesNotExist" => Value(e.Key) is null,
                _ => false,
            });
    }
}
