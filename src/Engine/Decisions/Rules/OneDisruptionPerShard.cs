using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 7. Planned and unplanned unavailable members of a shard together stay within M (default 1).</summary>
public static class OneDisruptionPerShard
{
    public const string Name = "OneDisruptionPerShard";

    public static Verdict Check(ShardContext s, Instance candidate)
    {
        var down = s.Members.Where(m => m.Name != candidate.Name && ShardContext.Unavailable(m)).ToList();
        if (down.Count < s.Profile.MembersAtOnce)
            return Verdict.Allow;
        return Verdict.Wait(new Reason($"{string.Join(", ", down.Select(d => d.Name))} in {s.Name} {(down.Count == 1 ? "is" : "are")} not Ready; {candidate.Name} is not touched beside {(down.Count == 1 ? "it" : "them")}.", Name)
        {
            Evidence = [.. down.Select(s.ReadyEvidence)], Next = "Goes on by itself when all members are Ready.",
        });
    }
}
