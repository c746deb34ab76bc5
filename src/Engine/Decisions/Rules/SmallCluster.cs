using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// The planner's side of ShardLeaderMajority: with one or two shards no majority of leaders can stay while one moves, so a failover that nobody planned would not be authorised meanwhile.
/// </summary>
public static class SmallCluster
{
    public const string Name = "ShardLeaderMajority";

    public static Finding? Check(PlannedComponent component, EngineProfile profile, PlanSpec spec)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(spec);
        if (!profile.LeaderMajority || component.Shards.Length > 2)
            return null;
        var what = $"{component.Name} has {component.Shards.Length} {(component.Shards.Length == 1 ? "shard" : "shards")}; while a leader moves no majority of leaders is left, and an unplanned failover would wait. Leaders move one at a time.";
        return spec.Acknowledge.Contains(Acknowledgements.SmallCluster)
            ? new Finding(Severity.Warning, Name, $"{what} The plan acknowledges that.", "/spec/acknowledge")
            : new Finding(Severity.Error, Name, $"{what} Write 'acknowledge: [{Acknowledgements.SmallCluster}]' to take that on.", "/spec/acknowledge");
    }
}
