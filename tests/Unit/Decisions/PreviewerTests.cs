using Rollcall.Engine.Decisions;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

public sealed class PreviewerTests
{
    [Fact]
    public void Complete_TwoShards_FollowersThenSwitchoverThenOldLeaderShardByShard()
    {
        var cluster = Make.Cluster();
        var plan = Previewer.Complete(Make.Plan(cluster), cluster, Make.Noon);

        Assert.DoesNotContain(plan.Findings, f => f.Severity == Severity.Error);
        string[] expected =
        [
            "redis.hold",
            "redis.orders-a.retarget", "redis.shard-a.replace.orders-a-1", "redis.shard-a.sync.orders-a-1", "redis.shard-a.replace.orders-a-0", "redis.shard-a.sync.orders-a-0",
            "redis.shard-a.switchover", "redis.shard-a.replace.orders-a-2", "redis.shard-a.sync.orders-a-2",
            "redis.orders-b.retarget", "redis.shard-b.replace.orders-b-1", "redis.shard-b.sync.orders-b-1", "redis.shard-b.replace.orders-b-0", "redis.shard-b.sync.orders-b-0",
            "redis.shard-b.switchover", "redis.shard-b.replace.orders-b-2", "redis.shard-b.sync.orders-b-2",
            "redis.release",
        ];
        Assert.Equal(expected, plan.Steps.Select(s => s.Id));
        Assert.Equal(2, plan.Totals.Switchovers);
        Assert.Equal(6, plan.Totals.Replacements);
        Assert.Equal(Reversibility.L1, plan.Steps.Single(s => s.Id == "redis.shard-a.switchover").Reversibility);
        Assert.Equal(Reversibility.L0, plan.Steps.Single(s => s.Id == "redis.shard-b.replace.orders-b-1").Reversibility);
    }

    [Fact]
    public void Complete_GateAndSoak_StandBetweenTheStages()
    {
        var cluster = Make.Cluster(3);
        var plan = Previewer.Complete(Make.Plan(cluster, gate: new GateSpec { Approvals = 2, Groups = ["dba"] }, soak: TimeSpan.FromMinutes(10)), cluster, Make.Noon);

        var ids = plan.Steps.Select(s => s.Id).ToList();
        Assert.True(ids.IndexOf("redis.canary.soak") > ids.IndexOf("redis.shard-a.sync.orders-a-2"));
        Assert.True(ids.IndexOf("redis.rest.gate") > ids.IndexOf("redis.canary.soak"));
        Assert.True(ids.IndexOf("redis.rest.gate") < ids.IndexOf("redis.shard-b.replace.orders-b-1"));
        Assert.Equal(600, plan.Steps.Single(s => s.Id == "redis.canary.soak").EstimateSeconds);
    }

    [Fact]
    public void Complete_RoleLessService_NoSwitchoverHighestOrdinalFirst()
    {
        var cluster = Make.Cluster(1, 4, Make.Generic);
        var plan = Previewer.Complete(Make.Plan(cluster, Make.Generic), cluster, Make.Noon);

        Assert.Equal(["orders-a-3", "orders-a-2", "orders-a-1", "orders-a-0"], plan.Steps.Where(s => s.Kind == StepKind.Replace).Select(s => s.Instance));
        Assert.Equal(0, plan.Totals.Switchovers);
    }

    [Fact]
    public void Complete_SameStateTwice_SamePlan()
    {
        var cluster = Make.Cluster(4);
        var once = Previewer.Complete(Make.Plan(cluster, shardsAtOnce: 2), cluster, Make.Noon);
        var twice = Previewer.Complete(Make.Plan(cluster, shardsAtOnce: 2), cluster, Make.Noon);
        Assert.Equal(once.Steps.Select(s => s.Id), twice.Steps.Select(s => s.Id));
    }

    [Fact]
    public void Complete_ManyShards_OneSwitchoverEachAndEveryMemberOnce()
    {
        var cluster = Make.Cluster(200);
        var plan = Previewer.Complete(Make.Plan(cluster, shardsAtOnce: 8), cluster, Make.Noon);
        Assert.Equal(200, plan.Totals.Switchovers);
        Assert.Equal(600, plan.Steps.Where(s => s.Kind == StepKind.Replace).Select(s => s.Instance).Distinct().Count());
    }
}
