using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Unit.Decisions;

/// <summary>Small clusters and plans for tests: said in one line, complete enough for Decide.</summary>
public static class Make
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static EngineProfile Redis { get; } = new()
    {
        Name = "redis-cluster", Title = "Redis Cluster", Text = "test",
        Roles = [new RoleSpec("primary", "P", 2, true, true) { Aliases = ["master"] }, new RoleSpec("secondary", "S", 1, false, false) { Aliases = ["slave"] }],
        LeaderMajority = true,
        Probe = new ProbeSpec { Command = ["redis-cli"], Tool = "redis-cli", Reader = "keyValue", Role = "role", Position = ["offset"], Linked = ImmutableSortedDictionary<string, string>.Empty.Add("master_link_status", "up"), Healthy = ImmutableSortedDictionary<string, string>.Empty.Add("cluster_state", "ok") },
        Lag = new LagSpec { MaxBytes = 1 << 20 },
        Switchover = new SwitchoverSpec { On = "to", Command = ["redis-cli", "CLUSTER", "FAILOVER"] },
        Versions = new VersionSpec { ReadableDown = "minor", FollowerNotOlder = true },
        Rollback = new RollbackPolicy { AfterSwitchover = "ifReadable" },
    };

    public static EngineProfile Generic { get; } = new() { Name = "generic", Title = "Service", Text = "test" };

    public static Instance Member(string name, int ordinal, string? role, string workload, string version = "7.2.4") => new()
    {
        Name = name, Ordinal = ordinal, Role = role, Version = version, Updated = true, Ready = true, ReadySince = Noon.AddHours(-1), StartedAt = Noon.AddHours(-1), Uid = $"{name}-uid", Phase = "Running", Workload = workload,
        Images = ImmutableSortedDictionary<string, string>.Empty.Add("redis", $"redis:{version}"), Node = "node-0", LagBytes = role == "secondary" ? 0 : null,
        Probe = role is null ? null : new Reading { At = Noon, Uid = $"{name}-uid", Source = $"redis-cli on {name}", Role = role, Linked = true, Healthy = true, Position = 1000 },
    };

    /// <summary><paramref name="shards"/> StatefulSets a, b, c … of <paramref name="members"/> members; the leader sits on the highest ordinal.</summary>
    public static TopologySnapshot Cluster(int shards = 2, int members = 3, EngineProfile? profile = null, string version = "7.2.4")
    {
        profile ??= Redis;
        var names = Enumerable.Range(0, shards).Select(i => ShardName(i, shards)).ToList();
        return new TopologySnapshot
        {
            Cluster = new ClusterKey("demo", "orders"), Version = "e-1", Kind = ClusterKind.StatefulSetGroup, Profile = profile.Name, Phase = "Running", ObservedAt = Noon,
            Components =
            [
                new Component
                {
                    Name = "redis", Version = version, Versions = [version],
                    Workloads = [.. names.Select(n => new Workload
                    {
                        Name = $"orders-{n}", Uid = $"uid-{n}", Shards = [$"shard-{n}"], Strategy = "RollingUpdate", TargetVersion = version, Observed = true, Settled = true, Replicas = members,
                        Images = ImmutableSortedDictionary<string, string>.Empty.Add("redis", $"redis:{version}"),
                    })],
                    Shards = [.. names.Select(n => new Shard
                    {
                        Name = $"shard-{n}",
                        Instances = [.. Enumerable.Range(0, members).Select(o => Member($"orders-{n}-{o}", o, profile.HasRoles ? o == members - 1 ? "primary" : "secondary" : null, $"orders-{n}", version))],
                    })],
                },
            ],
        };
    }

    private static string ShardName(int i, int shards) => shards <= 26 ? $"{(char)('a' + i)}" : $"{i:D5}";

    public static Plan Plan(TopologySnapshot cluster, EngineProfile? profile = null, string to = "7.2.5", GateSpec? gate = null, TimeSpan soak = default, int shardsAtOnce = 1, SafetySpec? safety = null, RollbackSpec? rollback = null)
    {
        profile ??= Redis;
        var c = cluster.Components[0];
        VersionRef Ref(string v) => new() { Version = v, Images = ImmutableSortedDictionary<string, string>.Empty.Add("redis", $"redis:{v}") };
        var shards = c.Shards.Select(s => s.Name).ToImmutableArray();
        return new Plan
        {
            Id = "p1", Hash = "h1", SpecText = "", Kind = cluster.Kind, Profile = profile,
            Spec = new PlanSpec
            {
                Name = "test", Namespace = "demo", Target = new TargetSpec(cluster.Kind, "orders"), Changes = [new ChangeSpec { Component = "redis", ServiceVersion = to }],
                Safety = safety ?? new SafetySpec(), Rollback = rollback ?? new RollbackSpec(),
            },
            Components =
            [
                new PlannedComponent
                {
                    Name = "redis", From = Ref(c.Version), To = Ref(to),
                    Targets = [.. c.Workloads.Select(w => new WorkloadTarget(w.Name, Ref(c.Version), Ref(to)))],
                    Shards = [.. c.Shards.Select(s => new ShardBaseline(s.Name, [.. s.Instances.Select(i => i.Name)]))],
                    Stages = gate is null && soak == default
                        ? [new PlannedStage { Name = "all", Shards = shards, ShardsAtOnce = shardsAtOnce }]
                        : [new PlannedStage { Name = "canary", Shards = [shards[0]], Soak = soak, ShardsAtOnce = shardsAtOnce }, new PlannedStage { Name = "rest", Shards = shards.RemoveAt(0), Gate = gate, ShardsAtOnce = shardsAtOnce }],
                },
            ],
        };
    }

    public static HookSpec Hook(string name, string on, params string[] roles) => new() { Name = name, On = on, Roles = [.. roles], Action = new ActionSpec { Exec = new ExecAction { Command = ["sh", "-c", name] } } };

    /// <summary>The plan with these hooks in every stage (and around a rollback), as the plan builder puts them.</summary>
    public static Plan Hooked(Plan plan, params HookSpec[] hooks) => plan with
    {
        Spec = plan.Spec with { Hooks = [.. hooks] },
        Components = [.. plan.Components.Select(c => c with { Stages = [.. c.Stages.Select(s => s with { Hooks = [.. hooks.Where(h => !h.AroundRollback)] })] })],
    };
}
