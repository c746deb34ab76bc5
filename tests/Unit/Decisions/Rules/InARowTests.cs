using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

/// <summary>Several answers in a row (rule 12), answers given after the member came back (13), the same timeline as the leader (3), and progress that extends a deadline (39).</summary>
public sealed class InARowTests
{
    private static readonly EngineProfile Three = Make.Redis with { Lag = Make.Redis.Lag with { Consecutive = 3 } };

    private static LagTrack Track(params long?[] lags) => new([.. lags.Select((l, i) => new LagSample(Make.Noon.AddSeconds(i - lags.Length), l, null, l is not null))], null);

    private static TimeSpan Age => TimeSpan.FromSeconds(5);

    public static TheoryData<long?[], bool> Series => new()
    {
        { [0, 0, 0], true },
        { [9 << 20, 0, 0, 0], true },
        { [0, 0, 0, 9 << 20], false },
        { [0, 0], false },
        { [0, null, 0, 0], false },
        { [0, 9 << 20, 0, 0], false },
    };

    [Theory]
    [MemberData(nameof(Series))]
    public void CaughtUp_ThreeInARow_CountFromTheLastBackwards(long?[] lags, bool allows)
    {
        var bench = new ShardBench(3, Three).With(0, m => m with { LagTrack = Track(lags) });

        var verdict = ReplicationCaughtUp.Check(bench.Context, bench[0], Age);

        Assert.Equal(allows, verdict.Allows);
        if (!allows)
            Assert.Contains("orders-a-0", verdict.Probe);
    }

    [Fact]
    public void CaughtUp_NoSeriesYet_SaysHowManyAreMissing() =>
        Assert.Equal("orders-a-0 is in sync; 0 of 3 answers in a row have said so.", ReplicationCaughtUp.Check(new ShardBench(3, Three).Context, new ShardBench(3, Three)[0], Age).Reason!.Text);

    [Fact]
    public void CaughtUp_PlansLimit_IsTheOneTheSeriesIsHeldTo()
    {
        var bench = new ShardBench(3, Three).With(0, m => m with { LagTrack = Track(100, 100, 100) });
        Assert.True(ReplicationCaughtUp.Check(bench.Context, bench[0], Age).Allows);

        bench.Plan = bench.Plan with { Spec = bench.Plan.Spec with { Safety = new SafetySpec { LagMaxBytes = 99 } } };
        Assert.False(ReplicationCaughtUp.Check(bench.Context, bench[0], Age).Allows);
    }

    private static Instance Answer(int second, long? bytes, string uid = "u", string? error = null) => new()
    {
        Name = "m", Uid = uid, Version = "1", Updated = true, Ready = true, Phase = "Running", LagBytes = bytes, Probe = new Reading { At = Make.Noon.AddSeconds(second), Uid = uid, Source = "x", Linked = true, Error = error },
    };

    [Fact]
    public void Book_EachAnswerOnce_TheWorseMeaningOfOneAnswerCounts()
    {
        var book = new LagBook();

        book.Take(Answer(1, 5));
        Assert.Single(book.Take(Answer(1, 5))!.Samples);
        Assert.Equal(7, Assert.Single(book.Take(Answer(1, 7))!.Samples).Bytes);
        Assert.Equal(7, Assert.Single(book.Take(Answer(1, 3))!.Samples).Bytes);
        Assert.Equal([7, 2], book.Take(Answer(2, 2))!.Samples.Select(s => s.Bytes));
    }

    [Fact]
    public void Book_LessThanEverBefore_IsWhenItShrank()
    {
        var book = new LagBook();

        Assert.Null(book.Take(Answer(1, 50))!.ShrankAt);
        Assert.Equal(Make.Noon.AddSeconds(2), book.Take(Answer(2, 40))!.ShrankAt);
        Assert.Equal(Make.Noon.AddSeconds(2), book.Take(Answer(3, 45))!.ShrankAt);
        Assert.Equal(Make.Noon.AddSeconds(2), book.Take(Answer(4, 40))!.ShrankAt);
        Assert.Equal(Make.Noon.AddSeconds(5), book.Take(Answer(5, 39))!.ShrankAt);
    }

    [Fact]
    public void Book_AnotherPodOrABrokenSeries_BeginsAnew()
    {
        var book = new LagBook();
        book.Take(Answer(1, 0));
        book.Take(Answer(2, 0));

        Assert.Single(book.Take(Answer(3, 0, "u2"))!.Samples);
        book.Forget("m");
        Assert.Single(book.Take(Answer(4, 0, "u2"))!.Samples);
        Assert.Null(book.Take(Answer(5, 0, "u2", error: "no answer")));
    }

    [Fact]
    public void Book_KeepsTheLastTen()
    {
        var book = new LagBook();
        LagTrack? track = null;
        for (var i = 0; i < 25; i++)
            track = book.Take(Answer(i, 0));

        Assert.Equal(LagBook.Kept, track!.Samples.Length);
        Assert.Equal(Make.Noon.AddSeconds(24), track.Samples[^1].At);
    }

