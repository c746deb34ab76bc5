using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 11. Where several members may be away at once, a further one goes only by an answer that already counts the others as gone: then what they share shows in its headroom (rule DataCopyHeadroom).
/// Beside a member that went by itself, at a time nobody knows, none goes.
/// </summary>
public static class NoSharedCopiesInBatch
{
    public const string Name = "NoSharedCopiesInBatch";

    public static Verdict Check(ShardContext s, Instance candidate)
    {
        if (s.Profile.Probe?.Copies is null || s.Profile.MembersAtOnce < 2)
            return Verdict.Allow;
        foreach (var gone in s.Members)
        {
            if (gone.Name == candidate.Name || !ShardContext.Unavailable(gone))
                continue;
            if (s.Ledger.Step(StepIds.Replace(s.Component.Name, s.Baseline.Name, gone.Name)) is not { Open: true } step)
                return Verdict.Wait(new Reason($"{gone.Name} is away without Rollcall's doing, and nobody knows which copies {candidate.Name} shares with it.", Name)
                {
                    Evidence = [s.ReadyEvidence(gone)], Next = "Goes on by itself when it is back.",
                });
            if (ShardContext.Answer(candidate) is not { } answer || answer.At <= step.Last.StartedAt)
                return Verdict.Ask(new Reason($"Asking {candidate.Name} which copies would be too few without it, now that {gone.Name} is away.", Name) { Next = "Goes on with the answer." }, [candidate.Name], Verdict.Soon);
        }
        return Verdict.Allow;
    }
}
