using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class NonLeadersFirstTests
{
    private static string? Next(ShardBench bench) => NonLeadersFirst.NextFollower(bench.Context)?.Name;

    [Fact]
    public void NextFollower_AllEqual_HighestOrdinalThatDoesNotLead() => Assert.Equal("orders-a-1", Next(new ShardBench()));

    [Fact]
    public void NextFollower_OneLagsMore_GoesFirst()
    {
        Assert.Equal("orders-a-0", Next(new ShardBench().With(0, m => m with { LagBytes = 1 })));
        Assert.Equal("orders-a-0", Next(new ShardBench().With(0, m => m with { LagBytes = null, LagSeconds = 0.5 })));
    }

    [Fact]
    public void NextFollower_WhoDoesNotVote_GoesFirstWhateverItsLag()
    {
        var bench = new ShardBench(4).With(0, m => m.Says("hidden")).With(1, m => m with { LagBytes = 1000 });
        bench.Plan = bench.Plan with { Profile = Make.Redis with { Roles = [.. Make.Redis.Roles.Select(r => r with { Votes = true }), new RoleSpec("hidden", "H", 1, false, false)] } };

        Assert.Equal("orders-a-0", Next(bench));
    }

    [Fact]
    public void NextFollower_OnlyTheLeaderIsOutdated_Nobody() => Assert.Null(Next(new ShardBench().With(0, m => m.On("7.2.5")).With(1, m => m.On("7.2.5"))));

    [Fact]
    public void NextFollower_OnTheRightImageButNotOnTheTemplate_IsStillOutdated()
    {
        // The template asks for the target and the Pod is older than that revision: something else in it changed too.
        var bench = new ShardBench { Template = "7.2.5" }.With(m => m.On("7.2.5")).With(1, m => m with { Updated = false });

        Assert.Equal("orders-a-1", Next(bench));
    }

    [Fact]
    public void NextFollower_LeadershipMoved_FollowsTheLiveRole() => Assert.Equal("orders-a-2", Next(new ShardBench().With(2, m => m.Says("slave")).With(1, m => m.Says("master"))));

    [Fact]
    public void NextFollower_OnTheWayBack_LastTouchedFirst()
    {
        var bench = new ShardBench(4);
        bench.Plan = bench.Plan with { Direction = Direction.Rollback, TouchedOrder = ImmutableDictionary<string, long>.Empty.Add("orders-a-2", 5).Add("orders-a-0", 9) };

        Assert.Equal("orders-a-0", Next(bench));
        Assert.Equal("orders-a-2", Next(bench.With(0, m => m.On("7.2.5"))));
        Assert.Equal("orders-a-1", Next(bench.With(2, m => m.On("7.2.5"))));
    }
}
