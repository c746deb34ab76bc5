using Rollcall.Engine.Decisions;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>What becomes of an action whose intent is in the journal.</summary>
public sealed class ActionSettlingTests
{
    private static readonly ActionAct Act = new("redis.all.hook.save", "redis", "shard-a", "orders-a-2", new ActionSpec { Exec = new ExecAction { Command = ["redis-cli", "BGSAVE"] }, Retries = 1 });

    private long _seq = 1;
    private DateTimeOffset _now = Make.Noon;

    private Ledger Begin(string onFailure) => Ledger.Empty.Apply(1, _now, new RunStarted("p1", "h1")).Apply(++_seq, _now, Try(1, onFailure));

    private static StepStarted Try(int attempt, string onFailure) => new(Act.Step, StepKind.Hook, "redis", "all", "shard-a", "orders-a-2", attempt, Act with { OnFailure = onFailure }) { Title = "Save" };

    private Ledger Answer(Ledger ledger, int attempt, ActStatus status, int? exit = null) =>
        ledger.Apply(++_seq, _now, new ActReturned(Act.Step, attempt, status, new Reason("It said so.")) { Output = new ActionOutput(exit, "words", false) });

    private Decision Decide(Ledger ledger, bool held = true)
    {
        var topology = Make.Cluster(1);
        if (held)
            topology = topology with { Components = [topology.Components[0] with { Workloads = [.. topology.Components[0].Workloads.Select(w => w with { Strategy = "OnDelete", Held = new Custody("me", "r1", null) })] }] };
        return new Decider().Decide(new DecisionState { RunId = "r1", Plan = Make.Plan(topology), Topology = topology, Ledger = ledger, Now = _now });
    }

    [Fact]
    public void Action_WithoutAnAnswer_RunsAndIsNotOfferedAgain()
    {
        var ledger = Begin("pause");
        _now += TimeSpan.FromHours(1);

        var decision = Decide(ledger);

        Assert.Contains(decision.Waits, w => w.Step == Act.Step && w.Reason.Text == "Save: running.");
        Assert.DoesNotContain(decision.Acts, a => a.Act.Step == Act.Step);
    }

    [Fact]
    public void Action_ThatWorked_IsDoneWithItsExitCodeAsEvidence()
    {
        var end = Assert.IsType<StepFinished>(Assert.Single(Decide(Answer(Begin("pause"), 1, ActStatus.Accepted, 0)).Record));

        Assert.Equal((StepState.Succeeded, "exit code", "0"), (end.State, end.Evidence[0].What, end.Evidence[0].Value));
    }

    [Theory]
    [InlineData(ActStatus.Failed)]
    [InlineData(ActStatus.Unknown)]
    public void Action_ThatFailed_IsTriedAsOftenAsItSaysThenAPersonLooks(ActStatus status)
    {
        var ledger = Answer(Begin("pause"), 1, status, 1);
        Assert.Equal("Tried again by itself: attempt 2 of 2.", Decide(ledger).Waits[0].Reason.Next);
        Assert.Equal(Make.Noon + TimeSpan.FromSeconds(1), Decide(ledger).WakeAt);

        _now += TimeSpan.FromSeconds(5);
        ledger = Answer(ledger.Apply(++_seq, _now, Try(2, "pause")), 2, status, 1);
        var pause = Assert.IsType<RunPaused>(Assert.Single(Decide(ledger).Record));

        Assert.Equal(ActionSettling.Rule, pause.Reason.Rule);
        Assert.Contains("2 times", pause.Reason.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void Action_Refused_IsNotTriedAgainByItself() =>
        Assert.IsType<RunPaused>(Assert.Single(Decide(Answer(Begin("pause"), 1, ActStatus.Refused)).Record));

    [Fact]
    public void Action_WhoseFailureDoesNotMatter_FailsAndTheRunGoesOn()
    {
        var ledger = Answer(Begin("continue"), 1, ActStatus.Refused);
        var end = Assert.IsType<StepFinished>(Assert.Single(Decide(ledger).Record));
        Assert.Equal(StepState.Failed, end.State);

        ledger = ledger.Apply(++_seq, _now, end);
        Assert.True(ActionSettling.Passed(ledger.Step(Act.Step)));
        Assert.NotEmpty(Decide(ledger, held: false).Acts);
    }

    [Fact]
    public void Action_WhoseFailureRollsBack_AsksForTheRollbackAndStops()
    {
        var decision = Decide(Answer(Begin("rollback"), 1, ActStatus.Refused));

        Assert.IsType<RunPaused>(Assert.Single(decision.Record));
        Assert.Equal("It said so.", decision.RollbackDue!.Text);
    }

    [Fact]
    public void Action_AfterAPersonPressedRetry_MayRunAgain()
    {
        var ledger = Answer(Begin("pause"), 1, ActStatus.Refused);
        ledger = ledger.Apply(++_seq, _now, Decide(ledger).Record[0]);
        _now += TimeSpan.FromMinutes(1);
        ledger = ledger.Apply(++_seq, _now, new RunResumed(true, "") { Actor = "ann" });

        Assert.DoesNotContain(Decide(ledger).Record, r => r is RunPaused);
    }
}
