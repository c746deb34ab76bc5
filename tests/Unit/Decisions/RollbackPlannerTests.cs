using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>Whether there is a way back, what it would do, and what is left where there is none.</summary>
public sealed class RollbackPlannerTests
{
    /// <summary>To 8.0.0, whose files 7.2.4 cannot be counted on to read.</summary>
    private static readonly EngineProfile Redis = Make.Redis with { Rollback = new RollbackPolicy { AfterSwitchover = "ifReadable", Alternative = "Restore a backup." } };

    private static readonly TopologySnapshot Cluster = Make.Cluster(2);

    private static Ledger Switched(params string[] shards) => Ledger.Fold([(1, Make.Noon, new RunStarted("p1", "h1")), .. shards.Select((s, i) => (i + 2L, Make.Noon, (RunEvent)new LevelChanged("redis", s, Reversibility.L1)))]);

    private static Result<Plan> Build(Plan plan, Ledger ledger, TopologySnapshot live, string? only = null) => RollbackPlanner.Build("r1", plan, ledger, live, _ => "h2", "p2", "ann", Make.Noon, only);

    [Theory]
    [InlineData("shard-a was switched over", "shard-a")]
    [InlineData("shard-a, shard-b were switched over", "shard-a", "shard-b")]
    public void Build_PastTheSwitchoverWithUnreadableFiles_IsRefusedWithTheLegalAlternative(string said, params string[] shards)
    {
        var plan = Make.Plan(Cluster, Redis, to: "8.0.0");

        var back = Build(plan, Switched(shards), Cluster);
        var outlook = RollbackPlanner.Outlook(plan, Switched(shards), Cluster);

        Assert.Equal($"{said} already, and 7.2.4 cannot be counted on to read what 8.0.0 wrote. Restore a backup.", back.Refusal!.Message);
        Assert.Equal((false, $"No rollback: {said}, and 7.2.4 may not read files of 8.0.0.", "Restore a backup."), (outlook.Allowed, outlook.Text, outlook.Alternative));
        Assert.Equal(shards, outlook.CannotUndo);
    }

