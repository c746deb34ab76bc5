using Rollcall.Engine.Decisions;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>What is kept of a snapshot to save searching must never answer for another one.</summary>
public sealed class PlanIndexTests
{
    private static readonly TopologySnapshot Three = Make.Cluster(3);

    private static DecisionState State(TopologySnapshot topology) => new() { RunId = "r1", Plan = Make.Plan(Three), Topology = topology, Ledger = Ledger.Empty, Now = Make.Noon };

    private static TopologySnapshot With(Func<Component, Component> change) => Three with { Components = [change(Three.Components[0])] };

    private static PlanIndex Used()
    {
        var index = new PlanIndex(Make.Plan(Three));
        Assert.Equal(3, index.Shards(State(Three), "redis").Count());
        return index;
    }

    [Fact]
    public void Shard_ThatIsNotInThePlanOrNotInSight_IsNone()
    {
        var index = Used();

        Assert.Null(index.Shard(State(Three), "redis", "shard-x"));
        Assert.Null(index.Shard(State(Three), "proxy", "shard-a"));
        Assert.Null(index.Shard(State(With(c => c with { Name = "proxy" })), "proxy", "shard-a"));
        Assert.Null(index.Shard(State(With(c => c with { Shards = c.Shards.RemoveAt(0) })), "redis", "shard-a"));
        Assert.Empty(PlanIndex.Workloads(State(Three), "proxy"));
        Assert.Null(index.Position(Three.Components[0], "shard-x"));
        Assert.Equal(2, index.Position(Three.Components[0], "shard-c"));
    }

    [Fact]
    public void Shards_ThatChangedPlaces_AreFoundInTheirNewPlaces()
    {
        var index = Used();
        foreach (var order in new[] { new[] { 2, 1, 0 }, [0, 2, 1], [1, 0, 2], [1, 2, 0] })
        {
            var moved = State(With(c => c with { Shards = [.. order.Select(i => c.Shards[i])] }));

            Assert.All(["shard-a", "shard-b", "shard-c"], name => Assert.Equal(name, index.Shard(moved, "redis", name)!.Shard.Name));
        }
    }

    [Fact]
    public void Workloads_ThatChangedPlacesOrServeOthers_AreFoundAnew()
    {
        var index = Used();

        var moved = State(With(c => c with { Workloads = [.. c.Workloads.Reverse()] }));
        Assert.Equal("orders-a", Assert.Single(index.Shard(moved, "redis", "shard-a")!.Workloads).Name);

        var one = State(With(c => c with { Workloads = [c.Workloads[0] with { Name = "all", Shards = ["shard-a", "shard-b", "shard-c"] }] }));
        Assert.Equal("all", Assert.Single(index.Shard(one, "redis", "shard-c")!.Workloads).Name);

        var two = State(With(c => c with { Workloads = [c.Workloads[0], c.Workloads[0] with { Name = "orders-a-more" }] }));
        Assert.Equal(["orders-a", "orders-a-more"], index.Shard(two, "redis", "shard-a")!.Workloads.Select(w => w.Name));

        var none = State(With(c => c with { Workloads = [c.Workloads[1], c.Workloads[2]] }));
        Assert.Empty(index.Shard(none, "redis", "shard-a")!.Workloads);
        var other = State(With(c => c with { Workloads = [c.Workloads[1], c.Workloads[2] with { Shards = ["shard-x"] }] }));
        Assert.Empty(index.Shard(other, "redis", "shard-c")!.Workloads);
    }
}
