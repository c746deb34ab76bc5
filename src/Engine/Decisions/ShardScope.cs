using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>One shard of a plan by itself: possible where the shard has templates of its own, for a template is written for all the shards that it serves.</summary>
internal static class ShardScope
{
    /// <param name="only">"component/shard".</param>
    public static Result<Plan> Narrow(Plan plan, TopologySnapshot live, string only)
    {
        var component = plan.Components.FirstOrDefault(c => c.Shards.Any(s => Ledger.ShardKey(c.Name, s.Name) == only));
        if (component is null)
            return new Refusal(RefusalKind.NotFound, $"There is no shard {only} in this plan; there are: {string.Join(", ", plan.Components.SelectMany(c => c.Shards.Select(s => Ledger.ShardKey(c.Name, s.Name))).Take(12))}.");
        var shard = only[(component.Name.Length + 1)..];
        var workloads = live.Components.FirstOrDefault(c => c.Name == component.Name)?.Workloads.Where(w => w.Shards.Contains(shard)).ToList() ?? [];
        if (workloads.Count == 0)
            return new Refusal(RefusalKind.Unavailable, $"{shard} is not to be seen now.");
        if (workloads.FirstOrDefault(w => w.Shards.Length > 1) is { } shared)
            return new Refusal(RefusalKind.Conflict, $"{shard} cannot go alone: {shared.Name} has one template for {shared.Shards.Length} shards, and a member of any of them that is lost would come back on the version written there. Take all of them together.");
        var names = workloads.Select(w => w.Name).ToHashSet(StringComparer.Ordinal);
        return plan with { Partial = plan.Partial || plan.Components.Sum(c => c.Shards.Length) > 1, Components = [Keep(component, s => s == shard, t => names.Contains(t.Workload))] };
    }

    /// <summary>The plan as far as the other one goes.</summary>
    public static Plan Within(Plan plan, Plan scope)
    {
        var shards = scope.Components.SelectMany(c => c.Shards.Select(s => Ledger.ShardKey(c.Name, s.Name))).ToHashSet(StringComparer.Ordinal);
        var workloads = scope.Components.SelectMany(c => c.Targets.Select(t => t.Workload)).ToHashSet(StringComparer.Ordinal);
        return plan with
        {
            Partial = plan.Partial || scope.Partial,
            Components = [.. plan.Components.Where(c => scope.Components.Any(s => s.Name == c.Name)).Select(c => Keep(c, s => shards.Contains(Ledger.ShardKey(c.Name, s)), t => workloads.Contains(t.Workload)))],
        };
    }

    private static PlannedComponent Keep(PlannedComponent c, Func<string, bool> shard, Func<WorkloadTarget, bool> target) => c with
    {
        Shards = [.. c.Shards.Where(s => shard(s.Name))],
        Targets = [.. c.Targets.Where(target)],
        Stages = [.. c.Stages.Select(s => s with { Shards = [.. s.Shards.Where(shard)] }).Where(s => s.Shards.Length > 0)],
    };
}
