using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

/// <summary>Rules about who may be missing: OneDisruptionPerShard, QuorumPreserved and PdbRespected.</summary>
public sealed class DisruptionTests
{
    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(1, 1, false)]
    [InlineData(2, 1, true)]
    [InlineData(2, 2, false)]
    public void OneDisruption_OthersDown_UpToMTogetherWithTheCandidate(int atOnce, int down, bool allows)
    {
        var bench = new ShardBench(4, Make.Redis with { MembersAtOnce = atOnce });
        for (var i = 0; i < down; i++)
            bench.With(i, m => m.Down());

        var verdict = OneDisruptionPerShard.Check(bench.Context, bench[3]);

        Assert.Equal(allows, verdict.Allows);
        Assert.Equal(allows ? 0 : down, verdict.Reason?.Evidence.Count ?? 0);
    }

    [Theory]
    [InlineData("Terminating")]
    [InlineData("Missing")]
    public void OneDisruption_OtherIsGoing_CountsThoughItStillSaysReady(string phase)
    {
        var bench = new ShardBench().With(0, m => m with { Phase = phase });

        Assert.Equal("orders-a-0 in shard-a is not Ready; orders-a-2 is not touched beside it.", OneDisruptionPerShard.Check(bench.Context, bench[2]).Reason!.Text);
    }

    [Fact]
    public void OneDisruption_CandidateItselfIsDown_CostsNothing()
    {
        var bench = new ShardBench().With(0, m => m.Down());

        Assert.True(OneDisruptionPerShard.Check(bench.Context, bench[0]).Allows);
    }

    /// <summary>Everybody votes but those named learner; the last leads.</summary>
    private static ShardBench Voters(int members, params int[] learners)
    {
        var bench = new ShardBench(members, Make.Redis with { Quorum = true, Roles = [.. Make.Redis.Roles.Select(r => r with { Votes = true }), new RoleSpec("learner", "L", 0, false, false)] });
        foreach (var i in learners)
            bench.With(i, m => m.Says("learner"));
        return bench;
    }

    [Theory]
    [InlineData(3, 0, true)]
    [InlineData(3, 1, false)]
    [InlineData(5, 1, true)]
    [InlineData(5, 2, false)]
    [InlineData(4, 0, true)]
    [InlineData(4, 1, false)]
    public void Quorum_HealthyVoterLeaves_AMajorityOfAllVotersStays(int voters, int down, bool allows)
    {
        var bench = Voters(voters);
        for (var i = 0; i < down; i++)
            bench.With(i, m => m.Down());

        var verdict = QuorumPreserved.Check(bench.Context, bench[voters - 1]);

        Assert.Equal(allows, verdict.Allows);
        if (!allows)
            Assert.Equal($"shard-a needs {(voters / 2) + 1} of {voters} voting members; without orders-a-{voters - 1} only {voters - down - 1} would be left.", verdict.Reason!.Text);
    }

    [Fact]
    public void Quorum_MemberWithoutAVote_CostsNothing()
    {
        var bench = Voters(4, learners: 0).With(1, m => m.Down());

        Assert.True(QuorumPreserved.Check(bench.Context, bench[0]).Allows);
        Assert.False(QuorumPreserved.Check(bench.Context, bench[2]).Allows);
    }

    [Fact]
    public void Quorum_MemberThatIsDownAlready_CostsNothing()
    {
        // Two of three are down: no majority is left either way, and to replace one of them can only help.
        var bench = Voters(3).With(0, m => m.Dead()).With(1, m => m.Dead());

        Assert.True(QuorumPreserved.Check(bench.Context, bench[0]).Allows);
        Assert.False(QuorumPreserved.Check(bench.Context, bench[2]).Allows);
    }

    [Fact]
    public void Quorum_RoleUnknownOfAMemberThatIsUp_IsNoVoteThatStays()
    {
        var bench = Voters(3).With(0, m => m.Down());

        Assert.False(QuorumPreserved.Check(bench.Context, bench[1]).Allows);
    }

    [Fact]
    public void Quorum_OneOrTwoMembersOrNoQuorumEngine_Allows()
    {
        Assert.True(QuorumPreserved.Check(Voters(1).Context, Voters(1)[0]).Allows);
        Assert.True(QuorumPreserved.Check(Voters(2).Context, Voters(2)[1]).Allows);
        var plain = new ShardBench().With(0, m => m.Down()).With(1, m => m.Down());
        Assert.True(QuorumPreserved.Check(plain.Context, plain[2]).Allows);
    }

    [Theory]
    [InlineData(1, true, true)]
    [InlineData(0, true, false)]
    [InlineData(-1, true, false)]
    [InlineData(0, false, true)]
    public void Pdb_Allowed_HealthyNeedsOneTheDeadNeedsNone(int allowed, bool ready, bool allows)
    {
        var bench = new ShardBench { Budget = new BudgetStatus("orders-pdb", allowed) }.With(0, m => ready ? m : m.Dead());

        var verdict = PdbRespected.Check(bench.Context, bench[0]);

        Assert.Equal(allows, verdict.Allows);
        if (!allows)
            Assert.Equal("The PodDisruptionBudget orders-pdb allows no disruption now, so orders-a-0 stays.", verdict.Reason!.Text);
    }

    [Fact]
    public void Pdb_None_Allows() => Assert.True(PdbRespected.Check(new ShardBench().Context, new ShardBench()[0]).Allows);
}
