using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 31. A healthy member leaves only when its PodDisruptionBudget allows it; a dead one is deleted, since a budget would keep it for ever.</summary>
public static class PdbRespected
{
    public const string Name = "PdbRespected";

    public static Verdict Check(ShardContext s, Instance candidate)
    {
        if (s.Shard.Budget is not { DisruptionsAllowed: <= 0 } budget || !candidate.Ready)
            return Verdict.Allow;
        return Verdict.Wait(new Reason($"The PodDisruptionBudget {budget.Name} allows no disruption now, so {candidate.Name} stays.", Name)
        {
            Evidence = [new Evidence($"{budget.Name} disruptionsAllowed", "0", "API server", s.State.Topology!.ObservedAt)], Next = "Goes on by itself when the budget allows one.",
        });
    }
}
