using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 3. The new leader is Ready, may be elected, runs the target version, is linked and within the lag limit. Nobody is promoted by force (rule NoForcedHandover).</summary>
public static class HandoverTargetEligible
{
    public const string Name = "HandoverTargetEligible";

    /// <summary>The best candidate, or why there is none: the one that led before the change where the plan restores leaders, then least lag, then lowest ordinal.</summary>
    public static (Instance? Target, Verdict Verdict) Choose(ShardContext s, Instance leader)
    {
        var preferred = s.State.Plan.PreferredLeaders.GetValueOrDefault(s.Key);
        Verdict? first = null;
        foreach (var m in s.Members.Where(m => m.Name != leader.Name).OrderByDescending(m => m.Name == preferred).ThenBy(m => m.LagBytes ?? 0).ThenBy(m => m.LagSeconds ?? 0).ThenBy(m => m.Ordinal).ThenBy(m => m.Name, StringComparer.Ordinal))
        {
            if (!m.Ready || !s.OnTarget(m) || s.Profile.Role(s.RoleOf(m).Role) is not { Electable: true })
                continue;
            var inSync = ReplicationCaughtUp.Check(s, m, s.Profile.Probe?.MaxAge ?? TimeSpan.MaxValue);
            if (inSync.Allows)
                inSync = SameAsLeader(s, leader, m);
            if (inSync.Allows)
                return (m, Verdict.Allow);
            first ??= inSync;
        }
        return (null, first ?? Verdict.Wait(new Reason($"No member of {s.Name} can take over from {leader.Name} yet: it must be Ready, run {s.Component.To} and be electable.", Name)
        {
            Evidence = [.. s.Members.Select(s.ReadyEvidence)], Next = "Goes on by itself when one can.",
        }));
    }

    /// <summary>A member on another timeline (or of another epoch) than its leader would lead a history of its own.</summary>
    private static Verdict SameAsLeader(ShardContext s, Instance leader, Instance m)
    {
        foreach (var key in s.Profile.Probe?.SameAsLeader ?? [])
        {
            if (ShardContext.Answer(leader)?.Values.GetValueOrDefault(key) is not { } leads || ShardContext.Answer(m) is not { } answer || answer.Values.GetValueOrDefault(key) == leads)
                continue;
            return Verdict.Ask(new Reason($"{m.Name} cannot take over: its {key} is {answer.Values.GetValueOrDefault(key, "missing")}, that of {leader.Name} is {leads}.", Name)
            {
                Evidence = [new Evidence($"{key} of {m.Name}", answer.Values.GetValueOrDefault(key, "missing"), answer.Source, answer.At)], Next = "Asked again by itself.",
            }, [m.Name, leader.Name], Verdict.Soon);
        }
        return Verdict.Allow;
    }
}
