using Rollcall.Engine.Decisions;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>Where hooks stand among the steps, by the preview, which runs the very Decide that a run does.</summary>
public sealed class HookOrderTests
{
    private static readonly HookSpec[] Everywhere = [.. HookPoints.OfStages.Select(p => Make.Hook(p.ToLowerInvariant(), p))];

    private static Plan Preview(TopologySnapshot cluster, Plan plan) => Previewer.Complete(plan, cluster, Make.Noon);

    private static string[] Steps(Plan plan) => [.. plan.Steps.Where(s => s.Kind is StepKind.Hook or StepKind.Replace or StepKind.Switchover or StepKind.WaitInSync or StepKind.Soak or StepKind.Gate).Select(s => s.Id)];

    [Fact]
    public void Hooks_AtEveryPoint_StandWhereTheirNamesSay()
    {
        var cluster = Make.Cluster(1, 2);
        var plan = Preview(cluster, Make.Hooked(Make.Plan(cluster), Everywhere));

        Assert.Empty(plan.Findings.Where(f => f.Severity == Severity.Error));
        Assert.Equal(
        [
            "redis.all.hook.beforestage",
            "redis.all.hook.beforeshard.shard-a",
            "redis.all.hook.beforeinstance.shard-a.orders-a-0",
            "redis.shard-a.replace.orders-a-0",
            "redis.shard-a.sync.orders-a-0",
            "redis.all.hook.afterinstance.shard-a.orders-a-0",
            "redis.all.hook.beforeswitchover.shard-a",
            "redis.shard-a.switchover",
            "redis.all.hook.afterswitchover.shard-a",
            "redis.all.hook.beforeinstance.shard-a.orders-a-1",
            "redis.shard-a.replace.orders-a-1",
            "redis.shard-a.sync.orders-a-1",
            "redis.all.hook.afterinstance.shard-a.orders-a-1",
            "redis.all.hook.aftershard.shard-a",
            "redis.all.hook.afterstage",
        ], Steps(plan));
        Assert.All(plan.Steps.Where(s => s.Kind == StepKind.Hook), s => Assert.Equal(3, s.EstimateSeconds));
    }

    [Fact]
    public void Hooks_OfAStageWithGateAndSoak_ComeAfterTheGateAndBeforeTheSoak()
    {
        var cluster = Make.Cluster(2, 1);
        var plan = Make.Plan(cluster, gate: new GateSpec(), soak: TimeSpan.FromMinutes(1));
        var steps = Steps(Preview(cluster, Make.Hooked(plan, Make.Hook("in", HookPoints.BeforeStage), Make.Hook("out", HookPoints.AfterStage))));

        Assert.Equal(["redis.canary.hook.in", "redis.shard-a.replace.orders-a-0", "redis.shard-a.sync.orders-a-0", "redis.canary.hook.out", "redis.canary.soak", "redis.rest.gate", "redis.rest.hook.in"], steps.Take(7));
    }

    [Fact]
    public void Hook_ForTheLeader_MeansWhoLedBeforeTheSwitchover()
    {
        var cluster = Make.Cluster(1, 3);
        var steps = Steps(Preview(cluster, Make.Hooked(Make.Plan(cluster), Make.Hook("save", HookPoints.BeforeInstance, "primary"))));

        Assert.Equal("redis.all.hook.save.shard-a.orders-a-2", Assert.Single(steps, s => s.Contains("hook", StringComparison.Ordinal)));
        Assert.Equal("redis.shard-a.replace.orders-a-2", steps[Array.IndexOf(steps, "redis.all.hook.save.shard-a.orders-a-2") + 1]);
    }

    [Fact]
    public void Hook_ForFollowers_LeavesTheLeaderOut()
    {
        var cluster = Make.Cluster(1, 3);
        var steps = Steps(Preview(cluster, Make.Hooked(Make.Plan(cluster), Make.Hook("save", HookPoints.BeforeInstance, "secondary"))));

        Assert.Equal(["redis.all.hook.save.shard-a.orders-a-0", "redis.all.hook.save.shard-a.orders-a-1"], steps.Where(s => s.Contains("hook", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Hooks_OfOnePoint_RunInTheOrderWritten()
    {
        var cluster = Make.Cluster(1, 1);
        var steps = Steps(Preview(cluster, Make.Hooked(Make.Plan(cluster), Make.Hook("z", HookPoints.BeforeStage), Make.Hook("a", HookPoints.BeforeStage))));

        Assert.Equal(["redis.all.hook.z", "redis.all.hook.a"], steps.Take(2));
    }

    [Fact]
    public void Hooks_AroundARollback_AreItsFirstAndLast()
    {
        var cluster = Make.Cluster(1, 2);
        var forward = Make.Hooked(Make.Plan(cluster), Make.Hook("stop", HookPoints.BeforeRollback), Make.Hook("tell", HookPoints.AfterRollback), Make.Hook("never", HookPoints.BeforeInstance));
        var half = cluster with { Components = [cluster.Components[0] with { Shards = [cluster.Components[0].Shards[0] with { Instances = [Make.Member("orders-a-0", 0, "secondary", "orders-a", "7.2.5"), cluster.Components[0].Shards[0].Instances[1]] }] }] };
        var back = RollbackPlanner.Build("r1", forward, Ledger.Empty, half, p => "h2", "p2", "ann", Make.Noon);

        Assert.True(back.Ok, back.Refusal?.Message);
        var steps = Steps(back.Value);
        Assert.Equal(("redis.rollback.hook.stop", "redis.rollback.hook.tell"), (steps[0], steps[^1]));
        Assert.Equal(2, steps.Count(s => s.Contains("hook", StringComparison.Ordinal)));
    }

    [Fact]
    public void Hook_InAMemberThatIsDead_IsSkippedAndSaysSo()
    {
        var cluster = Make.Cluster(1, 3);
        var shard = cluster.Components[0].Shards[0];
        var dead = shard with { Instances = [shard.Instances[0] with { Ready = false, Dead = true, Problem = "CrashLoopBackOff" }, shard.Instances[1], shard.Instances[2]] };
        cluster = cluster with { Components = [cluster.Components[0] with { Shards = [dead], Workloads = [.. cluster.Components[0].Workloads.Select(w => w with { Strategy = "OnDelete", Held = new Custody("me", "r1", null), TargetVersion = "7.2.5", Images = w.Images.SetItem("redis", "redis:7.2.5") })] }] };
        var plan = Make.Hooked(Make.Plan(Make.Cluster(1, 3)), Make.Hook("save", HookPoints.BeforeInstance));
        var ledger = Ledger.Empty.Apply(1, Make.Noon, new RunStarted("p1", "h1")).Apply(2, Make.Noon, new StepStarted("redis.hold", StepKind.Hold, "redis", "hold", null, null, 1, null)).Apply(3, Make.Noon, new StepFinished("redis.hold", 1, StepState.Succeeded, null));

        var decision = new Decider().Decide(new DecisionState { RunId = "r1", Plan = plan, Topology = cluster, Ledger = ledger, Now = Make.Noon });

        var skipped = Assert.IsType<StepFinished>(decision.Record[^1]);
        Assert.Equal(("redis.all.hook.save.shard-a.orders-a-0", StepState.Skipped), (skipped.Step, skipped.State));
        Assert.Contains("CrashLoopBackOff", skipped.Reason!.Text, StringComparison.Ordinal);
    }
}
