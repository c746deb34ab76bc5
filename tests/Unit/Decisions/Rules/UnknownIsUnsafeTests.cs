using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
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

    [Fact]
    public void Check_OneLeaderAndEverybodyKnown_Allows() => Assert.True(UnknownIsUnsafe.Check(new ShardBench().Context, Make.Noon).Allows);

    [Fact]
    public void Check_EngineWithoutLeader_Allows()
    {
        Assert.True(UnknownIsUnsafe.Check(new ShardBench(3, Make.Generic).Context, Make.Noon).Allows);
        Assert.True(UnknownIsUnsafe.Check(new ShardBench(3, Make.Redis with { Roles = [new RoleSpec("broker", "B", 1, false, true) { Aliases = ["primary", "secondary"] }] }).Context, Make.Noon).Allows);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(119.9, false)]
    [InlineData(120, true)]
    public void Check_NobodyLeads_AsksAllAndPausesAtTheRoleDeadline(double seconds, bool stops)
    {
        var verdict = UnknownIsUnsafe.Check(new ShardBench().With(2, m => m.Says("slave")).Context, Make.Noon.AddSeconds(-seconds));

        Assert.Equal(stops, verdict.Stop);
        Assert.Equal("shard-a has no leader. Nothing is touched until one is elected.", verdict.Reason!.Text);
        if (!stops)
            Assert.Equal(["orders-a-0", "orders-a-1", "orders-a-2"], verdict.Probe);
    }

    [Fact]
    public void Check_LeaderIsNotReady_CountsAsNone() => Assert.StartsWith("shard-a has no leader", UnknownIsUnsafe.Check(new ShardBench().With(2, m => m.Down()).Context, Make.Noon).Reason!.Text, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, false)]
    [InlineData(120, true)]
    public void Check_RoleOfOneUnknown_AsksItAndPausesAtTheRoleDeadline(double seconds, bool stops)
    {
        var verdict = UnknownIsUnsafe.Check(new ShardBench().With(0, m => m with { Probe = m.Probe! with { Error = "timed out" } }).Context, Make.Noon.AddSeconds(-seconds));

        Assert.Equal(stops, verdict.Stop);
        Assert.Equal("The role of orders-a-0 in shard-a is not known (redis-cli on orders-a-0: timed out).", verdict.Reason!.Text);
        Assert.Equal(stops ? [] : ["orders-a-0"], verdict.Probe);
    }

    [Fact]
    public void Check_WordTheProfileDoesNotKnow_IsUnknown() => Assert.Equal(["orders-a-1"], UnknownIsUnsafe.Check(new ShardBench().With(1, m => m.Says("sentinel")).Context, Make.Noon).Probe);

    [Fact]
    public void Check_LabelMissing_WaitsForItUntilTheDeadline()
    {
        var verdict = UnknownIsUnsafe.Check(new ShardBench().With(0, m => m.Labelled(null, 0)).Context, Make.Noon);

        Assert.Empty(verdict.Probe);
        Assert.Equal(Make.Noon.AddSeconds(120), verdict.WakeAt);
    }

    [Theory]
    [InlineData(60, 60, true)]
    [InlineData(60, 3, false)]
    public void Check_TwoLeadersByLabel_PauseOnceBothLabelsStandStill(double one, double other, bool stops)
    {
        var verdict = UnknownIsUnsafe.Check(new ShardBench().With(0, m => m.Labelled("primary", one)).With(2, m => m.Labelled("primary", other)).Context, Make.Noon);

        Assert.Equal(stops, verdict.Stop);
        if (!stops)
            Assert.Equal(Make.Noon.AddSeconds(7), verdict.WakeAt);
    }

    private static Verdict Check(double since, params Action<Instance[]>[] changes)
    {
        var bench = new ShardBench();
        Instance[] members = [bench[0], bench[1], bench[2]];
        foreach (var change in changes)
            change(members);
        for (var i = 0; i < members.Length; i++)
        {
            var changed = members[i];
            bench.With(i, _ => changed);
        }
        return UnknownIsUnsafe.Check(bench.Context, Make.Noon.AddSeconds(since));
    }
}
