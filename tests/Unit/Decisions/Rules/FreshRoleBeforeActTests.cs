using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class FreshRoleBeforeActTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(5, true)]
    [InlineData(5.001, false)]
    [InlineData(3600, false)]
    public void Check_AgeOfTheAnswer_LimitIsFiveSeconds(double secondsAgo, bool allows) =>
        Assert.Equal(allows, FreshRoleBeforeAct.Check(new ShardBench().With(1, m => m.Asked(secondsAgo)).Context).Allows);

    [Fact]
    public void Check_AnswerFromTheFuture_IsAskedAgain()
    {
        // The clock was set back an hour: the answer is of a moment that has not come, and may be an hour old.
        var verdict = FreshRoleBeforeAct.Check(new ShardBench().With(1, m => m.Asked(-3600)).Context);

        Assert.Equal(["orders-a-1"], verdict.Probe);
    }

    [Fact]
    public void Check_Stale_AsksExactlyThoseWithTheProfilesLimit()
    {
        var bench = new ShardBench().With(0, m => m.Asked(6)).With(2, m => m.Asked(9));
        bench.Plan = bench.Plan with { Profile = Make.Redis with { Probe = Make.Redis.Probe! with { MaxAge = TimeSpan.FromSeconds(7) } } };

        var verdict = FreshRoleBeforeAct.Check(bench.Context);

        Assert.False(verdict.Stop);
        Assert.Equal(["orders-a-2"], verdict.Probe);
        Assert.Equal(TimeSpan.FromSeconds(7), verdict.ProbeMaxAge);
        Assert.Equal("Asking orders-a-2 for its role before anything in shard-a is touched.", verdict.Reason!.Text);
    }

    [Fact]
    public void Check_AnswerOfAnEarlierPod_IsWorthNothing() =>
        Assert.Equal(["orders-a-0"], FreshRoleBeforeAct.Check(new ShardBench().With(0, m => m with { Uid = "another" }).Context).Probe);

    [Fact]
    public void Check_MemberThatIsDown_IsNotAsked() => Assert.True(FreshRoleBeforeAct.Check(new ShardBench().With(0, m => m.Down().Asked(60)).Context).Allows);

    [Theory]
    [InlineData(10, true)]
    [InlineData(9.75, false)]
    public void Check_LabelOnly_MustStandStillForAProbePeriodAndFiveSeconds(double since, bool allows)
    {
        var verdict = FreshRoleBeforeAct.Check(new ShardBench().With(2, m => m.Labelled("primary", since)).Context);

        Assert.Equal(allows, verdict.Allows);
        Assert.Equal(allows ? null : Make.Noon.AddSeconds(10 - since), verdict.WakeAt);
        Assert.Empty(verdict.Probe);
    }

    [Fact]
    public void Check_LabelOnlyButRestartedSince_WaitsFromTheRestart() =>
        Assert.Equal(Make.Noon.AddSeconds(6), FreshRoleBeforeAct.Check(new ShardBench().With(2, m => m.Labelled("primary", 600) with { StartedAt = Make.Noon.AddSeconds(-4) }).Context).WakeAt);

    [Fact]
    public void Check_NoLabelAndNoProbe_Waits()
    {
        var verdict = FreshRoleBeforeAct.Check(new ShardBench().With(2, m => m.Labelled(null, 600)).Context);

        Assert.False(verdict.Allows);
        Assert.Contains("role label of orders-a-2", verdict.Reason!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_RoleLess_Allows() => Assert.True(FreshRoleBeforeAct.Check(new ShardBench(3, Make.Generic).Context).Allows);
}
