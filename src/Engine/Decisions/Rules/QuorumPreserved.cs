using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 6. Voting members that stay must be a majority of all voters; a member that does not vote costs nothing.</summary>
public static class QuorumPreserved
{
    public const string Name = "QuorumPreserved";

    public static Verdict Check(ShardContext s, Instance candidate)
    {
        if (!s.Profile.Quorum || s.Members.Length < 3)
            return Verdict.Allow; // one or two voters: no majority can be kept; rule SingletonAcknowledged has asked
        if (ShardContext.Unavailable(candidate) || !s.Votes(candidate))
            return Verdict.Allow;
        var voters = s.Members.Count(m => !m.Ready || s.Votes(m));
        var need = (voters / 2) + 1;
        var stay = s.Members.Count(m => m.Name != candidate.Name && !ShardContext.Unavailable(m) && s.Votes(m));
        return stay >= need ? Verdict.Allow : Verdict.Wait(new Reason($"{s.Name} needs {need} of {voters} voting members; without {candidate.Name} only {stay} would be left.", Name)
        {
            Evidence = [.. s.Members.Select(s.ReadyEvidence)], Next = "Goes on by itself when enough voters are Ready.",
        });
    }
}
