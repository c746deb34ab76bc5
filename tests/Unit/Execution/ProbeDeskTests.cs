using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Unit.Decisions;
using Xunit;

namespace Rollcall.Unit.Execution;

public sealed class ProbeDeskTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private static (IReadOnlyList<string> Due, DateTimeOffset? Next) Due(double secondsAgo, double took = 0)
    {
        var cluster = Make.Cluster(1);
        var shard = cluster.Components[0].Shards[0];
        var asked = shard.Instances[0] with { Probe = shard.Instances[0].Probe! with { At = Make.Noon.AddSeconds(-secondsAgo), Took = TimeSpan.FromSeconds(took) } };
        cluster = cluster with { Components = [cluster.Components[0] with { Shards = [shard with { Instances = shard.Instances.SetItem(0, asked) }] }] };
        var (due, next) = ProbeDesk.Due([new ProbeRequest("redis", "shard-a", "orders-a-0", Limit)], cluster, Make.Noon);
        return ([.. due.Select(d => d.Instance)], next);
    }

    [Fact]
    public void Due_YoungerThanTheLimit_Later()
    {
        var (due, next) = Due(3);

        Assert.Empty(due);
        Assert.Equal(Make.Noon.AddSeconds(2), next);
    }

    [Fact]
    public void Due_AtTheLimit_Now() => Assert.Equal(["orders-a-0"], Due(5).Due);

    [Fact]
    public void Due_SlowMember_HasThreeTimesAsLong() => Assert.Equal(Make.Noon.AddSeconds(5.25), Due(1, took: 2).Next);

    [Fact]
    public void Due_AnswerFromTheFuture_Now() => Assert.Equal(["orders-a-0"], Due(-3600).Due);
}
