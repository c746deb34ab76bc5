using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Decisions;

/// <summary>
/// A run in the middle of its way, as Decide sees it: shard-a (and more) of three members on 7.2.4, the highest ordinal leads, everything held by run r1, the template written to 7.2.5. A test changes what
/// it is about, says what has happened, and asks what is next.
/// </summary>
internal sealed class DecideBench
{
    private readonly List<RunEvent> _events = [new RunStarted("p1", "h1")];

    public DecideBench(int shards = 1, int members = 3, EngineProfile? profile = null)
    {
        Topology = Make.Cluster(shards, members, profile);
        Plan = Make.Plan(Topology, profile);
        Workloads(w => Written(w, "7.2.5") with { Strategy = "OnDelete", Held = new Custody("me", "r1", null) });
        Did(StepIds.Hold("redis"), StepKind.Hold, new HoldAct(StepIds.Hold("redis"), "redis", [.. Component.Workloads.Select(w => w.Name)]));
        foreach (var w in Component.Workloads)
            Did(StepIds.Retarget("redis", w.Name), StepKind.Retarget, new RetargetAct(StepIds.Retarget("redis", w.Name), "redis", [w.Name], Plan.Components[0].To));
    }

    public TopologySnapshot Topology { get; set; }
    public Plan Plan { get; set; }
    public DateTimeOffset Now { get; set; } = Make.Noon;
    public Component Component => Topology.Components[0];
    public PlannedStage Stage { get => Plan.Components[0].Stages[0]; set => Plan = Plan with { Components = [Plan.Components[0] with { Stages = [value] }] }; }
    /// <summary>A second apart, the last a second ago.</summary>
    public Ledger Ledger => Ledger.Fold(_events.Select((e, i) => ((long)i + 1, Make.Noon.AddSeconds(i - _events.Count), e)));

    /// <summary>Time passes; the members have just been asked again.</summary>
    public DecideBench Later(TimeSpan by)
    {
        Now += by;
        Topology = Topology with { ObservedAt = Now };
        return Change(c => c with { Shards = [.. c.Shards.Select(s => s with { Instances = [.. s.Instances.Select(m => m with { Probe = m.Probe is { } p ? p with { At = Now } : null })] })] });
    }

    public DecideBench After(params RunEvent[] events)
    {
        _events.AddRange(events);
        return this;
    }

    /// <summary>A step that was asked for and, by what the cluster shows, is done.</summary>
    public DecideBench Did(string id, StepKind kind, Act? act, string? shard = null, string? instance = null, string? role = null, string stage = "all") => After(
        new StepStarted(id, kind, "redis", stage, shard, instance, 1, act) { Role = role, Title = id },
        new ActReturned(id, 1, ActStatus.Accepted, new Reason("It said so.")),
        new StepFinished(id, 1, StepState.Succeeded, null));

    /// <summary>A step that was asked for; nothing is to be seen yet.</summary>
    public DecideBench Asked(string id, StepKind kind, Act? act, string? shard = null, string? instance = null, ActStatus? answer = ActStatus.Accepted, int attempts = 1, string? role = null)
    {
        for (var i = 1; i <= attempts; i++)
        {
            After(new StepStarted(id, kind, "redis", "all", shard, instance, i, act) { Role = role, Title = id });
            if (answer is { } status)
                After(new ActReturned(id, i, status, new Reason("It said so.")));
        }
        return this;
    }

    /// <summary>This member was replaced, caught up and runs the new version.</summary>
    public DecideBench Updated(int member, string shard = "a")
    {
        var name = $"orders-{shard}-{member}";
        Member(name, m => On(m, "7.2.5") with { Uid = $"{name}-new", Probe = m.Probe! with { Uid = $"{name}-new" } });
        Did(StepIds.Replace("redis", $"shard-{shard}", name), StepKind.Replace, new ReplaceAct(StepIds.Replace("redis", $"shard-{shard}", name), "redis", $"shard-{shard}", name, $"{name}-uid", false), $"shard-{shard}", name, "secondary");
        return Did(StepIds.Sync("redis", $"shard-{shard}", name), StepKind.WaitInSync, null, $"shard-{shard}", name);
    }

    public DecideBench Member(string name, Func<Instance, Instance> change)
    {
        Change(c => c with { Shards = [.. c.Shards.Select(s => s with { Instances = [.. s.Instances.Select(m => m.Name == name ? change(m) : m)] })] });
        return this;
    }

    public DecideBench Workloads(Func<Workload, Workload> change)
    {
        Change(c => c with { Workloads = [.. c.Workloads.Select(change)] });
        return this;
    }

    public DecideBench Change(Func<Component, Component> change)
    {
        Topology = Topology with { Components = [change(Topology.Components[0])] };
        return this;
    }

    public static Workload Written(Workload w, string version) => w with { TargetVersion = version, Images = Images(version) };

    public static Instance On(Instance m, string version) => m with { Version = version, Images = Images(version) };

    private static ImmutableSortedDictionary<string, string> Images(string version) => ImmutableSortedDictionary<string, string>.Empty.Add("redis", $"redis:{version}");

    public Decision Decide() => new Decider().Decide(new DecisionState { RunId = "r1", Plan = Plan, Topology = Topology, Ledger = Ledger, Now = Now });

    public RunPaused Pause() => Assert.IsType<RunPaused>(Assert.Single(Decide().Record));

    public Act Act() => Assert.Single(Decide().Acts).Act;

    /// <summary>What the run waits for, in words.</summary>
    public string[] Waits() => [.. Decide().Waits.Select(w => w.Reason.Text)];
}
