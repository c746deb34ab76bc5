using System.Text.RegularExpressions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 4. Nobody is promoted by force: a forced failover takes a member that may lack acknowledged writes. A profile of a user's own may contain one; then the plan's author must take that on by name.
/// (<c>patronictl switchover --force</c> forces nothing: it only leaves out the question "are you sure".)
/// </summary>
public static partial class NoForcedHandover
{
    public const string Name = "NoForcedHandover";

    /// <summary>The planner's side.</summary>
    public static Finding? Check(EngineProfile profile, PlanSpec spec)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(spec);
        if (Forced(profile.Switchover) is not { } word)
            return null;
        var what = $"The switchover of the profile {profile.Name} says “{word}”: it promotes a member although acknowledged writes may be missing there.";
        return spec.Acknowledge.Contains(Acknowledgements.ForcedHandover)
            ? new Finding(Severity.Warning, Name, $"{what} The plan acknowledges that.", "/spec/acknowledge")
            : new Finding(Severity.Error, Name, $"{what} Use the gentle command, or write 'acknowledge: [{Acknowledgements.ForcedHandover}]' to take that on.", "/spec/acknowledge");
    }

    /// <summary>The executor's side, right before a switchover: the run keeps its own profile and specification, so both are asked once more.</summary>
    public static Verdict Check(ShardContext s)
    {
        ArgumentNullException.ThrowIfNull(s);
        if (Forced(s.Profile.Switchover) is not { } word || s.State.Plan.Spec.Acknowledge.Contains(Acknowledgements.ForcedHandover))
            return Verdict.Allow;
        return Verdict.Pause(new Reason($"{s.Name} is not switched over: the profile's command says “{word}”, and nobody acknowledged a forced hand-over.", Name)
        {
            Evidence = [Seen(s)], Next = "Abort, mend the profile, and make a new plan.",
        });
    }

    public static Evidence Seen(ShardContext s)
    {
        ArgumentNullException.ThrowIfNull(s);
        return new Evidence("forced hand-over", Forced(s.Profile.Switchover) is { } word ? $"{word}, acknowledged" : "none", "profile", s.Now) { Rule = Name };
    }

    /// <summary>The word in the command that forces; null for a gentle one.</summary>
    public static string? Forced(SwitchoverSpec? switchover)
    {
        foreach (var part in switchover?.Command ?? [])
            if (Force().Match(part) is { Success: true } found)
                return found.Value;
        var whole = string.Join(' ', switchover?.Command ?? []);
        return Force().Match(whole) is { Success: true } across ? across.Value : null;
    }

    // Redis: CLUSTER FAILOVER FORCE|TAKEOVER, FAILOVER ... FORCE, REPLICAOF NO ONE. MongoDB: stepDown({force: true}), replSetReconfig force. Patroni: failover instead of switchover.
    // PostgreSQL: promote. Vitess: EmergencyReparentShard. MySQL: force_primary_member.
    [GeneratedRegex(@"CLUSTER\s+FAILOVER\s+(FORCE|TAKEOVER)|\bFAILOVER\b.{0,80}\bFORCE\b|\b(REPLICAOF|SLAVEOF)\s+NO\s+ONE\b|\bforce[""']?\s*[:=]\s*(true|1)\b|\bpatronictl\b.{0,80}\sfailover\b|\bpg_ctl\b.{0,80}\bpromote\b|\bpg_promote\s*\(|\bEmergencyReparentShard\b|\bforce_primary_member\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Force();
}
