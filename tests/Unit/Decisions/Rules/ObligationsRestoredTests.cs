using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class ObligationsRestoredTests
{
    private static Verdict Check(ShardBench bench)
    {
        var s = bench.Context;
        return ObligationsRestored.Check(s.State, s.Component, new PlanIndex(s.State.Plan));
    }

    [Fact]
    public void Check_EverybodyReadyOnTheOneVersionTheTemplateAsksFor_Allows()
    {
        Assert.True(Check(new ShardBench { Template = "7.2.5" }.With(m => m.On("7.2.5"))).Allows);
        Assert.True(Check(new ShardBench()).Allows);
    }

    [Fact]
    public void Check_OneIsNotReady_StaysHeld() => Assert.Equal("orders-a-1 is not Ready, so redis stays held.", Check(new ShardBench().With(1, m => m.Down())).Reason!.Text);

    [Theory]
    [InlineData("7.2.4", "7.2.5")]
    [InlineData("7.2.5", "7.2.4")]
    [InlineData("7.2.9", "7.2.9")]
    public void Check_AMemberRunsOtherThanItsTemplate_StaysHeld(string template, string runs) =>
        Assert.Contains("would restart it", Check(new ShardBench { Template = template }.With(m => m.On(template)).With(0, m => m.On(runs))).Reason!.Text, StringComparison.Ordinal);

    [Fact]
    public void Check_RightImageButOlderRevision_StaysHeld() => Assert.False(Check(new ShardBench { Template = "7.2.5" }.With(m => m.On("7.2.5")).With(0, m => m with { Updated = false })).Allows);
}
