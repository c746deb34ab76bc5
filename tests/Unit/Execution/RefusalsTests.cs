using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Execution;

public sealed class RefusalsTests
{
    private static Wait Says(string step, string rule, bool seen = true) => new(step, new Reason($"{rule} says no.", rule) { Evidence = seen ? [new Evidence("lag", "9 MiB", "redis-cli", Make.Noon)] : [] });

    private static string[] Written(Ledger ledger, params Wait[] waits) =>
        [.. Refusals.Unwritten(new Decision { Waits = [.. waits] }, ledger).OfType<RuleRefused>().Select(r => $"{r.Step} {r.Reason.Rule}")];

    [Fact]
    public void Unwritten_ARefusalWithEvidence_IsWrittenOnce()
    {
        var ledger = Ledger.Empty;

        Assert.Equal(["a Lag"], Written(ledger, Says("a", "Lag"), Says("a", "Lag")));
        ledger = ledger.Apply(1, Make.Noon, new RuleRefused("a", Says("a", "Lag").Reason));
        Assert.Empty(Written(ledger, Says("a", "Lag")));
        Assert.Equal(["a Pdb", "b Lag"], Written(ledger, Says("a", "Pdb"), Says("b", "Lag")));
    }

    [Fact]
    public void Unwritten_QuestionsAndTurns_AreNoRefusals() => Assert.Empty(Written(Ledger.Empty, Says("a", "FreshRoleBeforeAct", seen: false), Says("a", "")));

    [Fact]
    public void Unwritten_NextAttempt_IsAskedAnew()
    {
        var ledger = Ledger.Empty
            .Apply(1, Make.Noon, new RuleRefused("a", Says("a", "Lag").Reason))
            .Apply(2, Make.Noon, new StepStarted("a", StepKind.Replace, "redis", "all", "s", "m", 1, null));

        Assert.Equal(["a Lag"], Written(ledger, Says("a", "Lag")));
    }

    [Fact]
    public void Unwritten_AfterTheEnd_Nothing() =>
        Assert.Empty(Written(Ledger.Empty.Apply(1, Make.Noon, new RunFinished(RunState.Aborted, new Reason("x"))), Says("a", "Lag")));
}
