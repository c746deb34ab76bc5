using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions.Rules;

/// <summary>What is known of members, what a rule saw when it allowed, and what the journal makes of lines that do not fit.</summary>
public sealed class KnowledgeTests
{
    private static string[] Seen(ShardBench bench) => [.. RuleEvidence.Replacement(bench.Context, bench[0], new ShardTurn(0, 1), []).Select(e => $"{e.What}: {e.Value}")];

    [Fact]
    public void Replacement_Saw_TheBudgetTheCooldownAndWhoLeads()
    {
        var bench = new ShardBench { Budget = new BudgetStatus("orders-pdb", 2) };
        bench.Plan = bench.Plan with { Spec = bench.Plan.Spec with { Safety = new SafetySpec { Cooldown = new CooldownSpec { Member = TimeSpan.FromMinutes(1) } } } };

        Assert.Contains("orders-pdb disruptionsAllowed: 2", Seen(bench));
        Assert.Contains("last member replaced: none yet", Seen(bench));
        Assert.Contains("leader of shard-a: orders-a-2", Seen(bench));

        bench.After(new StepStarted("s", StepKind.Replace, "redis", "all", "shard-a", "orders-a-1", 1, null), new StepFinished("s", 1, StepState.Succeeded, null));
        Assert.Contains("last member replaced: orders-a-1, 1 s ago", Seen(bench));
    }

    [Fact]
    public void Replacement_OfWhatNobodyLeads_SaysSo()
    {
        var bench = new ShardBench().With(m => m.Down());

        Assert.Contains("leader of shard-a: none, no member is up", Seen(bench));
        Assert.DoesNotContain(Seen(bench), e => e.StartsWith("role of orders-a-1", StringComparison.Ordinal) && e.EndsWith("primary", StringComparison.Ordinal));
        Assert.DoesNotContain(Seen(new ShardBench(3, Make.Generic)), e => e.StartsWith("leader of", StringComparison.Ordinal) || e.StartsWith("role of", StringComparison.Ordinal));
    }

    [Fact]
    public void Replacement_UnderAQuorum_CountsTheVotersThatStay() =>
        Assert.Contains("voters of shard-a that stay: 2 of 3; 2 needed", Seen(new ShardBench(3, Make.Redis with { Quorum = true, Roles = [.. Make.Redis.Roles.Select(r => r with { Votes = true })] })));

    [Fact]
    public void Singleton_Saw_ThatTheOutageIsAcknowledged()
    {
        Assert.Empty(RuleEvidence.Singleton(new ShardBench().Context));
        Assert.Equal("1; the outage is acknowledged in the plan", Assert.Single(RuleEvidence.Singleton(new ShardBench(1).Context)).Value);
        var bench = new ShardBench(1);
        bench.Plan = bench.Plan with { Spec = bench.Plan.Spec with { Safety = new SafetySpec { HandoverWindow = new WindowSpec("0 11 * * *", TimeSpan.FromHours(2), "UTC") } } };
        Assert.Equal(2, RuleEvidence.Singleton(bench.Context).Length);
    }

    [Fact]
    public void Lag_NamesWhoMeasuredIt()
    {
        var m = new ShardBench()[0];

        Assert.Equal("nobody measures it", RuleEvidence.Lag(m with { LagSource = "" }, Make.Noon).Source);
        Assert.Equal(("redis-cli", Make.Noon.AddSeconds(-3)), (RuleEvidence.Lag((m with { LagSource = "redis-cli" }).Asked(3), Make.Noon).Source, RuleEvidence.Lag((m with { LagSource = "redis-cli" }).Asked(3), Make.Noon).At));
        Assert.Equal(Make.Noon, RuleEvidence.Lag(m with { LagSource = "redis-cli", Probe = null }, Make.Noon).At);
    }

    [Theory]
    [InlineData(2, "The role label of orders-a-0 must stand still until 12:00:08 UTC, since no probe can run there.")]
    [InlineData(60, null)]
    public void FreshRole_Label_MustStandStill(double secondsAgo, string? said)
    {
        var bench = new ShardBench().With(0, m => m.Labelled("secondary", secondsAgo)).With(1, m => m.Labelled("secondary", secondsAgo + 1));

        Assert.Equal(said, FreshRoleBeforeAct.Check(bench.Context).Reason?.Text);
    }

    [Fact]
    public void FreshRole_LabelMissing_IsWaitedFor() =>
        Assert.StartsWith("The role label of orders-a-0 must stand still until 12:00:05 UTC", FreshRoleBeforeAct.Check(new ShardBench().With(0, m => m.Labelled(null, 60)).Context).Reason!.Text, StringComparison.Ordinal);

    [Fact]
    public void Label_CountsFromTheRestart_IfThatCameLater()
    {
        var bench = new ShardBench().With(0, m => m.Labelled("secondary", 60) with { StartedAt = Make.Noon.AddSeconds(-3) });

        Assert.False(bench.Context.RoleOf(bench[0]).Confirmed);
        Assert.True(new ShardBench().With(0, m => m.Labelled("secondary", 60) with { StartedAt = null }) is { } still && still.Context.RoleOf(still[0]).Confirmed);
    }

