using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>
/// Taking a rollback back: the first plan again, as far as the rollback went, from the cluster as it is. Members that still run the new version count as done. It goes forward, so its gates are asked again:
/// what was approved then was approved for another moment.
/// </summary>
public static class RollForwardPlanner
{
    public const string Rule = "RollForward";

    /// <param name="rollback">The rollback's own plan; what it was doing may still take effect.</param>
    /// <param name="original">The plan that it took back.</param>
    public static Result<Plan> Build(string rollbackRun, Plan rollback, Plan original, Ledger ledger, TopologySnapshot live, Func<Plan, string> hash, string planId, string by, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rollback);
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(hash);
        var gates = original.Components.Sum(c => c.Stages.Count(s => s.Gate is not null));
        var plan = ShardScope.Within(original, rollback) with
        {
            Id = planId, Direction = Direction.Forward, Steps = [], RollbackOf = rollbackRun, Unsettled = RollbackPlanner.Unsettled(rollback, ledger), CreatedBy = by, CreatedAt = now,
            Findings = [new Finding(Severity.Info, Rule, $"Goes forward again to {string.Join(", ", original.Components.Select(c => c.To.Version).Distinct(StringComparer.Ordinal))}, by the stages of the first plan{(gates == 0 ? "" : gates == 1 ? "; its gate is asked again" : $"; its {gates} gates are asked again")}.")],
        };
        return Previewer.Complete(plan with { Hash = hash(plan) }, live, now);
    }

    /// <summary>What it would do now, in a sentence.</summary>
    public static RollbackOutlook Outlook(Plan rollback, TopologySnapshot? live)
    {
        ArgumentNullException.ThrowIfNull(rollback);
        if (live is null)
            return new RollbackOutlook(false, "The cluster is not to be seen; what going forward again means cannot be worked out now.", 0, 0, [], null);
        int members = 0, shards = 0;
        foreach (var c in rollback.Components)
        {
            var planned = c.Shards.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var shard in live.Components.FirstOrDefault(x => x.Name == c.Name)?.Shards.Where(s => planned.Contains(s.Name)) ?? [])
            {
                var again = shard.Instances.Count(m => m.Uid.Length > 0 && !ShardContext.RunsVersion(m, c.From));
                members += again;
                shards += again > 0 ? 1 : 0;
            }
        }
        return new RollbackOutlook(true, members == 0 ? "Every member runs the newer version still." : $"Going forward again: {members} {(members == 1 ? "member" : "members")} in {shards} {(shards == 1 ? "shard" : "shards")}, by the first plan's stages and gates.", members, shards, [], null);
    }
}
