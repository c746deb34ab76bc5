using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Unit.Web;

/// <summary>Small topologies and runs for the tests of what screens say.</summary>
internal static class Pictures
{
    public static readonly DateTimeOffset T0 = new(2026, 11, 22, 22, 0, 0, TimeSpan.Zero);

    public static Instance Member(string name, int ordinal, string? role = "secondary", string version = "7.2.4", bool ready = true, string phase = "Running", string? problem = null) => new()
    {
        Name = name, Ordinal = ordinal, Role = role, Version = version, Updated = true, Ready = ready, Phase = phase, Problem = problem, Uid = $"uid-{name}", Node = $"node-{ordinal}", Zone = "a",
    };

    public static Shard Shard(string name, int leader, int members = 3) =>
        new() { Name = name, Instances = [.. Enumerable.Range(0, members).Select(i => Member($"{name}-{i}", i, i == leader ? "primary" : "secondary"))] };

    public static TopologySnapshot Cluster(params Shard[] shards) => new()
    {
        Cluster = new("demo", "orders"), Version = "e-1", Kind = ClusterKind.StatefulSetGroup, Profile = "redis-cluster", Phase = "Running", ObservedAt = T0,
        Components = [new Component { Name = "redis", Version = "7.2.4", Versions = ["7.2.4"], Shards = [.. shards] }],
    };

    public static bool Leads(string component, string? role) => role == "primary";

    public static StepView Step(string id, StepKind kind, string shard, StepState state, string? instance = null, string? from = null, string? to = null, Reason? reason = null) => new()
    {
        Id = id, Stage = "rest", Kind = kind, Component = "redis", Shard = shard, Instance = instance, From = from, To = to, Reversibility = Reversibility.L0, EstimateSeconds = 10,
        Title = $"{kind} {instance ?? from}", State = state, Reason = reason,
    };

    public static RunView Run(RunState state, params StepView[] steps) => new()
    {
        Id = "r1", PlanId = "p1", PlanHash = "h1", PlanName = "orders-8", Cluster = "demo/orders", State = state, Steps = [.. steps], Totals = new RunTotals(), StartedBy = "ada", CreatedAt = T0,
        Reason = state is RunState.Waiting or RunState.Paused ? new Reason("because") : null,
    };

    public static ClusterSummary Summary(string name, string phase = "Running", string? run = null, Custody? held = null) => new()
    {
        Namespace = "demo", Name = name, Kind = ClusterKind.StatefulSetGroup, Profile = "redis-cluster", Phase = phase, ActiveRun = run, Held = held, Shards = 1, Instances = 3, Ready = phase == "Running" ? 3 : 2,
    };
}