    [Theory]
    [InlineData("3", "3", true)]
    [InlineData("3", "4", false)]
    [InlineData("3", null, false)]
    [InlineData(null, "4", true)]
    public void Handover_ToAnotherHistory_IsRefused(string? leads, string? follows, bool allowed)
    {
        var profile = Make.Redis with { Probe = Make.Redis.Probe! with { SameAsLeader = ["timeline"] } };
        Instance Told(Instance m, string? timeline) => m with { Probe = m.Probe! with { Values = timeline is null ? m.Probe.Values : m.Probe.Values.SetItem("timeline", timeline) } };
        var bench = new ShardBench(2, profile) { Template = "7.2.5" }.With(0, m => Told(m.On("7.2.5"), follows)).With(1, m => Told(m, leads));

        var (target, verdict) = HandoverTargetEligible.Choose(bench.Context, bench[1]);

        Assert.Equal(allowed, target is not null);
        if (!allowed)
            Assert.Equal($"orders-a-0 cannot take over: its timeline is {follows ?? "missing"}, that of orders-a-1 is 3.", verdict.Reason!.Text);
    }

    [Fact]
    public void Invitation_IsOpenUsedRevokedOrExpired()
    {
        var open = new InvitationEntry("i", "bob", [], "h", "ann", Make.Noon, Make.Noon.AddHours(1));

        Assert.Equal(["open", "expired", "used", "revoked"], new[] { open.StateAt(Make.Noon), open.StateAt(Make.Noon.AddHours(1)), (open with { UsedAt = Make.Noon }).StateAt(Make.Noon), (open with { RevokedAt = Make.Noon }).StateAt(Make.Noon) });
    }

    [Fact]
    public void Journal_LinesThatDoNotFit_ChangeNothing()
    {
        var ledger = Ledger.Fold([(1, Make.Noon, new RunStarted("p1", "h1")), (2, Make.Noon, new StepStarted("s", StepKind.Hold, "redis", "hold", null, null, 1, null))]);

        Assert.Same(ledger.Steps, ledger.Apply(3, Make.Noon, new StepFinished("other", 1, StepState.Succeeded, null)).Steps);
        Assert.Same(ledger.Steps, ledger.Apply(3, Make.Noon, new ActReturned("other", 1, ActStatus.Accepted, new Reason("x"))).Steps);
        Assert.Same(ledger.Steps, ledger.Apply(3, Make.Noon, new ActReturned("s", 9, ActStatus.Accepted, new Reason("x"))).Steps);
        Assert.Empty(ledger.Apply(3, Make.Noon, new ObligationReturned("Drain", "nobody", "x")).Obligations);
    }

    [Fact]
    public void Journal_Refusals_AreKeptUntilTheStepBegins()
    {
        var ledger = Ledger.Empty.Apply(1, Make.Noon, new RuleRefused("s", new Reason("a", "A"))).Apply(2, Make.Noon, new RuleRefused("s", new Reason("b", "B")));

        Assert.Equal(["A", "B"], ledger.Refusals["s"]);
        Assert.Empty(ledger.Apply(3, Make.Noon, new StepStarted("s", StepKind.Hold, "redis", "hold", null, null, 1, null)).Refusals);
    }

    [Fact]
    public void Journal_ObligationTakenTwice_KeepsTheFirstAndIsTakenAnewOnceReturned()
    {
        var ledger = Ledger.Empty.Apply(1, Make.Noon, new ObligationTaken("Drain", "m", "r1")).Apply(2, Make.Noon, new ObligationTaken("Drain", "m", "r2"));
        Assert.Equal("r1", ledger.Obligations["m"].Owner);

        ledger = ledger.Apply(3, Make.Noon, new ObligationReturned("Drain", "m", "back")).Apply(4, Make.Noon, new ObligationTaken("Drain", "m", "r2"));
        Assert.Equal(("r2", 4L), (ledger.Obligations["m"].Owner, ledger.Obligations["m"].Seq));
    }

    [Theory]
    [InlineData("finalise: {}")]
    [InlineData("finalise: { soak: 5m }")]
    [InlineData("finalise: { gate: { approvals: 2 } }")]
    [InlineData("safety:\n    cooldown: { member: 30s }")]
    [InlineData("safety:\n    cooldown: { shard: 5m }")]
    [InlineData("safety:\n    cooldown: { zone: 2m }")]
    public void Writer_WhatWasReadInPart_IsWrittenInPart(string part)
    {
        var text = $"apiVersion: rollcall.dev/v1alpha1\nkind: RolloutPlan\nmetadata: {{ name: p, namespace: demo }}\nspec:\n  target: {{ kind: StatefulSetGroup, name: orders }}\n  changes: [{{ component: redis, serviceVersion: 7.2.5 }}]\n  {part}\n";

        Assert.Contains(part.Split('\n')[^1].Trim(), PlanSpecWriter.ToYaml(PlanSpecReader.Read(text).Value!), StringComparison.Ordinal);
    }
}
