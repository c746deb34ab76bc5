using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

/// <summary>Rules that count shards: MaxShardsInFlight and ShardLeaderMajority.</summary>
public sealed class LimitTests
{
    [Theory]
    [InlineData(1, 50, 1, 1)]
    [InlineData(1, 50, 1000, 1)]
    [InlineData(4, 50, 3, 1)]
    [InlineData(4, 50, 4, 2)]
    [InlineData(4, 50, 9, 4)]
    [InlineData(4, 100, 3, 3)]
    [InlineData(1000, 50, 1001, 500)]
    [InlineData(3, 1, 10, 1)]
    public void MaxShardsInFlight_Limit_AtLeastOneAtMostKAndThePercentage(int k, int percent, int shards, int expected) => Assert.Equal(expected, MaxShardsInFlight.Limit(k, percent, shards));

    [Fact]
    public void MaxShardsInFlight_Reasons_NameWhoIsInTheWay()
    {
        Assert.Equal("d waits for its turn: a is in flight, the limit is 1.", MaxShardsInFlight.Full("d", ["a"], 1).Text);
        Assert.Equal("e waits for its turn: a, b, c are in flight, the limit is 4.", MaxShardsInFlight.Full("e", ["a", "b", "c", "d"], 4).Text);
        Assert.Equal("d is not started while a has a member down.", MaxShardsInFlight.Disrupted("d", ["a"]).Text);
        Assert.Equal("d is not started while a, b have members down.", MaxShardsInFlight.Disrupted("d", ["a", "b"]).Text);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(7, 3)]
    [InlineData(1000, 499)]
    public void ShardLeaderMajority_Limit_LessThanHalfButAtLeastOne(int shards, int expected) => Assert.Equal(expected, ShardLeaderMajority.Limit(shards));

    [Theory]
    [InlineData(5, 1, true)]
    [InlineData(5, 2, false)]
    [InlineData(3, 0, true)]
    [InlineData(3, 1, false)]
    [InlineData(2, 0, true)]
    [InlineData(2, 1, false)]
    public void ShardLeaderMajority_OthersMoving_AllowsUpToTheLimit(int shards, int moving, bool allows)
    {
        var verdict = ShardLeaderMajority.Check(new ShardBench().Context, [.. Enumerable.Range(0, moving).Select(i => $"x{i}")], shards);

        Assert.Equal(allows, verdict.Allows);
        Assert.Equal(allows ? null : ShardLeaderMajority.Name, verdict.Reason?.Rule);
    }

    [Fact]
    public void ShardLeaderMajority_LeadersDoNotVoteForEachOther_Allows()
    {
        var bench = new ShardBench(3, Make.Redis with { LeaderMajority = false });

        Assert.True(ShardLeaderMajority.Check(bench.Context, ["x", "y"], 3).Allows);
    }
}
