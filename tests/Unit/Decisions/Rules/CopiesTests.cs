using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

/// <summary>Rules about what a member holds copies of: DataCopyHeadroom and NoSharedCopiesInBatch.</summary>
public sealed class CopiesTests
{
    private static ShardBench Counting(int atOnce = 1) =>
        new ShardBench(3, Make.Redis with { MembersAtOnce = atOnce, Probe = Make.Redis.Probe! with { Copies = "copies", CopiesExempt = "never" } }).With(m => Holds(m, ""));

    private static Instance Holds(Instance m, string blocked, string never = "") =>
        m with { Probe = m.Probe! with { Values = ImmutableSortedDictionary<string, string>.Empty.Add("copies", blocked).Add("never", never) } };

    [Theory]
    [InlineData("", true)]
    [InlineData("0", true)]
    [InlineData("orders-3", false)]
    public void Headroom_CopiesThatWouldBeTooFew_Block(string blocked, bool allows)
    {
        var bench = Counting().With(0, m => Holds(m, blocked));

        var verdict = DataCopyHeadroom.Check(bench.Context, bench[0]);

        Assert.Equal(allows, verdict.Allows);
        if (!allows)
        {
            Assert.Equal("Without orders-a-0 there would be too few copies in sync of orders-3.", verdict.Reason!.Text);
            Assert.Equal(["orders-a-0"], verdict.Probe);
            Assert.Equal("orders-3", Assert.Single(verdict.Reason.Evidence).Value);
        }
    }

    [Fact]
    public void Headroom_OldAnswerOrNone_IsAskedAfresh()
    {
        var old = Counting().With(0, m => m.Asked(secondsAgo: 6));
        Assert.Equal(["orders-a-0"], DataCopyHeadroom.Check(old.Context, old[0]).Probe);

        var mute = Counting().With(0, m => m with { Probe = m.Probe! with { Values = ImmutableSortedDictionary<string, string>.Empty } });
        Assert.Equal("orders-a-0 does not say which copies would be too few without it.", DataCopyHeadroom.Check(mute.Context, mute[0]).Reason!.Text);
    }

    [Fact]
    public void Headroom_MemberThatIsGoneOrEngineThatDoesNotCount_Allows()
    {
        var bench = Counting().With(0, m => Holds(m, "orders-3").Down());
        Assert.True(DataCopyHeadroom.Check(bench.Context, bench[0]).Allows);

        var plain = new ShardBench().With(0, m => Holds(m, "orders-3"));
        Assert.True(DataCopyHeadroom.Check(plain.Context, plain[0]).Allows);
    }

    [Fact]
    public void Headroom_SetsThatCanNeverSpareOne_AreSaidInThePlan()
    {
        var bench = Counting().With(1, m => Holds(m, "", never: "single-0"));

        var finding = DataCopyHeadroom.Exempt(bench.Plan.Components[0], bench.Context.Live, bench.Plan.Profile, "/spec/changes/0")!;
        Assert.Equal((Severity.Warning, "redis: single-0 on orders-a-1 has no copy to spare even when all are in sync, so it takes no writes while that member is replaced. More replicas would change that."), (finding.Severity, finding.Message));
        Assert.Null(DataCopyHeadroom.Exempt(bench.Plan.Components[0], Counting().Context.Live, bench.Plan.Profile, ""));
    }

    private static StepStarted Replacing(int member, Instance m) =>
        new StepStarted(StepIds.Replace("redis", "shard-a", m.Name), StepKind.Replace, "redis", "all", "shard-a", m.Name, 1, new ReplaceAct("x", "redis", "shard-a", m.Name, m.Uid, false)) { Title = $"{member}" };

    [Theory]
    [InlineData(2, 1, true)] // asked after the other went
    [InlineData(1, 2, false)]
    public void Batch_AnotherIsAway_OnlyAnAnswerThatCountsItAsGone(int goneSecondsAgo, int askedSecondsAgo, bool allows)
    {
        var bench = Counting(atOnce: 2);
        bench.Ledger = Ledger.Empty.Apply(1, Make.Noon.AddSeconds(-goneSecondsAgo), Replacing(1, bench[1]));
        bench.With(1, m => m.Down()).With(0, m => m.Asked(askedSecondsAgo));

        var verdict = NoSharedCopiesInBatch.Check(bench.Context, bench[0]);

        Assert.Equal(allows, verdict.Allows);
        if (!allows)
            Assert.Equal("Asking orders-a-0 which copies would be too few without it, now that orders-a-1 is away.", verdict.Reason!.Text);
    }

    [Fact]
    public void Batch_AnotherWentByItself_Waits()
    {
        var bench = Counting(atOnce: 2).With(1, m => m.Down());

        Assert.Equal("orders-a-1 is away without Rollcall's doing, and nobody knows which copies orders-a-0 shares with it.", NoSharedCopiesInBatch.Check(bench.Context, bench[0]).Reason!.Text);
    }

    [Fact]
    public void Batch_NobodyAwayOrOneAtATime_Allows()
    {
        var all = Counting(atOnce: 2);
        Assert.True(NoSharedCopiesInBatch.Check(all.Context, all[0]).Allows);
        var single = Counting().With(1, m => m.Down());
        Assert.True(NoSharedCopiesInBatch.Check(single.Context, single[0]).Allows);
    }
}
