using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class HandoverTargetEligibleTests
{
    /// <summary>Followers 0 and 1 are updated, 2 leads on the old version.</summary>
    private static ShardBench Updated() => new ShardBench().With(0, m => m.On("7.2.5")).With(1, m => m.On("7.2.5"));

    private static (string? Target, Verdict Verdict) Choose(ShardBench bench)
    {
        var s = bench.Context;
        var (target, verdict) = HandoverTargetEligible.Choose(s, s.Members[^1]);
        return (target?.Name, verdict);
    }

    [Fact]
    public void Choose_BothFit_LeastLagThenLowestOrdinal()
    {
        Assert.Equal("orders-a-0", Choose(Updated()).Target);
        Assert.Equal("orders-a-1", Choose(Updated().With(0, m => m with { LagBytes = 10 })).Target);
    }

    public static TheoryData<string, Func<object, object>> Unfit => new()
    {
        { "not Ready", m => ((Instance)m).Down() },
        { "still on the old version", m => ((Instance)m).On("7.2.4") },
        { "role unknown", m => ((Instance)m).Says(null) },
        { "lag over the limit", m => (Instance)m with { LagBytes = (1 << 20) + 1 } },
        { "link down", m => (Instance)m with { Probe = ((Instance)m).Probe! with { Linked = false } } },
        { "nobody knows its lag", m => (Instance)m with { LagBytes = null } },
        { "answer too old", m => ((Instance)m).Asked(6) },
        { "not electable", m => ((Instance)m).Says("arbiter") },
    };

    [Theory]
    [MemberData(nameof(Unfit))]
    public void Choose_OneIsUnfit_TakesTheOther(string why, Func<object, object> change)
    {
        var bench = Updated().With(0, m => (Instance)change(m));
        bench.Plan = bench.Plan with { Profile = Make.Redis with { Probe = Make.Redis.Probe! with { Position = ["offset"] }, Roles = [.. Make.Redis.Roles, new RoleSpec("arbiter", "A", 1, false, true) { Electable = false }] } };

        Assert.True(Choose(bench).Target == "orders-a-1", why);
    }

    [Fact]
    public void Choose_LagExactlyAtTheLimit_IsInSync() => Assert.Equal("orders-a-0", Choose(Updated().With(0, m => m with { LagBytes = 1 << 20 }).With(1, m => m.Down())).Target);

    [Fact]
    public void Choose_PlanAllowsLessLag_PlanWins()
    {
        var bench = Updated().With(0, m => m with { LagBytes = 101 }).With(1, m => m with { LagBytes = 200 });
        bench.Plan = bench.Plan with { Spec = bench.Plan.Spec with { Safety = new SafetySpec { LagMaxBytes = 100 } } };

        var (target, verdict) = Choose(bench);
        Assert.Null(target);
        Assert.Equal("orders-a-0 in shard-a is 101 bytes behind, the limit is 100 bytes.", verdict.Reason!.Text);
    }

    [Fact]
    public void Choose_NobodyFits_WaitsAndSaysWhatACandidateMustBe()
    {
        var (target, verdict) = Choose(new ShardBench());

        Assert.Null(target);
        Assert.False(verdict.Stop);
        Assert.Equal(HandoverTargetEligible.Name, verdict.Reason!.Rule);
        Assert.Equal("No member of shard-a can take over from orders-a-2 yet: it must be Ready, run 7.2.5 and be electable.", verdict.Reason.Text);
        Assert.Equal(3, verdict.Reason.Evidence.Count);
    }

    [Fact]
    public void Choose_RestoreLeaders_WhoLedBeforeComesFirstThoughItLagsMore()
    {
        var bench = Updated().With(1, m => m with { LagBytes = 500 });
        bench.Plan = bench.Plan with { PreferredLeaders = ImmutableDictionary<string, string>.Empty.Add("redis/shard-a", "orders-a-1") };

        Assert.Equal("orders-a-1", Choose(bench).Target);
    }

    [Fact]
    public void Choose_PreferredLeaderDoesNotFit_TakesAnother()
    {
        var bench = Updated().With(1, m => m with { LagBytes = 2 << 20 });
        bench.Plan = bench.Plan with { PreferredLeaders = ImmutableDictionary<string, string>.Empty.Add("redis/shard-a", "orders-a-1") };

        Assert.Equal("orders-a-0", Choose(bench).Target);
    }
}
