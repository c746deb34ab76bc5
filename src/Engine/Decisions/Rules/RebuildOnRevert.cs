using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 46. On the way back a member that has run the new version may have files that the old one cannot read. Then its files must be discarded, and it copies them anew from a healthy member on the old version.
/// Rollcall deletes no volume: it stops at each such member, says which claims to delete, and goes on when a person has done so and pressed Retry. Members without a claim lose their files with the Pod, and
/// members that never came up on the new version wrote nothing.
/// </summary>
public static class RebuildOnRevert
{
    public const string Name = "RebuildOnRevert";

    public static Verdict Check(ShardContext s, Instance m)
    {
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(m);
        if (!s.Backwards || !Needed(m, s.Component, s.Profile))
            return Verdict.Allow;
        if (s.Ledger.RetriedSeq > (s.Ledger.LastReplaced?.Seq ?? 0))
            return Verdict.Allow; // a person says that this one's files are gone; the next is asked for anew
        if (s.Leader is not { } leader || !s.OnTarget(leader))
            return Verdict.Pause(new Reason($"{m.Name} has files of {s.Component.From} that {s.Component.To} cannot read, and no member on {s.Component.To} leads {s.Name} to copy from.", Name)
            {
                Evidence = [.. s.Members.Where(x => x.Ready).Select(s.RoleEvidence)], Next = s.Profile.Rollback.Alternative,
            });
        var claims = m.Claims.Replace(", ", " ", StringComparison.Ordinal);
        return Verdict.Pause(new Reason($"{m.Name} has files of {s.Component.From} that {s.Component.To} cannot read; they must be discarded, so that it copies them anew from {leader.Name}.", Name)
        {
            Evidence = [new Evidence($"claims of {m.Name}", m.Claims, "API server", s.State.Topology!.ObservedAt), s.RoleEvidence(leader)],
            Next = $"Run: kubectl -n {s.State.Plan.Cluster.Namespace} delete pvc {claims} --wait=false (they go with the Pod), then press Retry. Or roll forward.",
        });
    }

    /// <summary>Its files were written by the newer version, lie on a volume of its own, and the older version does not read them.</summary>
    /// <param name="back">The component as the rollback sees it: from the newer version to the older.</param>
    public static bool Needed(Instance m, PlannedComponent back, Profiles.EngineProfile profile)
    {
        ArgumentNullException.ThrowIfNull(m);
        ArgumentNullException.ThrowIfNull(back);
        ArgumentNullException.ThrowIfNull(profile);
        return m.Ready && m.Claims.Length > 0 && !back.From.Equals(back.To) && ShardContext.RunsVersion(m, back.From) && !Profiles.VersionRules.Readable(profile.Versions, back.From.Version, back.To.Version);
    }

    /// <summary>Said in the rollback's plan before anything is done.</summary>
    public static Finding? Check(PlannedComponent back, Component live, Profiles.EngineProfile profile)
    {
        ArgumentNullException.ThrowIfNull(back);
        ArgumentNullException.ThrowIfNull(live);
        var members = live.Shards.SelectMany(s => s.Instances).Where(m => Needed(m, back, profile)).Select(m => m.Name).ToList();
        return members.Count == 0 ? null : new Finding(Severity.Warning, Name,
            $"{back.Name}: {RuleText.Names(members, "member", "members")} {(members.Count == 1 ? "has" : "have")} files of {back.From} that {back.To} cannot read. The rollback stops at {(members.Count == 1 ? "it" : "each of them")} until you have deleted its claims; it then copies its data from the leader.");
    }
}
