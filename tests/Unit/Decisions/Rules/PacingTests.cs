using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

/// <summary>Rules about when and where: Cooldown, ZoneExclusive, and the cap on partly updated shards.</summary>
public sealed class PacingTests
{
    private static ShardBench Cooling(CooldownSpec cooldown)
    {
        var bench = new ShardBench();
        bench.Plan = bench.Plan with { Spec = bench.Plan.Spec with { Safety = new SafetySpec { Cooldown = cooldown } } };
        return bench.With(0, m => m with { Zone = "zone-a" });
    }

    private static StepStarted Begin(string shard, string member, string zone) => new(StepIds.Replace("redis", shard, member), StepKind.Replace, "redis", "all", shard, member, 1, null) { Zone = zone };

    private static StepFinished End(string shard, string member) => new(StepIds.Replace("redis", shard, member), 1, StepState.Succeeded, null);

    [Theory]
    [InlineData(30, 31, false)]
    [InlineData(30, 30, true)]
    [InlineData(30, 0, true)]
    public void Cooldown_Member_CountsFromTheEndOfTheOneBeforeInTheShard(int secondsAgo, int gap, bool allows)
    {
        var bench = Cooling(new CooldownSpec { Member = TimeSpan.FromSeconds(gap) });
        bench.Ledger = Ledger.Fold([(1, Make.Noon.AddSeconds(-90), Begin("shard-a", "orders-a-1", "zone-b")), (2, Make.Noon.AddSeconds(-secondsAgo), End("shard-a", "orders-a-1"))]);

        var verdict = Cooldown.Check(bench.Context, bench[0]);

        Assert.Equal(allows, verdict.Allows);
        Assert.Equal(allows ? null : Make.Noon.AddSeconds(gap - secondsAgo), verdict.WakeAt);
    }

    [Fact]
    public void Cooldown_NothingAsked_AllowsAndHasNothingToShow()
    {
        var bench = Cooling(new CooldownSpec());
        bench.After(Begin("shard-a", "orders-a-1", "zone-b"), End("shard-a", "orders-a-1"));

        Assert.True(Cooldown.Check(bench.Context, bench[0]).Allows);
        Assert.Null(Cooldown.Seen(bench.Context));
    }

    [Fact]
    public void Cooldown_ProfilesGap_HoldsUnlessThePlanSaysZero()
    {
        var bench = Cooling(new CooldownSpec());
        bench.Plan = bench.Plan with { Profile = bench.Plan.Profile with { Cooldown = new CooldownSpec { Member = TimeSpan.FromMinutes(5) } } };
        bench.After(Begin("shard-a", "orders-a-1", "zone-b"), End("shard-a", "orders-a-1"));

        Assert.False(Cooldown.Check(bench.Context, bench[0]).Allows);
        Assert.Equal(Cooldown.Name, Cooldown.Seen(bench.Context)!.Rule);
        bench.Plan = bench.Plan with { Spec = bench.Plan.Spec with { Safety = new SafetySpec { Cooldown = new CooldownSpec { Member = TimeSpan.Zero } } } };
        Assert.True(Cooldown.Check(bench.Context, bench[0]).Allows);
    }

