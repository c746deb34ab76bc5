using Rollcall.Shared;
using Rollcall.Web.Model;
using Xunit;

namespace Rollcall.Unit.Web;

public sealed class OverviewModelTests
{
    [Fact]
    public void Build_PutsWhatNeedsAPersonFirst()
    {
        var held = new Custody("rollcall-1", "r9", Pictures.T0);
        var lines = OverviewModel.Build(
            [Pictures.Summary("quiet"), Pictures.Summary("held", held: held), Pictures.Summary("broken", "Degraded"), Pictures.Summary("paused", "Updating", "r1")],
            [Pictures.Run(RunState.Paused)]);

        Assert.Equal(["paused", "broken", "held", "quiet"], lines.Select(l => l.Cluster.Name));
        Assert.Equal([true, true, true, false], lines.Select(OverviewModel.NeedsAttention));
        Assert.All(lines.Take(3), l => Assert.NotNull(l.Why));
    }

    [Fact]
    public void Build_GateThatRunsOutOfTime_ComesBeforeOneThatOnlyWaits()
    {
        var gate = new GateView { Name = "rest", Stage = "rest", Component = "redis", State = GateState.Open, Required = 2, Given = 1 };
        var lines = OverviewModel.Build(
            [Pictures.Summary("alpha", "Updating", "r1"), Pictures.Summary("beta", "Updating", "r2")],
            [Pictures.Run(RunState.Waiting) with { Gates = [gate] }, Pictures.Run(RunState.Waiting) with { Id = "r2", Gates = [gate with { RemindedAt = DateTimeOffset.UnixEpoch }] }]);

        Assert.Equal(["beta", "alpha"], lines.Select(l => l.Cluster.Name));
        Assert.Equal(("bad", "The gate before rest runs out of time with 1 of 2 approvals."), (lines[0].Tone, lines[0].Why!.Text));
    }

    [Fact]
    public void Build_OpenGate_NeedsAttentionEvenWhileTheRunIsRunning()
    {
        var gate = new GateView { Name = "rest", Stage = "rest", Component = "redis", State = GateState.Open, Required = 1 };
        var line = Assert.Single(OverviewModel.Build([Pictures.Summary("orders", "Updating", "r1")], [Pictures.Run(RunState.Waiting) with { Gates = [gate] }]));

        Assert.True(OverviewModel.NeedsAttention(line));
    }

    [Fact]
    public void Build_HeldByItsOwnRun_IsUnderWayNotOrphaned()
    {
        var line = Assert.Single(OverviewModel.Build([Pictures.Summary("orders", "Updating", "r1", new Custody("me", "r1", Pictures.T0))], [Pictures.Run(RunState.Running)]));

        Assert.False(OverviewModel.NeedsAttention(line));
        Assert.Equal("moving", line.Tone);
    }

    [Fact]
    public void Roll_ListsLeaderFirstAndNoMoreShardsThanAreShown()
    {
        var roll = OverviewModel.Roll(Pictures.Cluster([.. Enumerable.Range(0, 40).Select(i => Pictures.Shard($"s{i}", leader: 2))]), Pictures.Leads);

        Assert.Equal(25, roll.Length);
        Assert.All(roll, shard => Assert.Equal([true, false, false], shard.Select(m => m.Leads)));
    }
}
