using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class SingleHandoverTests
{
    private static readonly SwitchoverAct Act = new("redis.shard-a.switchover", "redis", "shard-a", "orders-a-2", "orders-a-0");
    private static readonly StepStarted Begun = new(Act.Step, StepKind.Switchover, "redis", "all", "shard-a", "orders-a-2", 1, Act);
    private static readonly StepFinished Done = new(Act.Step, 1, StepState.Succeeded, null);

    private static Verdict Check(params RunEvent[] events)
    {
        var s = new ShardBench().After(events).Context;
        return SingleHandover.Check(s, s.Members[2]);
    }

    [Fact]
    public void Check_NoneYet_Allows() => Assert.True(Check().Allows);

    [Fact]
    public void Check_OneUnderWayOrFailed_MayBeTriedAgain()
    {
        Assert.True(Check(Begun).Allows);
        Assert.True(Check(Begun, new ActReturned(Act.Step, 1, ActStatus.Failed, new Reason("no"))).Allows);
    }

    [Fact]
    public void Check_OneDoneAndAnOutdatedMemberLeadsAgain_Pauses()
    {
        var verdict = Check(Begun, Done);

        Assert.True(verdict.Stop && verdict.Diverged);
        Assert.Equal("shard-a was switched over once already, and orders-a-2, which runs 7.2.4, leads again. A second switchover was not planned.", verdict.Reason!.Text);
        Assert.Equal("primary", Assert.Single(verdict.Reason.Evidence).Value);
    }

    [Fact]
    public void Check_APersonRetriedSince_AllowsAnother() => Assert.True(Check(Begun, Done, new RunPaused(new Reason("x")), new RunResumed(true, "fine")).Allows);

    [Fact]
    public void Check_APersonRetriedBeforeIt_DoesNot() => Assert.True(Check(new RunResumed(true, "early"), Begun, Done).Stop);

    [Fact]
    public void Check_ResumedWithoutRetry_DoesNot() => Assert.True(Check(Begun, Done, new RunPaused(new Reason("x")), new RunResumed(false, "")).Stop);
}
