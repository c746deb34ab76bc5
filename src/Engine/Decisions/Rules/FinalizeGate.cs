using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 23. The point of no return is passed only when every member runs the new version and is Ready, after its soak, when people have approved; from there on every shard is at L2.</summary>
public static class FinalizeGate
{
    public const string Name = "FinalizeGate";

    internal static Verdict Check(DecisionState state, PlanIndex index)
    {
        foreach (var c in state.Plan.Components)
            foreach (var s in index.Shards(state, c.Name))
                foreach (var m in s.Members)
                    if (!m.Ready || !s.OnTarget(m))
                        return Verdict.Wait(new Reason($"{m.Name} {(m.Ready ? $"runs {m.Version}, not {c.To}" : "is not Ready")}; nothing is finalised before every member is Ready on the new version.", Name)
                        {
                            Evidence = [s.ReadyEvidence(m)], Next = "Goes on by itself when all are.",
                        });
        return Verdict.Allow;
    }

    /// <summary>Behind the point of no return a backup is the only way back: where the plan asks for a fresh one, there is one of every component that is still fresh now, and not only when the run began.</summary>
    public static Verdict Backup(DecisionState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        // A predicted cluster takes no backups while it soaks; what there is now is said among the findings.
        if (state.Timeless)
            return Verdict.Allow;
        foreach (var c in state.Plan.Components)
            if (BackupFresh.Check(state, c.Name) is { Allows: false } stale)
                return Verdict.Wait(stale.Reason! with { Text = $"Nothing is finalised without a fresh backup. {stale.Reason!.Text}", Rule = Name });
        return Verdict.Allow;
    }

    /// <summary>The run may have passed the engine's point of no return: the level was asked to be raised, whatever the answer.</summary>
    public static bool Passed(Ledger ledger)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        return ledger.Step(Finaliser.RaiseStep) is not null || ledger.Levels.Values.Any(l => l == Reversibility.L2);
    }

    /// <summary>Shards that the ledger does not know to be at L2 yet.</summary>
    internal static ImmutableArray<(string Component, string Shard)> Unmarked(DecisionState state) =>
    [
        .. state.Plan.Components.SelectMany(c => c.Shards.Select(s => (c.Name, s.Name)))
            .Where(s => state.Ledger.Levels.GetValueOrDefault(Ledger.ShardKey(s.Item1, s.Item2)) != Reversibility.L2),
    ];

    /// <summary>The planner's side: what the engine has to finalise, and whether this plan does it.</summary>
    public static IEnumerable<Finding> Findings(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Profile.Finaliser is not { Explicit: true } finaliser)
        {
            if (plan.Spec.Finalise is not null)
                yield return new Finding(Severity.Error, Name, $"The profile {plan.Profile.Name} has nothing to finalise.", "/spec/finalise");
            yield break;
        }
        if (plan.Spec.Finalise is null)
            yield return new Finding(Severity.Info, Name, $"This plan does not finalise ({finaliser.Title}): until a plan with 'finalise' has done so, every member can go back.");
        else
            yield return new Finding(Severity.Warning, Name, $"{finaliser.Title}: the last step, gated. Behind it the old version does not read the files any more. {(finaliser.Lower.IsEmpty ? "There is no way back from there." : "A rollback would lower it first, where the engine still can.")}", "/spec/finalise");
    }
}
