using System.Collections.Immutable;
using Rollcall.Engine.Decisions;

namespace Rollcall.Engine.Execution;

/// <summary>What rules refuse goes into the journal with its evidence, as what they allow does. Once for each step, rule and attempt: a rule that is asked four times a second says no once.</summary>
internal static class Refusals
{
    public static ImmutableArray<RunEvent> Unwritten(Decision decision, Ledger ledger)
    {
        if (ledger.Terminal)
            return [];
        ImmutableArray<RunEvent>.Builder? events = null;
        foreach (var wait in decision.Waits)
        {
            // A question that is on its way, or a turn that has not come, refuses nothing: there is nothing to show for it.
            if (wait.Reason.Rule.Length == 0 || wait.Reason.Evidence.Count == 0)
                continue;
            if (ledger.Refusals.TryGetValue(wait.Step, out var said) && said.Contains(wait.Reason.Rule))
                continue;
            if (events?.Any(e => e is RuleRefused r && r.Step == wait.Step && r.Reason.Rule == wait.Reason.Rule) == true)
                continue;
            (events ??= ImmutableArray.CreateBuilder<RunEvent>()).Add(new RuleRefused(wait.Step, wait.Reason));
        }
        return events?.ToImmutable() ?? [];
    }
}
