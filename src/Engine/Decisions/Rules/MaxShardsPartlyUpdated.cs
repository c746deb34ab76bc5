using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 8, its second half. Shards that run both versions at once, whether anything happens in them or not, stay within a limit of their own: profile <c>limits.partlyUpdatedShards</c>, plan
/// <c>safety.partlyUpdatedShards</c>. Without one, stages that take all followers before any leader leave every shard between the versions for a while, and that is what their author asked for.
/// </summary>
public static class MaxShardsPartlyUpdated
{
    public const string Name = MaxShardsInFlight.Name;

    public static int? Limit(Plan plan, string component)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Spec.Safety.PartlyUpdatedShards ?? plan.Profile.For(component).PartlyUpdatedShards;
    }

    /// <summary>May <paramref name="shard"/> be begun while <paramref name="partly"/> are between the versions?</summary>
    public static Reason? Check(string shard, IReadOnlyCollection<string> partly, int? limit) =>
        limit is not { } most || partly.Count < most || partly.Contains(shard) ? null
            : new Reason($"{shard} is not begun while {string.Join(", ", partly.Take(3))} {(partly.Count == 1 ? "runs" : "run")} both versions; {(most == 1 ? "one shard at a time may" : $"{most} shards at a time may")}.", Name) { Next = "Starts by itself when one of them is through." };

    /// <summary>The planner's side: a stage that leaves more shards between the versions than may be would wait for ever.</summary>
    public static Finding? Check(PlannedComponent component, Plan plan)
    {
        ArgumentNullException.ThrowIfNull(component);
        if (Limit(plan, component.Name) is not { } most)
            return null;
        var followers = component.Stages.FirstOrDefault(s => s.Roles == "followers" && s.Shards.Length > most);
        return followers is null ? null : new Finding(Severity.Error, Name,
            $"{component.Name}: stage {followers.Name} takes the followers of {followers.Shards.Length} shards and leaves their leaders for later, so {followers.Shards.Length} shards would run both versions; at most {most} may.", "/spec/safety/partlyUpdatedShards");
    }
}
