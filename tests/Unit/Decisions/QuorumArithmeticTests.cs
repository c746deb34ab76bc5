using Rollcall.Engine.Decisions;
using Xunit;

namespace Rollcall.Unit.Decisions;

public sealed class QuorumArithmeticTests
{
    [Theory]
    [InlineData(3, "each of the 2 shards of redis: 3 voters, 2 must stay, 1 may be missing; one at a time leaves 2 of 3.")]
    [InlineData(5, "each of the 2 shards of redis: 5 voters, 3 must stay, 2 may be missing; one at a time leaves 4 of 5.")]
    [InlineData(2, "each of the 2 shards of redis: 2 voters; none may be missing, so the shard is without a majority while one is replaced.")]
    public void Of_EngineWithVoters_SaysHowManyMayBeMissing(int members, string line)
    {
        var profile = Make.Redis with { Quorum = true, LeaderMajority = false, Roles = [.. Make.Redis.Roles.Select(r => r with { Votes = true })] };
        var cluster = Make.Cluster(members: members, profile: profile);
        Assert.Equal([line], QuorumArithmetic.Of(Make.Plan(cluster, profile), cluster));
    }

    [Fact]
    public void Of_LeadersThatVote_SaysHowManyMayMove()
    {
        var profile = Make.Redis with { Quorum = false, LeaderMajority = true };
        var cluster = Make.Cluster(shards: 5, profile: profile);
        Assert.Equal(["redis: 5 shard leaders; at most 2 may move at once, so that a majority stays."], QuorumArithmetic.Of(Make.Plan(cluster, profile), cluster));
        Assert.Empty(QuorumArithmetic.Of(Make.Plan(cluster, profile with { LeaderMajority = false }), cluster));
    }
}