    [Theory]
    [InlineData(10, 5, true)]
    [InlineData(10, 10, true)]
    [InlineData(10, 11, false)]
    public void Peers_AnsweredBeforeTheMemberCameBack_AreAskedAgain(int backSecondsAgo, int askedSecondsAgo, bool allows)
    {
        var bench = new ShardBench().With(0, m => m with { ReadySince = Make.Noon.AddSeconds(-backSecondsAgo) }).With(1, m => m.Asked(askedSecondsAgo));

        var verdict = PeerViewConverged.Check(bench.Context, bench[0]);

        Assert.Equal(allows, verdict.Allows);
        Assert.True(PeerViewConverged.Check(bench.Context).Allows);
        if (!allows)
            Assert.Equal(["orders-a-1"], verdict.Probe);
    }

    [Theory]
    [InlineData("3", "3", true)]
    [InlineData("3", "2", false)]
    [InlineData("3", null, false)]
    [InlineData(null, "2", true)]
    public void Target_OnAnotherTimeline_DoesNotTakeOver(string? leads, string? follows, bool eligible)
    {
        Instance Says(Instance m, string? timeline) => m with { Probe = m.Probe! with { Values = timeline is null ? m.Probe.Values : m.Probe.Values.SetItem("timeline", timeline) } };
        var bench = new ShardBench(2, Make.Redis with { Probe = Make.Redis.Probe! with { SameAsLeader = ["timeline"] } }).With(0, m => Says(m.On("7.2.5"), follows)).With(1, m => Says(m, leads));

        var (target, verdict) = HandoverTargetEligible.Choose(bench.Context, bench.Context.Members[^1]);

        Assert.Equal(eligible, target is not null);
        if (!eligible)
            Assert.Equal($"orders-a-0 cannot take over: its timeline is {follows ?? "missing"}, that of orders-a-1 is 3.", verdict.Reason!.Text);
    }

    private static readonly DateTimeOffset Due = Make.Noon.AddMinutes(5);

    [Theory]
    [InlineData(null, 5)]
    [InlineData(60, 5)]
    [InlineData(299, 5.983)]
    public void Progress_WhileItRecovers_MovesTheDeadlineAMinuteAhead(int? movedAtSecond, double minutes)
    {
        var bench = new ShardBench().With(0, m => m.Down() with { Probe = m.Probe! with { ProgressAt = movedAtSecond is { } s ? Make.Noon.AddSeconds(s) : null } });

        Assert.Equal(Make.Noon.AddSeconds(Math.Round(minutes * 60)), RecoveryIsProgress.Extend(bench[0], Due));
        Assert.Equal(movedAtSecond is not null, RecoveryIsProgress.Seen(bench[0]) is not null);
    }

    [Fact]
    public void Progress_OfAReadyMember_IsALagThatShrinks()
    {
        var bench = new ShardBench().With(0, m => m with { LagTrack = new LagTrack([], Due.AddSeconds(-1)), Probe = m.Probe! with { ProgressAt = Due.AddHours(1) } });

        Assert.Equal(Due.AddSeconds(59), RecoveryIsProgress.Extend(bench[0], Due));
    }

    [Fact]
    public void Progress_OfAnEarlierPod_IsNone() =>
        Assert.Equal(Due, RecoveryIsProgress.Extend(new ShardBench().With(0, m => m.Down() with { Uid = "new", Probe = m.Probe! with { ProgressAt = Due } })[0], Due));

    [Fact]
    public void Halts_MemberThatRecovers_IsAskedAndNotStoppedAtItsDeadline()
    {
        var profile = Make.Redis with { Probe = Make.Redis.Probe! with { Progress = ["loading_loaded_bytes"] } };
        var bench = new ShardBench(3, profile).With(0, m => m.Down() with { Probe = m.Probe! with { ProgressAt = Make.Noon.AddSeconds(-5) } });

        var verdict = UpdatedUnhealthyHalts.Check(bench.Context, bench[0], Make.Noon.AddMinutes(-10));
        Assert.False(verdict.Stop);
        Assert.Equal(["orders-a-0"], verdict.Probe);
        Assert.Equal((RecoveryIsProgress.Name, Make.Noon.AddSeconds(55)), (verdict.Reason!.Rule, verdict.Reason.Deadline!.Value));

        bench.With(0, m => m with { Probe = m.Probe! with { ProgressAt = Make.Noon.AddSeconds(-61) } });
        Assert.True(UpdatedUnhealthyHalts.Check(bench.Context, bench[0], Make.Noon.AddMinutes(-10)).Stop);
    }

    [Theory]
    [InlineData(true, "Running", false, true)]
    [InlineData(false, "Running", false, false)]
    [InlineData(true, "Pending", false, false)]
    [InlineData(true, "Running", true, false)]
    public void Progress_IsAskedOfARunningContainerWhereTheProfileKnowsIt(bool knows, string phase, bool dead, bool asks)
    {
        var bench = new ShardBench(3, knows ? Make.Redis with { Probe = Make.Redis.Probe! with { Progress = ["x"] } } : Make.Redis).With(0, m => m.Down() with { Phase = phase, Dead = dead });

        Assert.Equal(asks, RecoveryIsProgress.Asks(bench.Context, bench[0]));
    }
}
