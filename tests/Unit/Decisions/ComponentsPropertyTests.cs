using System.Collections.Immutable;
using CsCheck;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>An engine of several components: config servers, shards, routers, each by its own part of the profile, in order up and in reverse down.</summary>
public sealed class ComponentsPropertyTests
{
    private static readonly Gen<(int Seed, int Shards, int Routers)> Shapes = Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[1, 3], Gen.Int[1, 3]);

    private static readonly EngineProfile Sharded = Make.Redis with
    {
        Name = "sharded", LeaderMajority = false, ComponentsUp = ["config", "*", "router"], ComponentsDown = ["router", "*", "config"],
        Versions = new VersionSpec(), Rollback = new RollbackPolicy(),
        Sections = [new ComponentSection(["router"], Make.Generic with { Name = "sharded" })],
    };

    private static (ToyCluster Cluster, Plan Plan) Start((int Seed, int Shards, int Routers) x, double faults)
    {
        var cluster = new ToyCluster(x.Seed, faults, ("router", 1, x.Routers, false), ("data", x.Shards, 3, true), ("config", 1, 3, true));
        cluster.Answer(cluster.Groups.SelectMany(g => g.Members.Select(m => new ProbeRequest(g.Component, g.Name, m.Name, TimeSpan.Zero))));
        var live = cluster.Show();
        VersionRef Ref(string v) => new() { Version = v, Images = ImmutableSortedDictionary<string, string>.Empty.Add("redis", $"redis:{v}") };
        var components = live.Components.Select(c => new PlannedComponent
        {
            Name = c.Name, From = Ref("7.2.4"), To = Ref("7.2.5"),
            Targets = [.. c.Workloads.Select(w => new WorkloadTarget(w.Name, Ref("7.2.4"), Ref("7.2.5")))],
            Shards = [.. c.Shards.Select(s => new ShardBaseline(s.Name, [.. s.Instances.Select(i => i.Name)]))],
            Stages = [new PlannedStage { Name = "all", Shards = [.. c.Shards.Select(s => s.Name)] }],
        }).ToImmutableArray();
        var plan = Make.Plan(Make.Cluster(), Sharded) with { Components = ComponentOrder.Sort(Sharded, components) };
        return (cluster, plan);
    }

    private static string[] Phases(IEnumerable<string> order)
    {
        var phases = new List<string>();
        foreach (var component in order)
            if (phases.Count == 0 || phases[^1] != component)
                phases.Add(component);
        return [.. phases];
    }

    [Fact]
    public void Decide_SeveralComponents_ConfigThenShardsThenRoutersOneSwitchoverWhereSomebodyLeads() => Shapes.Sample(x =>
    {
        var (cluster, plan) = Start(x, faults: 0);
        var run = new ToyRun(plan, cluster, "r1", x.Seed, crashes: 0.05);
        run.Go();

        Assert.True(run.Ledger.Final == RunState.Succeeded, run.Last.Reason?.Text);
        Assert.Empty(cluster.Violations);
        Assert.Empty(run.SilentWaits);
        Assert.Equal(["config", "data", "router"], Phases(cluster.Order));
        Assert.Equal(x.Shards + 1, cluster.Switchovers);
        Assert.All(cluster.Groups, g => Assert.Null(g.HeldBy));
    }, iter: 100);

    [Fact]
    public void Decide_RollbackAtAnyPoint_GoesTheOtherWayRound() => Gen.Select(Shapes, Gen.Int[1, 80]).Sample((x, events) =>
    {
        var (cluster, plan) = Start(x, faults: 0);
        var run = new ToyRun(plan, cluster, "r1", x.Seed, 0);
        run.Go(until: _ => run.Journal.Count >= events);
        var back = RollbackPlanner.Build("r1", plan, run.Ledger, cluster.Show(), _ => "h2", "p2", "dba", cluster.Now);
        Assert.True(back.Ok, back.Refusal?.Message);
        var before = cluster.Order.Count;
        var rollback = new ToyRun(back.Value, cluster, "r2", x.Seed, 0.05);
        rollback.Go();

        Assert.True(rollback.Ledger.Final == RunState.Succeeded, rollback.Last.Reason?.Text);
        Assert.Empty(cluster.Violations);
        string[] wanted = ["router", "data", "config"];
        var phases = Phases(cluster.Order.Skip(before));
        Assert.Equal(wanted.Where(phases.Contains), phases);
        Assert.All(cluster.Groups.SelectMany(g => g.Members), m => Assert.Equal("7.2.4", m.Version));
    }, iter: 150);

    [Fact]
    public void Decide_Faults_PromisesHoldInEveryComponent() => Shapes.Sample(x =>
    {
        var (cluster, plan) = Start(x, faults: 0.4);
        var run = new ToyRun(plan, cluster, "r1", x.Seed, 0);
        run.Go();

        Assert.Empty(cluster.Violations);
        Assert.Empty(run.SilentWaits);
        Assert.True(run.Ledger.Final == RunState.Succeeded || run.Ledger.Pause is not null, $"{run.Last.State}: {run.Last.Reason?.Text}");
    }, iter: 100);

    [Fact]
    public void Preview_SeveralComponents_StepsInTheSameOrder()
    {
        var (cluster, plan) = Start((7, 2, 2), faults: 0);

        var preview = Previewer.Complete(plan, cluster.Show(), cluster.Now);

        Assert.DoesNotContain(preview.Findings, f => f.Severity == Severity.Error);
        Assert.Equal(["config", "data", "router"], Phases(preview.Steps.Where(s => s.Kind == StepKind.Replace).Select(s => s.Component)));
        Assert.Equal((3, 11), (preview.Totals.Switchovers, preview.Totals.Replacements));
    }

    [Fact]
    public void Preview_LeaderThatHandsOverByStopping_GoesLastWithoutASwitchover()
    {
        var stopping = Make.Redis with { LeaderMajority = false, Switchover = null, Handover = "stop" };
        var live = Make.Cluster(1, 3, stopping);

        var preview = Previewer.Complete(Make.Plan(live, stopping), live, Make.Noon);

        Assert.DoesNotContain(preview.Findings, f => f.Severity == Severity.Error);
        Assert.Equal(0, preview.Totals.Switchovers);
        Assert.Equal(["orders-a-1", "orders-a-0", "orders-a-2"], preview.Steps.Where(s => s.Kind == StepKind.Replace).Select(s => s.Instance));
    }
}