    [Fact]
    public void Build_LeaderRunsTheNewVersionThoughTheJournalDoesNotKnow_IsRefused()
    {
        var plan = Make.Plan(Cluster, Redis, to: "8.0.0");
        var moved = Cluster with { Components = [Cluster.Components[0] with { Shards = Cluster.Components[0].Shards.SetItem(0, Cluster.Components[0].Shards[0] with { Instances = [.. Cluster.Components[0].Shards[0].Instances.Select(m => m.Role == "primary" ? DecideBench.On(m, "8.0.0") : m)] }) }] };

        Assert.StartsWith("shard-a was switched over", Build(plan, Switched(), moved).Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_WithoutLeadersAndNoWayBackOnceAMemberJoined_IsRefused()
    {
        var app = Make.Generic with { Rollback = new RollbackPolicy { AfterSwitchover = "no", Alternative = "Roll forward." } };
        var live = Make.Cluster(1, 2, app);
        var plan = Make.Plan(live, app, to: "8.0.0");
        Assert.True(Build(plan, Switched(), live).Ok);

        live = live with { Components = [live.Components[0] with { Shards = [live.Components[0].Shards[0] with { Instances = live.Components[0].Shards[0].Instances.SetItem(0, DecideBench.On(live.Components[0].Shards[0].Instances[0], "8.0.0")) }] }] };

        Assert.StartsWith("shard-a was updated already", Build(plan, Switched(), live).Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Outlook_ClusterOutOfSight_SaysSo() =>
        Assert.Equal((false, "The cluster is not to be seen; a rollback cannot be worked out now."), Said(RollbackPlanner.Outlook(Make.Plan(Cluster), Ledger.Empty, null)));

    [Fact]
    public void Outlook_NothingTouched_SaysSo()
    {
        Assert.Equal((true, "Nothing has been touched yet."), Said(RollbackPlanner.Outlook(Make.Plan(Cluster), Ledger.Empty, Cluster)));
        Assert.Equal((true, "Rolling back now would touch no member; it gives control back."), Said(RollbackPlanner.Outlook(Make.Plan(Cluster), Switched(), Cluster)));
    }

    [Theory]
    [InlineData("Rolling back now: 1 member, last touched first, no switchover.", "orders-a-0")]
    [InlineData("Rolling back now: 2 members, last touched first, 1 switchover.", "orders-a-0", "orders-a-2")]
    [InlineData("Rolling back now: 2 members, last touched first, 2 switchovers.", "orders-a-2", "orders-b-2")]
    public void Outlook_SomeRunTheNewVersion_CountsMembersAndSwitchovers(string said, params string[] updated)
    {
        var live = Cluster with { Components = [Cluster.Components[0] with { Shards = [.. Cluster.Components[0].Shards.Select(s => s with { Instances = [.. s.Instances.Select(m => updated.Contains(m.Name) ? DecideBench.On(m, "7.2.5") : m)] })] }] };

        Assert.Equal((true, said), Said(RollbackPlanner.Outlook(Make.Plan(Cluster), Switched(), live)));
    }

    [Fact]
    public void Outlook_KnowsTheNewestBackup()
    {
        Assert.Null(RollbackPlanner.Outlook(Make.Plan(Cluster), Switched(), Cluster).Backup);
        var backed = Cluster with { Backups = [new BackupFact("b-1", "redis", "datafile", "Completed", Make.Noon.AddHours(-2))] };

        Assert.Equal("Newest backup of redis: b-1, complete at 2026-11-22 10:00 UTC.", RollbackPlanner.Outlook(Make.Plan(Cluster), Switched(), backed).Backup);
    }

    private static readonly FinaliserSpec Level = new("Raise the level") { Check = ["level"], Raised = "level {to}.", Raise = ["raise"], Lower = ["lower"], Lowered = "level {from}." };

    private static (Plan Plan, Ledger Ledger) Finalised(FinaliserSpec? finaliser)
    {
        var profile = Make.Redis with { Finaliser = finaliser, Rollback = new RollbackPolicy { AfterSwitchover = "yes", Alternative = "Restore a backup." } };
        return (Make.Plan(Cluster, profile), Ledger.Fold([(1, Make.Noon, new RunStarted("p1", "h1")), (2, Make.Noon, new LevelChanged("redis", "shard-a", Reversibility.L2)), (3, Make.Noon, new LevelChanged("redis", "shard-b", Reversibility.L2))]));
    }

    [Fact]
    public void Finalised_WithoutAWayDown_IsRefused()
    {
        var (plan, ledger) = Finalised(Level with { Lower = [], Lowered = "" });

        Assert.Equal("The point of no return is passed (Raise the level): 7.2.4 does not read what is there now. Restore a backup.", Build(plan, ledger, Cluster).Refusal!.Message);
        Assert.Equal((false, "No rollback: the point of no return is passed (Raise the level)."), Said(RollbackPlanner.Outlook(plan, ledger, Cluster)));
    }

    [Fact]
    public void Finalised_WithAWayDown_LowersFirst_ButNeverForOneShardAlone()
    {
        var (plan, ledger) = Finalised(Level);

        Assert.True(Build(plan, ledger, Cluster).Value!.LowersFirst);
        Assert.Equal((true, "Rolling back now first takes back “Raise the level”, then 0 members, last touched first."), Said(RollbackPlanner.Outlook(plan, ledger, Cluster)));
        Assert.StartsWith("The point of no return is passed (Raise the level), and that is a matter of the whole cluster", Build(plan, ledger, Cluster, "redis/shard-a").Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneShard_ThatIsNotThere_OrSharesItsTemplate_IsRefused()
    {
        var plan = Make.Plan(Cluster);
        Assert.StartsWith("There is no shard redis/shard-x in this plan; there are: redis/shard-a, redis/shard-b.", Build(plan, Switched(), Cluster, "redis/shard-x").Refusal!.Message, StringComparison.Ordinal);

        var gone = Cluster with { Components = [] };
        Assert.Equal("shard-a is not to be seen now.", Build(plan, Switched(), gone, "redis/shard-a").Refusal!.Message);

        var shared = Cluster with { Components = [Cluster.Components[0] with { Workloads = [Cluster.Components[0].Workloads[0] with { Shards = ["shard-a", "shard-b"] }] }] };
        Assert.StartsWith("shard-a cannot go alone: orders-a has one template for 2 shards", Build(plan, Switched(), shared, "redis/shard-a").Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneShard_Alone_LeavesTheOthersOutAndSaysSoInItsName()
    {
        var back = Build(Make.Plan(Cluster), Switched(), Cluster, "redis/shard-b").Value!;

        Assert.True(back.Partial);
        Assert.Equal("test-shard-b-rollback", back.Spec.Name);
        Assert.Equal(["shard-b"], Assert.Single(back.Components).Shards.Select(s => s.Name));
        Assert.Equal(["orders-b"], back.Components[0].Targets.Select(t => t.Workload));
    }

    [Fact]
    public void Forward_Again_SaysWhatItWouldMove()
    {
        var back = Build(Make.Plan(Cluster), Switched(), Cluster).Value!;

        Assert.Equal((false, "The cluster is not to be seen; what going forward again means cannot be worked out now."), Said(RollForwardPlanner.Outlook(back, null)));
        Assert.Equal((true, "Going forward again: 6 members in 2 shards, by the first plan's stages and gates."), Said(RollForwardPlanner.Outlook(back, Cluster)));
        var one = Cluster with { Components = [Cluster.Components[0] with { Shards = [.. Cluster.Components[0].Shards.Select(s => s with { Instances = [.. s.Instances.Select(m => m.Name == "orders-b-1" ? m : DecideBench.On(m, "7.2.5"))] })] }] };
        Assert.Equal((true, "Going forward again: 1 member in 1 shard, by the first plan's stages and gates."), Said(RollForwardPlanner.Outlook(back, one)));
        var all = Cluster with { Components = [Cluster.Components[0] with { Shards = [.. Cluster.Components[0].Shards.Select(s => s with { Instances = [.. s.Instances.Select(m => DecideBench.On(m, "7.2.5"))] })] }] };
        Assert.Equal((true, "Every member runs the newer version still."), Said(RollForwardPlanner.Outlook(back, all)));
    }

    [Theory]
    [InlineData(0, "by the stages of the first plan.")]
    [InlineData(1, "by the stages of the first plan; its gate is asked again.")]
    [InlineData(2, "by the stages of the first plan; its 2 gates are asked again.")]
    public void Forward_Again_SaysHowManyGatesAreAsked(int gates, string ending)
    {
        var plan = Make.Plan(Cluster, gate: new GateSpec());
        var stages = plan.Components[0].Stages;
        plan = plan with { Components = [plan.Components[0] with { Stages = [.. stages.Select((s, i) => s with { Gate = i < gates ? new GateSpec() : null })] }] };
        var back = Build(plan, Switched(), Cluster).Value!;

        var forward = RollForwardPlanner.Build("r2", back, plan, Ledger.Empty, Cluster, _ => "h3", "p3", "ann", Make.Noon).Value!;

        Assert.EndsWith(ending, forward.Findings.First(f => f.Rule == RollForwardPlanner.Rule).Message, StringComparison.Ordinal);
    }

    private static (bool Allowed, string Text) Said(RollbackOutlook o) => (o.Allowed, o.Text);
}
