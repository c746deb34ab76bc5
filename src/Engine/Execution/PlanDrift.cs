using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>
/// Whether a plan still fits the cluster. Members that are on the target already count as done, rescheduled ones change nothing; another membership or a third version does.
/// </summary>
internal static class PlanDrift
{
    /// <summary>What changed, in sentences; empty when the plan fits.</summary>
    public static ImmutableArray<string> Since(Plan plan, TopologySnapshot now)
    {
        var changed = ImmutableArray.CreateBuilder<string>();
        if (now.Profile != plan.Profile.Name)
            changed.Add($"The cluster's engine profile is {now.Profile} now; the plan was made with {plan.Profile.Name}.");
        foreach (var component in plan.Components)
        {
            if (now.Components.FirstOrDefault(c => c.Name == component.Name) is not { } live)
            {
                changed.Add($"Component {component.Name} is gone.");
                continue;
            }
            var shards = live.Shards.Select(s => s.Name);
            Names($"Component {component.Name}: shard", component.Shards.Select(s => s.Name), plan.Partial ? shards.Where(s => component.Shards.Any(b => b.Name == s)) : shards, changed);
            foreach (var shard in component.Shards)
                if (live.Shards.FirstOrDefault(s => s.Name == shard.Name) is { } members)
                    Members(component, shard, members, changed);
        }
        return changed.ToImmutable();
    }

    private static void Members(PlannedComponent component, ShardBaseline shard, Shard now, ImmutableArray<string>.Builder changed)
    {
        Names($"Shard {shard.Name}: member", shard.Instances, now.Instances.Select(i => i.Name), changed);
        foreach (var member in now.Instances.Where(i => i.Uid.Length > 0 && shard.Instances.Contains(i.Name)))
            if (!ShardContext.RunsVersion(member, component.From) && !ShardContext.RunsVersion(member, component.To))
                changed.Add($"{member.Name} runs {member.Version}, which is neither {component.From} nor {component.To}.");
    }

    private static void Names(string what, IEnumerable<string> before, IEnumerable<string> after, ImmutableArray<string>.Builder changed)
    {
        var (old, now) = (before.ToList(), after.ToList());
        foreach (var name in now.Except(old, StringComparer.Ordinal))
            changed.Add($"{what} {name} is new.");
        foreach (var name in old.Except(now, StringComparer.Ordinal))
            changed.Add($"{what} {name} is gone.");
    }
}
