using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class ReplicationCaughtUpTests
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    [Fact]
    public void Check_OldAnswerThatSaidBehind_StaysTheReasonWhileAskedAgain()
    {
        var verdict = Check(m => m with { LagBytes = 5 << 20, Probe = m.Probe! with { At = Make.Noon.AddSeconds(-30) } });

        Assert.Equal("orders-a-0 in shard-a is 5 MiB behind, the limit is 1 MiB.", verdict.Reason!.Text);
        Assert.Contains("orders-a-0", verdict.Probe);
    }

    [Fact]
    public void Check_OldAnswerThatSaidInSync_IsNoPermission()
    {
        var verdict = Check(m => m with { Probe = m.Probe! with { At = Make.Noon.AddSeconds(-30) } });

        Assert.False(verdict.Allows);
        Assert.Equal(["orders-a-0"], verdict.Probe);
        Assert.Contains("once more", verdict.Reason!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_FreshAnswerInSync_Allows() => Assert.True(Check(m => m).Allows);

    [Fact]
    public void Check_LinkDown_SaysWhichValueAndHowFarBehind()
    {
        var verdict = Check(m => m with { LagBytes = 3 << 20, Probe = m.Probe! with { Linked = false, Values = ImmutableSortedDictionary<string, string>.Empty.Add("master_link_status", "down") } });

        Assert.Equal("orders-a-0 is not yet connected to its leader: master_link_status is down. It is 3 MiB behind.", verdict.Reason!.Text);
    }

    [Fact]
    public void Check_NeverAnswered_AsksIt() => Assert.Equal(["orders-a-0"], Check(m => m with { Probe = null }).Probe);

    [Theory]
    [InlineData(2, true)]
    [InlineData(2.001, false)]
    public void Check_AgeOfTheAnswer_WithinTheLimitOnly(double secondsAgo, bool allows) => Assert.Equal(allows, Check(m => m.Asked(secondsAgo)).Allows);

    [Theory]
    [InlineData(1 << 20, null, true)]
    [InlineData((1 << 20) + 1, null, false)]
    [InlineData(500, 500L, true)]
    [InlineData(501, 500L, false)]
    [InlineData(2 << 20, 4L << 20, true)]
    [InlineData(1, 0L, false)]
    public void Check_LagInBytes_LimitOfThePlanElseOfTheProfile(long behind, long? plan, bool allows) =>
        Assert.Equal(allows, Check(m => m with { LagBytes = behind }, bench => bench.Plan = bench.Plan with { Spec = bench.Plan.Spec with { Safety = new SafetySpec { LagMaxBytes = plan } } }).Allows);

    [Theory]
    [InlineData(10, null, true)]
    [InlineData(10.1, null, false)]
    [InlineData(2, 1.5, false)]
    [InlineData(30, 60.0, true)]
    public void Check_LagInSeconds_LimitOfThePlanElseOfTheProfile(double late, double? plan, bool allows) =>
        Assert.Equal(allows, Check(m => m with { LagBytes = null, LagSeconds = late }, bench => bench.Plan = bench.Plan with
        {
            Profile = Make.Redis with { Lag = new LagSpec { MaxSeconds = 10 } }, Spec = bench.Plan.Spec with { Safety = new SafetySpec { LagMaxSeconds = plan } },
        }).Allows);

    [Fact]
    public void Check_PositionsAreReadButTheLagIsNotKnownYet_AsksItAndItsLeader()
    {
        var verdict = Check(m => m with { LagBytes = null }, bench => bench.Plan = bench.Plan with { Profile = Make.Redis with { Probe = Make.Redis.Probe! with { Position = ["offset"] } } });

        Assert.Equal(["orders-a-0", "orders-a-2"], verdict.Probe);
    }

    [Fact]
    public void Check_AnswerWithoutARole_AsksAgain() => Assert.Equal("orders-a-0 does not say a role yet.", Check(m => m.Says("")).Reason!.Text);

    [Fact]
    public void Check_AnswerOfThePodBefore_IsNoAnswer() => Assert.Equal("Asking orders-a-0 whether it has caught up.", Check(m => m with { Uid = "new" }).Reason!.Text);

    [Fact]
    public void Check_LastAnswerWasAnError_IsSaid() => Assert.EndsWith("Last answer: refused.", Check(m => m with { Probe = m.Probe! with { Error = "refused" } }).Reason!.Text, StringComparison.Ordinal);

    [Fact]
    public void Check_ItLeads_HasNobodyToCatchUpWith() => Assert.True(Check(m => m.Says("master") with { LagBytes = 5 << 20 }).Allows);

    [Fact]
    public void Check_LabelOnly_JoinedIsAllThatCanBeKnown()
    {
        Assert.True(Check(m => m.Labelled("secondary", 0) with { LagBytes = 5 << 20 }).Allows);
        Assert.Equal("orders-a-0 has no role label yet, so it has not joined shard-a.", Check(m => m.Labelled(null, 0)).Reason!.Text);
    }

    [Fact]
    public void Check_RoleLess_Allows() => Assert.True(ReplicationCaughtUp.Check(new ShardBench(3, Make.Generic).Context, new ShardBench()[0], Fresh).Allows);

    [Fact]
    public void Describe_UnitOfTheEngine_OrNotMeasured()
    {
        var m = new ShardBench()[0];
        Assert.Equal("2 KiB behind", ReplicationCaughtUp.Describe(m with { LagBytes = 2048 }));
        Assert.Equal("1.5 s behind", ReplicationCaughtUp.Describe(m with { LagBytes = null, LagSeconds = 1.5 }));
        Assert.Equal("not measured", ReplicationCaughtUp.Describe(m with { LagBytes = null }));
    }

    private static Verdict Check(Func<Instance, Instance> change, Action<ShardBench>? also = null)
    {
        var bench = new ShardBench().With(0, change);
        also?.Invoke(bench);
        var s = bench.Context;
        return ReplicationCaughtUp.Check(s, s.Members[0], Fresh);
    }
}
