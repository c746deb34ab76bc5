using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class UnhealthyOutdatedFirstTests
{
    private static string? Choose(ShardBench bench) => UnhealthyOutdatedFirst.Choose(bench.Context)?.Name;

    [Fact]
    public void Choose_AllWell_Nobody() => Assert.Null(Choose(new ShardBench()));

    [Fact]
    public void Choose_DeadAndOutdated_HighestOrdinal() => Assert.Equal("orders-a-1", Choose(new ShardBench().With(0, m => m.Dead()).With(1, m => m.Dead())));

    [Fact]
    public void Choose_RunningAndRecovering_IsLeftAlone() => Assert.Null(Choose(new ShardBench().With(0, m => m.Down())));

    [Fact]
    public void Choose_DeadOnTheTarget_IsNotOutdated() => Assert.Null(Choose(new ShardBench { Template = "7.2.5" }.With(0, m => m.On("7.2.5").Dead())));

    [Fact]
    public void Choose_DeadButLastKnownAsLeader_IsLeftAlone() => Assert.Null(Choose(new ShardBench().With(2, m => m.Dead())));

    [Theory]
    [InlineData("Terminating")]
    [InlineData("Missing")]
    public void Choose_OnItsWayOut_IsLeftAlone(string phase) => Assert.Null(Choose(new ShardBench().With(0, m => m.Dead() with { Phase = phase })));

    [Fact]
    public void Choose_NoPodAtAll_Nobody() => Assert.Null(Choose(new ShardBench().With(0, m => m.Dead() with { Uid = "" })));
}
