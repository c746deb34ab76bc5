using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>How far a run is, counted in the live cluster against the plan's baseline.</summary>
internal static class RunTotalsOf
{
    public static RunTotals Count(Plan plan, Ledger ledger, TopologySnapshot? topology, DateTimeOffset now)
    {
        var switchovers = ledger.Steps.Values.Count(s => s is { Kind: StepKind.Switchover, State: StepState.Succeeded });
        var estimate = plan.Totals.EstimateSeconds;
        var members = plan.Components.Sum(c => c.Shards.Sum(s => s.Instances.Length));
        return new RunTotals
        {
            Members = members,
            Updated = ledger.Final == RunState.Succeeded ? members : ledger.Terminal || topology is null ? Replaced(ledger) : Updated(plan, topology),
            SwitchoversPlanned = plan.Totals.Switchovers,
            SwitchoversDone = switchovers,
            Shards = plan.Components.Sum(c => c.Shards.Length),
            ShardsDone = plan.Components.Sum(c => c.Shards.Count(s => c.Stages.Where(stage => stage.Shards.Contains(s.Name)).All(stage => ledger.ShardsDone.Contains($"{c.Name}/{stage.Name}/{s.Name}")))),
            EstimateSeconds = estimate,
            RemainingSeconds = ledger.Terminal ? 0 : Remaining(plan, ledger, now),
        };
    }

    /// <summary>Members of the baseline that run the wanted version and are Ready.</summary>
    public static int Updated(Plan plan, TopologySnapshot topology)
    {
        var updated = 0;
        foreach (var component in plan.Components)
        {
            var live = topology.Components.FirstOrDefault(c => c.Name == component.Name);
            if (live is null)
                continue;
            var planned = plan.Partial ? component.Shards.Select(s => s.Name).ToHashSet(StringComparer.Ordinal) : null;
            foreach (var shard in live.Shards.Where(s => planned?.Contains(s.Name) != false))
                foreach (var member in shard.Instances)
                    if (member.Ready && ShardContext.RunsVersion(member, component.To))
                        updated++;
        }
        return updated;
    }

    private static int Replaced(Ledger ledger) =>
        ledger.Steps.Values.Where(s => s is { Kind: StepKind.Replace, Done: true, Instance: not null }).Select(s => (s.Shard, s.Instance)).Distinct().Count();

    /// <summary>The plan's estimate, shortened by the share of its steps that is through; steps under way count by the time they have had.</summary>
    private static double Remaining(Plan plan, Ledger ledger, DateTimeOffset now)
    {
        double all = 0, left = 0;
        foreach (var step in plan.Steps.Where(s => s.Kind != StepKind.Gate))
        {
            all += step.EstimateSeconds;
            left += ledger.Step(step.Id) switch
            {
                null => step.EstimateSeconds,
                { Done: true } => 0,
                { } entry => Math.Max(0, step.EstimateSeconds - (now - entry.StartedAt).TotalSeconds),
            };
        }
        return all <= 0 ? 0 : Math.Round(plan.Totals.EstimateSeconds * left / all, 1);
    }
}
