using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>What about the cluster as it is right now a person should know before starting.</summary>
internal static class PresentState
{
    public const string Missing = "ComponentMissing";

    public static IEnumerable<Finding> Findings(Plan plan, TopologySnapshot live)
    {
        foreach (var c in plan.Components)
        {
            var now = live.Components.FirstOrDefault(x => x.Name == c.Name);
            if (now is null)
            {
                yield return new Finding(Severity.Error, Missing, $"Component {c.Name} is not to be seen in {plan.Cluster}.");
                continue;
            }
            var profile = plan.Profile.For(c.Name);
            foreach (var shard in now.Shards)
                foreach (var f in OfShard(plan, profile, c, shard))
                    yield return f;
            if (profile.LeaderMajority && now.Shards.Length <= 2 && !plan.Spec.Acknowledge.Contains("smallCluster"))
                yield return new Finding(Severity.Warning, ShardLeaderMajority.Name, $"{c.Name} has {now.Shards.Length} {(now.Shards.Length == 1 ? "shard" : "shards")}: while one leader moves, no majority of leaders is left to agree on a failover. Acknowledge with “smallCluster”.", "/spec/acknowledge");
        }
        foreach (var op in live.Operations.Where(o => NoConcurrentOps.Foreign(o, null, plan.RollbackOf)))
            yield return new Finding(Severity.Warning, NoConcurrentOps.Name, $"{op.Type} {op.Name} is {op.Phase}; the run waits until it has ended.");
    }

    private static IEnumerable<Finding> OfShard(Plan plan, EngineProfile profile, PlannedComponent c, Shard shard)
    {
        var first = shard.Instances.Where(m => !m.Ready && m.Dead && !ShardContext.RunsVersion(m, c.To)).ToList();
        foreach (var dead in first)
            yield return new Finding(Severity.Info, plan.Direction == Direction.Rollback ? UnhealthyOutdatedFirst.Eject : UnhealthyOutdatedFirst.Name, $"{dead.Name} in {shard.Name} does not run ({dead.Problem ?? dead.Phase} on {dead.Version}) and goes first.");
        var down = shard.Instances.Where(m => !m.Ready && !first.Contains(m)).ToList();
        if (down.Count > 0)
            yield return new Finding(Severity.Warning, OneDisruptionPerShard.Name, $"{string.Join(", ", down.Select(d => d.Name))} in {shard.Name} {(down.Count == 1 ? "is" : "are")} not Ready now; the run waits there until {(down.Count == 1 ? "it is" : "they are")}.");
        else if (first.Count == 0 && shard.Budget is { DisruptionsAllowed: <= 0 } pdb)
            yield return new Finding(Severity.Warning, PdbRespected.Name, $"The PodDisruptionBudget {pdb.Name} allows no disruption although all members of {shard.Name} are Ready; the run would wait for ever.");
        if (profile.HasLeader && shard.Instances.Where(m => m.Ready).All(m => profile.Role(m.Role) is not { Leads: true }) && down.Count < shard.Instances.Length)
            yield return new Finding(Severity.Warning, UnknownIsUnsafe.Name, $"Nobody is known to lead {shard.Name} now; the preview assumes {shard.Instances[0].Name}. The run asks the members themselves.");
        var third = shard.Instances.FirstOrDefault(m => m.Uid.Length > 0 && !ShardContext.RunsVersion(m, c.To) && !ShardContext.RunsVersion(m, c.From));
        if (third is not null)
            yield return new Finding(Severity.Error, "VersionStep", $"{third.Name} runs {third.Version}, which is neither {c.From} nor {c.To}: at most two versions may live at once. Bring it to one of them first.");
    }
}
