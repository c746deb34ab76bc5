using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

/// <summary>Every act that is allowed says in its intent which rules allowed it, what they saw, and when.</summary>
public sealed class EvidenceTests
{
    private static Plan Preview(Engine.Profiles.EngineProfile? profile = null)
    {
        var cluster = Make.Cluster(2, 3, profile);
        return Previewer.Complete(Make.Plan(cluster, profile), cluster, Make.Noon);
    }

    [Fact]
    public void Replace_OfAFollower_NamesEveryRuleThatAllowedItAndThatJudgedItsEnd()
    {
        var step = Preview().Steps.First(s => s.Kind == StepKind.Replace);

        Assert.Equal(
        [
            NoConcurrentOps.Name, PodRevisionIsTruth.Name, UnknownIsUnsafe.Name, NonLeadersFirst.Name, MaxShardsInFlight.Name, OneDisruptionPerShard.Name, PeerViewConverged.Name,
            FreshRoleBeforeAct.Name, DeleteWithPreconditions.Name, UpdatedUnhealthyHalts.Name,
        ], step.Rules);
    }

    [Fact]
    public void Replace_InAShardWithAnUpdatedMember_ReliesOnItBeingInSync()
    {
        var steps = Preview().Steps;

        Assert.DoesNotContain(ReplicationCaughtUp.Name, steps.First(s => s.Kind == StepKind.Replace).Rules);
        Assert.Contains(ReplicationCaughtUp.Name, steps.Where(s => s.Kind == StepKind.Replace).ElementAt(1).Rules);
    }

    [Fact]
    public void Switchover_NamesItsRules()
    {
        var step = Preview().Steps.First(s => s.Kind == StepKind.Switchover);

        foreach (var rule in (string[])[SingleHandover.Name, NoForcedHandover.Name, HandoverTargetEligible.Name, ShardLeaderMajority.Name, FreshRoleBeforeAct.Name, ReplicationCaughtUp.Name, UnknownIsUnsafe.Name])
            Assert.Contains(rule, step.Rules);
    }

    [Fact]
    public void RoleLess_NamesNoRuleOfRoles()
    {
        var step = Preview(Make.Generic).Steps.First(s => s.Kind == StepKind.Replace);

        Assert.DoesNotContain(FreshRoleBeforeAct.Name, step.Rules);
        Assert.DoesNotContain(NonLeadersFirst.Name, step.Rules);
        Assert.Contains(OneDisruptionPerShard.Name, step.Rules);
    }

    [Fact]
    public void Intent_EveryPieceOfEvidence_HasRuleValueSourceAndTime()
    {
        var cluster = Make.Cluster(1);
        var bench = new ShardBench();
        var seen = RuleEvidence.Replacement(bench.Context, bench[0], new ShardTurn(0, 1), []).Concat(RuleEvidence.Handover(bench.Context, bench[2], bench[0], [], 1)).Concat(RuleEvidence.Ejection(bench.Context, bench[0])).ToList();

        Assert.NotEmpty(cluster.Components);
        Assert.All(seen, e =>
        {
            Assert.NotEmpty(e.Rule);
            Assert.NotEmpty(e.What);
            Assert.NotEmpty(e.Value);
            Assert.NotEmpty(e.Source);
            Assert.InRange(e.At, Make.Noon.AddHours(-1), Make.Noon);
        });
        Assert.Contains(seen, e => e.Rule == FreshRoleBeforeAct.Name && e.What == "role of orders-a-2" && e.Value == "primary" && e.Source == "redis-cli on orders-a-2");
        Assert.Contains(seen, e => e.Rule == DeleteWithPreconditions.Name && e.Value.StartsWith("orders-a-0-uid", StringComparison.Ordinal));
    }

    [Fact]
    public void Ledger_KeepsWhatAllowedTheStepAndWhatEndedIt()
    {
        var bench = new ShardBench().After(
            new StepStarted("s", StepKind.Replace, "redis", "all", "shard-a", "orders-a-0", 1, null) { Evidence = [new Evidence("a", "1", "x", Make.Noon) { Rule = "A" }, new Evidence("b", "2", "x", Make.Noon) { Rule = "B" }] },
            new StepFinished("s", 1, StepState.Succeeded, null) { Evidence = [new Evidence("c", "3", "x", Make.Noon) { Rule = "A" }] });

        Assert.Equal(["A", "B"], bench.Ledger.Step("s")!.Rules);
        Assert.Equal(["1", "2", "3"], bench.Ledger.Step("s")!.Evidence.Select(e => e.Value));
    }

    [Theory]
    [InlineData("u1", false, null)]
    [InlineData("u2", false, "orders-a-0 was replaced meanwhile; the new Pod is not touched.")]
    [InlineData("u1", true, "orders-a-0 is shutting down already.")]
    public void Delete_OnlyTheVeryPod(string uid, bool deleting, string? said) =>
        Assert.Equal(said, DeleteWithPreconditions.Check(new ReplaceAct("s", "redis", "shard-a", "orders-a-0", "u1", false), uid, deleting));
}
