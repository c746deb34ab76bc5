using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class UpdatedUnhealthyHaltsTests
{
    private static Verdict Check(ShardBench bench, double replacedSecondsAgo)
    {
        var s = bench.Context;
        return UpdatedUnhealthyHalts.Check(s, s.Members[0], Make.Noon.AddSeconds(-replacedSecondsAgo));
    }

    [Fact]
    public void Check_Ready_Allows() => Assert.True(Check(new ShardBench(), 3600).Allows);

    [Theory]
    [InlineData(0, false)]
    [InlineData(299.75, false)]
    [InlineData(300, true)]
    public void Check_StartsSlowly_PausesAtItsDeadline(double seconds, bool stops)
    {
        var verdict = Check(new ShardBench().With(0, m => m.On("7.2.5").Down()), seconds);

        Assert.False(verdict.Allows);
        Assert.Equal(stops, verdict.Stop);
        if (!stops)
            Assert.Equal(Make.Noon.AddSeconds(300 - seconds), verdict.WakeAt);
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(59, false)]
    public void Check_PlanHasItsOwnDeadline_PlanWins(double seconds, bool stops)
    {
        var bench = new ShardBench().With(0, m => m.Down());
        bench.Plan = bench.Plan with { Spec = bench.Plan.Spec with { Safety = new SafetySpec { ReadyDeadline = TimeSpan.FromSeconds(60) } } };

        Assert.Equal(stops, Check(bench, seconds).Stop);
    }

    [Theory]
    [InlineData("ErrImagePull")]
    [InlineData("ImagePullBackOff")]
    [InlineData("ImageInspectError")]
    [InlineData("InvalidImageName")]
    [InlineData("ErrImageNeverPull")]
    [InlineData("CrashLoopBackOff")]
    [InlineData("RunContainerError")]
    [InlineData("CreateContainerError")]
    [InlineData("CreateContainerConfigError")]
    public void Check_CanNeverStart_HaltsAtOnce(string problem)
    {
        var verdict = Check(new ShardBench().With(0, m => m.On("7.2.5").Dead(problem) with { ProblemMessage = "manifest unknown." }), 1);

        Assert.True(verdict.Stop);
        Assert.Equal($"orders-a-0 cannot start on 7.2.5: {problem} (manifest unknown).", verdict.Reason!.Text);
        Assert.Contains("Roll back", verdict.Reason.Next, StringComparison.Ordinal);
        Assert.Contains(verdict.Reason.Evidence, e => e.Value == "redis:7.2.5");
    }

    [Theory]
    [InlineData("ContainerCreating")]
    [InlineData("PodInitializing")]
    [InlineData("CreateContainer")]
    [InlineData("Error")]
    [InlineData(null)]
    public void Check_MayStillStart_Waits(string? problem) => Assert.False(Check(new ShardBench().With(0, m => m.On("7.2.5").Down() with { Problem = problem }), 1).Stop);

    [Theory]
    [InlineData(14, false)]
    [InlineData(15, true)]
    public void Check_JustRetried_GivesTheKubeletFifteenSeconds(double secondsAgo, bool stops)
    {
        var bench = new ShardBench().With(0, m => m.On("7.2.5").Dead());
        bench.Ledger = Ledger.Empty.Apply(1, Make.Noon.AddSeconds(-secondsAgo), new RunResumed(true, "image is there now"));

        Assert.Equal(stops, Check(bench, 1).Stop);
    }
}
