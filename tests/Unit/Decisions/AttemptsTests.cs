using Rollcall.Engine.Decisions;
using Rollcall.Shared;
using Rollcall.Unit.Decisions.Rules;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>What an act without a visible effect means: by answer, by time, by how often, and by what a person said since.</summary>
public sealed class AttemptsTests
{
    private static readonly HoldAct Act = new("redis.hold", "redis", ["orders-a"]);

    private static StepStarted Try(int attempt) => new(Act.Step, StepKind.Hold, "redis", "hold", null, null, attempt, Act);
    private static ActReturned Said(int attempt, ActStatus status) => new(Act.Step, attempt, status, new Reason("It said so."));

    /// <summary>The events happened at noon, a second apart; it is judged so many seconds after the last.</summary>
    private static (bool Retry, Verdict Verdict) Judge(double later, params RunEvent[] events)
    {
        var bench = new ShardBench { Now = Make.Noon.AddSeconds(events.Length - 1 + later) };
        bench.Ledger = Ledger.Fold(events.Select((e, i) => ((long)i + 1, Make.Noon.AddSeconds(i), e)));
        var state = bench.Context.State;
        var outcome = Attempts.Judge(state, bench.Ledger.Steps[Act.Step], "Hold of redis");
        return (outcome.Retry, outcome.Verdict);
    }

    [Theory]
    [InlineData(1, 0.9, false)]
    [InlineData(1, 1, true)]
    [InlineData(2, 1.9, false)]
    [InlineData(2, 2, true)]
    [InlineData(5, 15.9, false)]
    [InlineData(5, 16, true)]
    [InlineData(6, 29.9, false)]
    [InlineData(6, 30, true)]
    [InlineData(40, 30, true)]
    public void Judge_NotNow_TriesAgainWithGrowingPausesForEver(int attempts, double later, bool retry)
    {
        var events = Enumerable.Range(1, attempts).SelectMany(i => new RunEvent[] { Try(i), Said(i, ActStatus.NotNow) }).ToArray();

        var (again, verdict) = Judge(later, events);

        Assert.Equal(retry, again);
        Assert.Equal(retry, verdict.Allows);
        Assert.False(verdict.Stop);
    }

    [Fact]
    public void Judge_Refused_StopsUntilAPersonRetries()
    {
        Assert.True(Judge(3600, Try(1), Said(1, ActStatus.Refused)).Verdict.Stop);
        Assert.True(Judge(0, Try(1), Said(1, ActStatus.Refused), new RunPaused(new Reason("x")), new RunResumed(true, "")).Retry);
        Assert.True(Judge(0, Try(1), Said(1, ActStatus.Refused), new RunPaused(new Reason("x")), new RunResumed(false, "")).Verdict.Stop);
    }

    [Fact]
    public void Judge_Failed_ThreeTimesThenAPerson()
    {
        Assert.False(Judge(0.5, Try(1), Said(1, ActStatus.Failed)).Verdict.Stop);
        Assert.True(Judge(1, Try(1), Said(1, ActStatus.Failed)).Retry);
        Assert.True(Judge(2, Try(1), Said(1, ActStatus.Failed), Try(2), Said(2, ActStatus.Failed)).Retry);
        var third = Judge(0, Try(1), Said(1, ActStatus.Failed), Try(2), Said(2, ActStatus.Failed), Try(3), Said(3, ActStatus.Failed));
        Assert.True(third.Verdict.Stop);
        Assert.Equal("It was tried 3 times. Mend the cause, then press Retry.", third.Verdict.Reason!.Next);
    }

    [Fact]
    public void Judge_FailedAfterARetry_CountsAnew()
    {
        RunEvent[] before = [Try(1), Said(1, ActStatus.Failed), Try(2), Said(2, ActStatus.Failed), Try(3), Said(3, ActStatus.Failed), new RunPaused(new Reason("x")), new RunResumed(true, "")];
        Assert.True(Judge(0, before).Retry);
        Assert.False(Judge(0, [.. before, Try(4), Said(4, ActStatus.Failed)]).Verdict.Stop);
        Assert.True(Judge(0, [.. before, Try(4), Said(4, ActStatus.Failed), Try(5), Said(5, ActStatus.Failed), Try(6), Said(6, ActStatus.Failed)]).Verdict.Stop);
    }

    [Theory]
    [InlineData(59.9, false)]
    [InlineData(60, true)]
    public void Judge_AcceptedWithoutEffect_IsTriedAgainAfterTheActionTimeout(double later, bool retry)
    {
        var (again, verdict) = Judge(later, Try(1), Said(1, ActStatus.Accepted));

        Assert.Equal(retry, again);
        if (!retry)
            Assert.Equal("Hold of redis: accepted, not yet to be seen.", verdict.Reason!.Text);
    }

    [Fact]
    public void Judge_AcceptedThreeTimesWithoutEffect_StopsForAPerson()
    {
        RunEvent[] events = [Try(1), Said(1, ActStatus.Accepted), Try(2), Said(2, ActStatus.Accepted), Try(3), Said(3, ActStatus.Accepted)];

        Assert.False(Judge(59, events).Verdict.Stop);
        Assert.True(Judge(60, events).Verdict.Stop);
        Assert.Contains("accepted 3 times without effect within 60 s", Judge(60, events).Verdict.Reason!.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64.9, false)]
    [InlineData(65, true)]
    public void Judge_NoAnswer_TheClusterIsAskedAfterActionTimeoutAndAProbePeriod(double later, bool retry)
    {
        Assert.Equal(retry, Judge(later, Try(1)).Retry);
        Assert.Equal(retry, Judge(later, Try(1), Said(1, ActStatus.Unknown)).Retry);
        if (!retry)
            Assert.Equal("Hold of redis: asked, no answer yet (It said so).", Judge(later, Try(1), Said(1, ActStatus.Unknown)).Verdict.Reason!.Text);
    }
}
