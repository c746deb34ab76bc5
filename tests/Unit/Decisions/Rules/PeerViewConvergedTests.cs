using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

public sealed class PeerViewConvergedTests
{
    private static Instance Sees(Instance m, string state) => m with { Probe = m.Probe! with { Healthy = state == "ok", Values = ImmutableSortedDictionary<string, string>.Empty.Add("cluster_state", state) } };

    [Fact]
    public void Check_OnePeerSeesTheClusterDown_AsksThatOneAgain()
    {
        var verdict = PeerViewConverged.Check(new ShardBench().With(1, m => Sees(m, "fail")).Context);

        Assert.Equal(["orders-a-1"], verdict.Probe);
        Assert.Equal("orders-a-1 does not call the database healthy: cluster_state is fail, must be ok.", verdict.Reason!.Text);
    }

    [Fact]
    public void Check_AllSeeItHealthy_Allows() => Assert.True(PeerViewConverged.Check(new ShardBench().With(m => Sees(m, "ok")).Context).Allows);

    [Fact]
    public void Check_WhoIsDownOrCannotBeAsked_HasNoSay()
    {
        Assert.True(PeerViewConverged.Check(new ShardBench().With(1, m => Sees(m, "fail").Down()).Context).Allows);
        Assert.True(PeerViewConverged.Check(new ShardBench().With(1, m => m.Labelled("secondary", 60)).Context).Allows);
        Assert.True(PeerViewConverged.Check(new ShardBench().With(1, m => Sees(m, "fail") with { Uid = "a newer Pod" }).Context).Allows);
    }

    [Fact]
    public void Check_ProfileHasNoWordForHealthy_Allows()
    {
        var bench = new ShardBench(3, Make.Redis with { Probe = Make.Redis.Probe! with { Healthy = ImmutableSortedDictionary<string, string>.Empty } }).With(1, m => Sees(m, "fail"));

        Assert.True(PeerViewConverged.Check(bench.Context).Allows);
        Assert.True(PeerViewConverged.Check(new ShardBench(3, Make.Generic).Context).Allows);
    }

    [Fact]
    public void Check_ValueIsMissing_IsSaid() =>
        Assert.Contains("cluster_state is missing", PeerViewConverged.Check(new ShardBench().With(1, m => m with { Probe = m.Probe! with { Healthy = false } }).Context).Reason!.Text, StringComparison.Ordinal);
}
