using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 43. An optional last phase: those lead again who led before. At most one more switchover per shard, one shard at a time, only while every member of the shard is Ready and in sync; a shard where that
/// cannot be is left as it is and said. Off on an update (plan <c>safety.restoreLeaders</c>), on a rollback where the plan says <c>rollback.restoreLeaders</c>.
/// </summary>
public static class RestoreOriginalLeaders
{
    public const string Name = "RestoreOriginalLeaders";
    public const string Stage = "restore leaders";

    /// <summary>"component/shard" → who shall lead in the end.</summary>
    public static ImmutableDictionary<string, string> Wanted(Plan plan, Ledger ledger)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(ledger);
        return plan.Direction == Direction.Rollback ? plan.PreferredLeaders : plan.Spec.Safety.RestoreLeaders ? ledger.LeadersBefore : ImmutableDictionary<string, string>.Empty;
    }

    /// <summary>May <paramref name="preferred"/> take over now? Null where there is nothing to do.</summary>
    public static Verdict? Check(ShardContext s, string preferred)
    {
        ArgumentNullException.ThrowIfNull(s);
        if (!s.Profile.HasLeader || s.Members.Length < 2 || s.Find(preferred) is not { } m || (s.Leader is { } leads && leads.Name == preferred && s.Leaders.Count() == 1))
            return null;
        if (s.Members.FirstOrDefault(x => !x.Ready) is { } down)
            return Verdict.Wait(new Reason($"{s.Name} goes back to {preferred} only while all its members are Ready; {down.Name} is not.", Name) { Evidence = [s.ReadyEvidence(down)], Next = "Goes on by itself; left as it is if that takes too long." });
        if (s.Members.FirstOrDefault(s.Outdated) is { } outdated)
            return Verdict.Wait(new Reason($"{outdated.Name} runs {outdated.Version}; {s.Name} goes back to {preferred} when all run {s.Component.To}.", Name));
        foreach (var verdict in (ReadOnlySpan<Verdict>)[UnknownIsUnsafe.Check(s, s.Ledger.LastProgressAt), PeerViewConverged.Check(s), FreshRoleBeforeAct.Check(s)])
            if (!verdict.Allows)
                return verdict;
        if (s.Profile.Role(s.RoleOf(m).Role) is not { Electable: true })
            return Verdict.Wait(new Reason($"{preferred} is {s.RoleWord(m)} now and cannot lead {s.Name} again.", Name) { Evidence = [s.RoleEvidence(m)] });
        return ReplicationCaughtUp.Check(s, m, s.Profile.Probe?.MaxAge ?? TimeSpan.MaxValue);
    }
}
