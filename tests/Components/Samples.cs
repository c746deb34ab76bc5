using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Components;

/// <summary>A run of two shards with three members each: shard a is through, shard b waits before its switchover.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset T0 = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static Caller Approver(string name = "ann", params string[] groups) => new(name, [Caller.Approver], [.. groups]);
    public static Caller Operator { get; } = new("olaf", [Caller.Operator], []);
    public static Caller Viewer { get; } = new("vera", [Caller.Viewer], []);

    public static StepView Step(string id, StepKind kind, StepState state, string stage = "canary", string? shard = null, double estimate = 10, Reversibility level = Reversibility.L0) => new()
    {
        Id = id, Stage = stage, Kind = kind, Component = "redis", Shard = shard, Instance = kind is StepKind.Replace ? id : null, Reversibility = level, EstimateSeconds = estimate, Title = $"{kind} {id}", State = state,
        StartedAt = state is StepState.Pending or StepState.Skipped ? null : T0,
        EndedAt = state is StepState.Succeeded ? T0.AddSeconds(12) : null,
    };

    public static GateView Gate(GateState state = GateState.Open, int required = 2, string[]? groups = null, params ApprovalView[] approvals) => new()
    {
        Name = "redis.rest.gate", Stage = "rest", Component = "redis", State = state, Required = required, Groups = [.. groups ?? []], Approvals = [.. approvals], OpenedAt = T0,
        Given = approvals.Where(a => !a.Void).DistinctBy(a => a.By).Count(), MissingGroups = [.. (groups ?? []).Where(g => !approvals.Any(a => !a.Void && a.Group.Split(',').Contains(g)))],
    };

    public static ApprovalView Approval(string by, string group = "", bool @void = false) => new(by, group, T0, "looks fine", @void ? "0ld0ld0ld0ld" : Hash, @void);

    public const string Hash = "9f3c9f3c9f3c9f3c";

    public static RunView Run(RunState state = RunState.Waiting, GateView? gate = null) => new()
    {
        Id = "r-1", PlanId = "p-1", PlanHash = Hash, PlanName = "orders-8", Cluster = "demo/orders", State = state,
        Reason = new Reason("Waiting for 2 approvals before rest."),
        Components = [new PlanComponentView("redis", "7.2.4", "8.0.1")],
        Stages = [new PlanStageView { Name = "canary", Component = "redis", Shards = ["a"] }, new PlanStageView { Name = "rest", Component = "redis", Shards = ["b"], Gate = new GateSpec { Approvals = 2 } }],
        Steps =
        [
            Step("hold", StepKind.Hold, StepState.Succeeded, "hold", estimate: 1),
            Step("a-1", StepKind.Replace, StepState.Succeeded, shard: "a"),
            Step("a-sw", StepKind.Switchover, StepState.Succeeded, shard: "a", level: Reversibility.L1),
            Step("a-0", StepKind.Replace, StepState.Succeeded, shard: "a", level: Reversibility.L1),
            Step("rest-gate", StepKind.Gate, StepState.Waiting, "rest"),
            Step("b-1", StepKind.Replace, StepState.Pending, "rest", "b"),
            Step("b-sw", StepKind.Switchover, StepState.Pending, "rest", "b", level: Reversibility.L1),
            Step("b-0", StepKind.Replace, StepState.Pending, "rest", "b", level: Reversibility.L1),
            Step("release", StepKind.Release, StepState.Pending, "release", estimate: 1),
        ],
        Gates = gate is null ? [] : [gate],
        Totals = new RunTotals { Members = 4, Updated = 2, SwitchoversPlanned = 2, SwitchoversDone = 1, Shards = 2, ShardsDone = 1, EstimateSeconds = 62, RemainingSeconds = 31 },
        Rollback = new RollbackOutlook(true, "Rolling back now: 2 members, last touched first, 1 switchover.", 2, 1, [], null),
        StartedBy = "olaf", CreatedAt = T0, StartedAt = T0,
    };

    public static PlanView Plan(params Finding[] findings) => new()
    {
        Id = "p-1", Hash = Hash, Cluster = "demo/orders", Name = "orders-8", Components = [new PlanComponentView("redis", "7.2.4", "8.0.1")],
        Steps =
        [
            new PlanStep { Id = "b-sw", Stage = "rest", Kind = StepKind.Switchover, Component = "redis", Shard = "b", Reversibility = Reversibility.L0, EstimateSeconds = 3, Title = "Switch b over from b-0 to b-1" },
            new PlanStep { Id = "b-0", Stage = "rest", Kind = StepKind.Replace, Component = "redis", Shard = "b", Instance = "b-0", Reversibility = Reversibility.L1, EstimateSeconds = 10, Title = "Replace b-0 (primary)" },
        ],
        Findings = [.. findings], Totals = new PlanTotals(1, 1, 13), Spec = "", Profile = "redis-cluster",
    };
}
