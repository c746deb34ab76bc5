using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class UnknownIsUnsafeTests
{
    [Fact]
    public void Check_TwoMembersEachSaidOnceThatTheyLead_AsksBothAgain()
    {
        // orders-a-2 answered before the leadership moved, orders-a-0 after.
        var verdict = Check(Leads(0, asked: -1, answered: -0.9), Leads(2, asked: -4, answered: -3.5));

        Assert.False(verdict.Stop);
        Assert.Equal(["orders-a-0", "orders-a-2"], verdict.Probe.Order());
        Assert.Contains("one after the other", verdict.Reason!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OneStillLeadsAfterTheOtherSaidSo_AsksOnceMore() =>
        // orders-a-0 may have led only until orders-a-2 took over.
        Assert.False(Check(Leads(0, asked: -3, answered: -2.9), Leads(2, asked: -1, answered: -0.9)).Stop);

    [Fact]
    public void Check_OneLeadsBeforeAndAfterTheOtherSaidSo_Pauses()
    {
        var verdict = Check(Leads(0, asked: -3, answered: -2.9), Leads(2, asked: -1, answered: -0.9, since: -5));

        Assert.True(verdict.Stop);
        Assert.Contains("2 leaders: orders-a-0 and orders-a-2", verdict.Reason!.Text, StringComparison.Ordinal);
        Assert.Equal(2, verdict.Reason.Evidence.Count);
    }

    [Fact]
    public void Check_QuestionsThatCrossed_ProveNothing() =>
        // orders-a-2 was asked before the answer of orders-a-0 came, and answered after it was asked.
        Assert.False(Check(Leads(0, asked: -3, answered: -1), Leads(2, asked: -2, answered: -1.5, since: -2.5)).Stop);

    [Fact]
    public void Check_ClaimsThatNeverOverlap_PauseAtTheDeadline()
    {
        var verdict = Check(since: -121, Leads(0, asked: -1, answered: -0.9), Leads(2, asked: -4, answered: -3.5));

        Assert.True(verdict.Stop);
        Assert.Contains("does not settle", verdict.Reason!.Text, StringComparison.Ordinal);
    }

    private static Action<Instance[]> Leads(int member, double asked, double answered, double? since = null) => members =>
        members[member] = members[member] with
        {
            Probe = members[member].Probe! with { Role = "primary", At = Make.Noon.AddSeconds(asked), Took = TimeSpan.FromSeconds(answered - asked), RoleSince = since is { } s ? Make.Noon.AddSeconds(s) : null },
        };

    private static Verdict Check(params Action<Instance[]>[] changes) => Check(-1, changes);

    private static Verdict Check(double since, params Action<Instance[]>[] changes)
    {
        var cluster = Make.Cluster(shards: 1);
        var members = cluster.Components[0].Shards[0].Instances.ToArray();
        foreach (var change in changes)
            change(members);
        var shard = cluster.Components[0].Shards[0] with { Instances = [.. members] };
        var live = cluster.Components[0] with { Shards = [shard] };
        var plan = Make.Plan(cluster);
        var state = new DecisionState { RunId = "r1", Plan = plan, Topology = cluster with { Components = [live] }, Ledger = new Ledger(), Now = Make.Noon };
        return UnknownIsUnsafe.Check(new ShardContext(state, plan.Components[0], plan.Components[0].Shards[0], live, shard, live.Workloads), Make.Noon.AddSeconds(since));
    }
}