    [Theory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    public void Cooldown_Shard_CountsFromTheEndOfTheShardBefore(int secondsAgo, bool allows)
    {
        var bench = Cooling(new CooldownSpec { Shard = TimeSpan.FromSeconds(60) });
        bench.Ledger = Ledger.Fold([(1, Make.Noon.AddSeconds(-200), Begin("shard-z", "orders-z-1", "zone-a")), (2, Make.Noon.AddSeconds(-190), End("shard-z", "orders-z-1")), (3, Make.Noon.AddSeconds(-secondsAgo), new ShardFinished("redis", "all", "shard-z"))]);

        var verdict = Cooldown.Check(bench.Context, bench[0]);

        Assert.Equal(allows, verdict.Allows);
        if (!allows)
            Assert.StartsWith("shard-a starts 60 s after the shard before it was done", verdict.Reason!.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zone-b", false)]
    [InlineData("zone-a", true)]
    [InlineData(null, true)]
    public void Cooldown_Zone_HoldsOnlyBetweenTwoZones(string? last, bool allows)
    {
        var bench = Cooling(new CooldownSpec { Zone = TimeSpan.FromMinutes(5) });
        bench.After(Begin("shard-z", "orders-z-1", last!), End("shard-z", "orders-z-1"));

        Assert.Equal(allows, Cooldown.Check(bench.Context, bench[0]).Allows);
    }

    private static ShardBench Zones(bool exclusive)
    {
        var bench = new ShardBench(3, Make.Redis with { ZoneExclusive = exclusive });
        for (var i = 0; i < 3; i++)
        {
            var zone = $"zone-{(char)('a' + i)}";
            bench.With(i, m => m with { Zone = zone });
        }
        return bench;
    }

    public static TheoryData<bool, string, bool> Downs => new()
    {
        // zones are exclusive, who is down (o = taken away by this run), allowed
        { false, "", true },
        { false, "x:zone-b", true },
        { false, "x:zone-b y:zone-b", true },
        { false, "x:zone-b y:zone-c", false },
        { false, "x:zone-b o:zone-c", true },
        { false, "x:? y:zone-c", true },
        { true, "", true },
        { true, "o:zone-a", true },
        { true, "o:zone-b", false },
        { true, "x:zone-b", false },
        { true, "x:?", true },
    };

    [Theory]
    [MemberData(nameof(Downs))]
    public void Zone_MembersDown_TwoZonesNeverAndOneOtherOnlyWhereZonesAreNotExclusive(bool exclusive, string down, bool allows)
    {
        var bench = Zones(exclusive);
        ZoneExclusive.Down[] others = [.. down.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(d => d.Split(':')).Select(d => new ZoneExclusive.Down(d[0], d[1] == "?" ? null : d[1], d[0] == "o"))];

        var verdict = ZoneExclusive.Check(bench.Context, bench[0], others);

        Assert.Equal(allows, verdict.Allows);
        Assert.Equal(allows ? null : ZoneExclusive.Name, verdict.Reason?.Rule);
        Assert.Equal(ZoneExclusive.Name, ZoneExclusive.Seen(bench.Context, bench[0], others)!.Rule);
    }

    [Fact]
    public void Zone_CandidateItselfIsDown_DoesNotStandInItsOwnWay() =>
        Assert.True(ZoneExclusive.Check(Zones(false).Context, Zones(false)[0], [new("orders-a-0", "zone-a", false), new("x", "zone-b", false)]).Allows);

    [Fact]
    public void Zone_PlanSaysOtherwise_Wins()
    {
        var bench = Zones(true);
        bench.Plan = bench.Plan with { Spec = bench.Plan.Spec with { Safety = new SafetySpec { ZoneExclusive = false } } };

        Assert.True(ZoneExclusive.Check(bench.Context, bench[0], [new("o", "zone-b", true)]).Allows);
    }

    [Theory]
    [InlineData(null, 5, true)]
    [InlineData(2, 1, true)]
    [InlineData(2, 2, false)]
    public void PartlyUpdated_Others_UpToTheLimit(int? limit, int partly, bool allows)
    {
        var reason = MaxShardsPartlyUpdated.Check("q", [.. Enumerable.Range(0, partly).Select(i => $"s{i}")], limit);

        Assert.Equal(allows, reason is null);
        if (!allows)
            Assert.Equal("q is not begun while s0, s1 run both versions; 2 shards at a time may.", reason!.Text);
    }

    [Fact]
    public void PartlyUpdated_ItIsOneOfThem_GoesOn() => Assert.Null(MaxShardsPartlyUpdated.Check("s0", ["s0"], 1));

    [Theory]
    [InlineData(null, "followers", false)]
    [InlineData(2, "followers", false)]
    [InlineData(1, "followers", true)]
    [InlineData(1, "all", false)]
    public void PartlyUpdated_StageOfFollowers_MustFit(int? limit, string roles, bool refused)
    {
        var cluster = Make.Cluster(2);
        var plan = Make.Plan(cluster, safety: new SafetySpec { PartlyUpdatedShards = limit });
        var component = plan.Components[0] with { Stages = [plan.Components[0].Stages[0] with { Roles = roles }] };

        Assert.Equal(refused, MaxShardsPartlyUpdated.Check(component, plan) is { Severity: Severity.Error });
    }

    [Fact]
    public void Decide_PartlyUpdatedLimit_NextShardWaitsThoughMoreMayBeInFlight()
    {
        var cluster = Make.Cluster(4);
        var plan = Previewer.Complete(Make.Plan(cluster, Make.Redis with { ShardsPercent = 100 }, shardsAtOnce: 4, safety: new SafetySpec { PartlyUpdatedShards = 1 }), cluster, Make.Noon);
        var free = Previewer.Complete(Make.Plan(cluster, Make.Redis with { ShardsPercent = 100 }, shardsAtOnce: 4), cluster, Make.Noon);

        Assert.DoesNotContain(plan.Findings, f => f.Severity == Severity.Error);
        Assert.Equal(12, plan.Totals.Replacements);
        Assert.True(plan.Totals.EstimateSeconds > free.Totals.EstimateSeconds);
    }

    [Fact]
    public void Decide_ZonesExclusive_NoTwoMembersOfTwoZonesAtOnce()
    {
        var cluster = Make.Cluster(3);
        cluster = cluster with { Components = [cluster.Components[0] with { Shards = [.. cluster.Components[0].Shards.Select((s, n) => s with { Instances = [.. s.Instances.Select((m, i) => m with { Zone = $"zone-{(n + i) % 3}" })] })] }] };
        var plan = Make.Plan(cluster, Make.Redis with { ShardsPercent = 100, ZoneExclusive = true }, shardsAtOnce: 3);

        var steps = Previewer.Complete(plan, cluster, Make.Noon).Steps.Where(s => s.Kind == StepKind.Replace).ToList();

        var zone = cluster.Components[0].Shards.SelectMany(s => s.Instances).ToDictionary(m => m.Name, m => m.Zone);
        Assert.Equal(9, steps.Count);
        foreach (var a in steps)
            foreach (var b in steps.Where(b => b != a && b.StartSeconds < a.StartSeconds + a.EstimateSeconds && a.StartSeconds < b.StartSeconds + b.EstimateSeconds))
                Assert.Equal(zone[a.Instance!], zone[b.Instance!]);
    }
}
