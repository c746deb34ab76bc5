using Rollcall.Shared;
using Rollcall.Web.Model;
using Xunit;

namespace Rollcall.Unit.Web;

public sealed class WordsTests
{
    [Theory]
    [InlineData(0.42, "0.4 s")]
    [InlineData(-3, "0.0 s")]
    [InlineData(21.9, "21 s")]
    [InlineData(185, "3 m 05 s")]
    [InlineData(8040, "2 h 14 m")]
    [InlineData(273600, "3 d 4 h")]
    public void Format_SaysDurationsAsPeopleDo(double seconds, string expected) => Assert.Equal(expected, Durations.Format(seconds));

    [Theory]
    [InlineData(0.12, null, "0.1 s")]
    [InlineData(14.4, null, "14 s")]
    [InlineData(null, 0L, "in sync")]
    [InlineData(null, 999L, "999 B")]
    [InlineData(null, 1_234_567L, "1.2 MiB")]
    [InlineData(null, null, null)]
    public void Lag_KeepsTheEnginesUnit(double? seconds, long? bytes, string? expected) =>
        Assert.Equal(expected, InstanceMeaning.Lag(Pictures.Member("a-0", 0) with { LagSeconds = seconds, LagBytes = bytes }));

    [Theory]
    [InlineData("Running", true, null, "ok")]
    [InlineData("Running", false, null, "moving")]
    [InlineData("Pending", false, null, "moving")]
    [InlineData("Pending", false, "ImagePullBackOff", "bad")]
    [InlineData("Terminating", true, null, "moving")]
    [InlineData("Missing", false, null, "bad")]
    [InlineData("Unknown", false, null, "wait")]
    public void Health_TellsBrokenFromMoving(string phase, bool ready, string? problem, string tone) =>
        Assert.Equal(tone, InstanceMeaning.Health(Pictures.Member("a-0", 0, ready: ready, phase: phase, problem: problem)).Tone);

    [Fact]
    public void StepAt_Switchover_ConcernsBothLeaders()
    {
        var run = Pictures.Run(RunState.Running, Pictures.Step("1", StepKind.Switchover, "a", StepState.Running, from: "a-0", to: "a-2"));

        Assert.NotNull(InstanceMeaning.StepAt(run, "redis", "a", "a-0"));
        Assert.NotNull(InstanceMeaning.StepAt(run, "redis", "a", "a-2"));
        Assert.Null(InstanceMeaning.StepAt(run, "redis", "a", "a-1"));
        Assert.Null(InstanceMeaning.StepAt(run, "redis", "b", "a-0"));
    }
}
