using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class ControllerLastTests
{
    private static readonly EngineProfile Stopping = Make.Redis with { Switchover = null, Handover = "stop" };

    [Fact]
    public void Check_OthersAreStillOld_TheLeaderWaits()
    {
        var bench = new ShardBench(3, Stopping) { Template = "7.2.5" }.With(0, m => m.On("7.2.5"));

        var verdict = ControllerLast.Check(bench.Context, bench[2]);

        Assert.Equal("orders-a-2 leads shard-a now, so it goes last; orders-a-1 comes before it.", verdict.Reason!.Text);
        Assert.True(ControllerLast.Check(bench.Context, bench[1]).Allows);
    }

    [Fact]
    public void Check_AllOthersUpdatedAndOneCanBeElected_Allows()
    {
        var bench = new ShardBench(3, Stopping) { Template = "7.2.5" }.With(0, m => m.On("7.2.5")).With(1, m => m.On("7.2.5"));

        Assert.True(ControllerLast.Check(bench.Context, bench[2]).Allows);
    }

    [Fact]
    public void Check_NobodyIsReadyToBeElected_Waits()
    {
        var bench = new ShardBench(2, Stopping) { Template = "7.2.5" }.With(0, m => m.On("7.2.5").Down());

        Assert.Equal("orders-a-1 leads shard-a, and no other member is Ready to be elected when it stops.", ControllerLast.Check(bench.Context, bench[1]).Reason!.Text);
    }

    [Fact]
    public void Check_EngineWithASwitchoverOrAMemberAlone_IsNotItsBusiness()
    {
        var switching = new ShardBench();
        Assert.True(ControllerLast.Check(switching.Context, switching[2]).Allows);
        var alone = new ShardBench(1, Stopping);
        Assert.True(ControllerLast.Check(alone.Context, alone[0]).Allows);
    }
}
