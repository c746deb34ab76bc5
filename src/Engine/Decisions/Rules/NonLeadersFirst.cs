using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 1. As long as a member of the shard that does not lead is outdated, the leader is not touched. Among followers: by the order of their roles, those that do not vote, then the most lagging, then the highest ordinal.</summary>
public static class NonLeadersFirst
{
    public const string Name = "NonLeadersFirst";

    public static Instance? NextFollower(ShardContext s)
    {
        var outdated = s.Members.Where(m => s.Outdated(m) && !s.Leads(m));
        if (s.Backwards)
            return outdated.OrderByDescending(m => s.State.Plan.TouchedOrder.GetValueOrDefault(m.Name)).ThenByDescending(m => m.Ordinal).ThenBy(m => m.Name, StringComparer.Ordinal).FirstOrDefault();
        return outdated.OrderBy(m => s.Profile.Role(s.RoleOf(m).Role)?.Order ?? int.MinValue).ThenBy(m => s.Profile.HasLeader && s.Votes(m)).ThenByDescending(m => m.LagBytes ?? 0).ThenByDescending(m => m.LagSeconds ?? 0).ThenByDescending(m => m.Ordinal).ThenBy(m => m.Name, StringComparer.Ordinal).FirstOrDefault();
    }
}
