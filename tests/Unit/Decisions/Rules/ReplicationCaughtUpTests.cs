using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
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

    private static Verdict Check(Func<Instance, Instance> change)
    {
        var cluster = Make.Cluster(shards: 1);
        var shard = cluster.Components[0].Shards[0];
        shard = shard with { Instances = shard.Instances.SetItem(0, change(shard.Instances[0])) };
        var live = cluster.Components[0] with { Shards = [shard] };
        var plan = Make.Plan(cluster);
        var state = new DecisionState { RunId = "r1", Plan = plan, Topology = cluster with { Components = [live] }, Ledger = new Ledger(), Now = Make.Noon };
        return ReplicationCaughtUp.Check(new ShardContext(state, plan.Components[0], plan.Components[0].Shards[0], live, shard, live.Workloads), shard.Instances[0], Fresh);
    }
}
