using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Unit.Decisions.Rules;

/// <summary>
/// One shard as a rule sees it: shard-a of a cluster with members orders-a-0 …, all Ready on 7.2.4, the highest ordinal leads, everybody has just said so; the plan goes to 7.2.5. A test changes what
/// it is about and asks the rule.
/// </summary>
internal sealed class ShardBench
{
    private readonly Instance[] _members;

    public ShardBench(int members = 3, EngineProfile? profile = null)
    {
        var cluster = Make.Cluster(1, members, profile);
        _members = [.. cluster.Components[0].Shards[0].Instances];
        Topology = cluster;
        Plan = Make.Plan(cluster, profile);
    }

    public TopologySnapshot Topology { get; set; }
    public Plan Plan { get; set; }
    public Ledger Ledger { get; set; } = Ledger.Empty;
    public DateTimeOffset Now { get; set; } = Make.Noon;
    public BudgetStatus? Budget { get; set; }
    /// <summary>What the template asks for; the members stay what they are.</summary>
    public string Template { get; set; } = "7.2.4";

    public Instance this[int member] => _members[member];

    public ShardBench With(int member, Func<Instance, Instance> change)
    {
        _members[member] = change(_members[member]);
        return this;
    }

    public ShardBench With(Func<Instance, Instance> change)
    {
        for (var i = 0; i < _members.Length; i++)
            With(i, change);
        return this;
    }

    /// <summary>These events, a second apart, up to now.</summary>
    public ShardBench After(params RunEvent[] events)
    {
        Ledger = Ledger.Fold(events.Select((e, i) => ((long)i + 1, Now.AddSeconds(i - events.Length), e)));
        return this;
    }

    public ShardContext Context
    {
        get
        {
            var shard = Topology.Components[0].Shards[0] with { Instances = [.. _members], Budget = Budget };
            var workload = Topology.Components[0].Workloads[0] with { TargetVersion = Template, Images = Images(Template) };
            var live = Topology.Components[0] with { Shards = [shard], Workloads = [workload] };
            var state = new DecisionState { RunId = "r1", Plan = Plan, Topology = Topology with { Components = [live] }, Ledger = Ledger, Now = Now };
            return new ShardContext(state, Plan.Components[0], Plan.Components[0].Shards[0], live, shard, [workload]);
        }
    }

    public static ImmutableSortedDictionary<string, string> Images(string version) => ImmutableSortedDictionary<string, string>.Empty.Add("redis", $"redis:{version}");
}

/// <summary>What may have become of a member.</summary>
internal static class Members
{
    public static Instance On(this Instance i, string version) => i with { Version = version, Images = ShardBench.Images(version) };

    /// <summary>It runs, but is not Ready.</summary>
    public static Instance Down(this Instance i) => i with { Ready = false };

    /// <summary>Its container waits or has ended.</summary>
    public static Instance Dead(this Instance i, string problem = "CrashLoopBackOff") => i with { Ready = false, Dead = true, Problem = problem };

    public static Instance Asked(this Instance i, double secondsAgo) => i with { Probe = i.Probe! with { At = Make.Noon.AddSeconds(-secondsAgo) } };

    public static Instance Says(this Instance i, string? role) => i with { Probe = i.Probe! with { Role = role }, Role = role };

    /// <summary>No probe can run in it; what is known is its label, unchanged for so long.</summary>
    public static Instance Labelled(this Instance i, string? role, double secondsAgo) => i with
    {
        Role = role, LabelRole = role, LabelRoleSince = Make.Noon.AddSeconds(-secondsAgo), Probe = new Reading { At = Make.Noon, Uid = i.Uid, Source = "redis-cli", CannotRun = true, Error = "exec forbidden" },
    };
}
