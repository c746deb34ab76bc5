using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 19. Where leadership goes over by stopping (Kafka's active controller, an elected master), whoever leads right now goes last, and only when an updated member is there to be elected: else
/// a second election would follow. Who that is is asked afresh before every act.
/// </summary>
public static class ControllerLast
{
    public const string Name = "ControllerLast";

    /// <summary>What it saw when the leader went at last.</summary>
    public static IEnumerable<Evidence> Seen(ShardContext s, Instance leader) =>
        s.Profile.HandsOverByStopping && s.Members.Length > 1 ? [s.RoleEvidence(leader) with { Rule = Name }] : [];

    public static Verdict Check(ShardContext s, Instance candidate)
    {
        if (!s.Profile.HandsOverByStopping || s.Members.Length == 1 || !s.Leads(candidate))
            return Verdict.Allow;
        var others = s.Members.Where(m => m.Name != candidate.Name).ToList();
        var outdated = others.Where(s.Outdated).Select(m => m.Name).ToList();
        if (outdated.Count > 0)
            return Verdict.Wait(new Reason($"{candidate.Name} leads {s.Name} now, so it goes last; {string.Join(", ", outdated)} {(outdated.Count == 1 ? "comes" : "come")} before it.", Name)
            {
                Evidence = [s.RoleEvidence(candidate)], Next = "Goes on by itself.",
            });
        if (others.Exists(m => m.Ready && s.Profile.Role(s.RoleOf(m).Role) is { Electable: true }))
            return Verdict.Allow;
        return Verdict.Wait(new Reason($"{candidate.Name} leads {s.Name}, and no other member is Ready to be elected when it stops.", Name)
        {
            Evidence = [.. others.Select(s.ReadyEvidence)], Next = "Goes on by itself when one is.",
        });
    }
}
