using System.Collections.Immutable;
using System.Text.Json;

namespace Rollcall.Shared;

/// <summary>A step of a run: what was predicted, what really happened, and why it waits.</summary>
public sealed record StepView
{
    public required string Id { get; init; }
    public required string Stage { get; init; }
    public required StepKind Kind { get; init; }
    public required string Component { get; init; }
    public string? Shard { get; init; }
    public string? Instance { get; init; }
    public string? Role { get; init; }
    public string? From { get; init; }
    public string? To { get; init; }
    public required Reversibility Reversibility { get; init; }
    public required double EstimateSeconds { get; init; }
    public required string Title { get; init; }
    public required StepState State { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public Reason? Reason { get; init; }
    public ImmutableArray<Evidence> Evidence { get; init; } = [];
    public int Attempt { get; init; }
    public ImmutableArray<AttemptView> Attempts { get; init; } = [];
    /// <summary>What its action says (while it runs) or said last; null where there is none.</summary>
    public ActionOutput? Output { get; init; }
    /// <summary>Of an analysis: its limits and what was measured; null for other steps.</summary>
    public AnalysisView? Analysis { get; init; }
    /// <summary>The action is a webhook: its exit code is an HTTP status.</summary>
    public bool Http { get; init; }
    /// <summary>It was not in the plan's prediction.</summary>
    public bool Unplanned { get; init; }
}

public sealed record AttemptView(int Number, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string Outcome, string Message)
{
    public int? ExitCode { get; init; }
}

/// <param name="Group">The groups it speaks for, joined by commas.</param>
public sealed record ApprovalView(string By, string Group, DateTimeOffset At, string Comment, string PlanHash, bool Void)
{
    /// <summary>What made it void; empty while it counts.</summary>
    public string VoidWhy { get; init; } = "";
    /// <summary>The approver made the plan, started the run or edited the plan; only where self-approval is allowed.</summary>
    public bool Self { get; init; }
    /// <summary>Given by a signed link.</summary>
    public bool ByLink { get; init; }
}

public sealed record GateView
{
    public required string Name { get; init; }
    public required string Stage { get; init; }
    public required string Component { get; init; }
    public string? Shard { get; init; }
    public required GateState State { get; init; }
    public required int Required { get; init; }
    public ImmutableArray<string> Groups { get; init; } = [];
    public ImmutableArray<ApprovalView> Approvals { get; init; } = [];
    public DateTimeOffset? OpenedAt { get; init; }
    public DateTimeOffset? Deadline { get; init; }
    public string OnDeadline { get; init; } = "hold";
    /// <summary>Only people of these groups count; empty: anybody who may approve.</summary>
    public ImmutableArray<string> From { get; init; } = [];
    /// <summary>People whose approval counts now.</summary>
    public int Given { get; init; }
    /// <summary>Groups that must approve and have not.</summary>
    public ImmutableArray<string> MissingGroups { get; init; } = [];
    /// <summary>Who made, started or edited what is decided here, and therefore does not approve it (unless <see cref="SelfApproval"/>).</summary>
    public ImmutableArray<GateInsider> Insiders { get; init; } = [];
    /// <summary>This Rollcall lets people approve what they made or started themselves.</summary>
    public bool SelfApproval { get; init; }
    /// <summary>People who look at it now.</summary>
    public ImmutableArray<GateClaim> Claims { get; init; } = [];
    public ImmutableArray<GateComment> Comments { get; init; } = [];
    public ImmutableArray<GateInvitationView> Invitations { get; init; } = [];
    /// <summary>When it was said that time runs out.</summary>
    public DateTimeOffset? RemindedAt { get; init; }
    public GateRejection? Rejection { get; init; }
    /// <summary>The quorum was overridden.</summary>
    public GateBypass? Bypass { get; init; }
}

/// <summary>Something taken that must be given back.</summary>
/// <param name="Kind">UpdateStrategy for now.</param>
/// <param name="Object">The held object, e.g. <c>StatefulSet demo/orders-a</c>.</param>
public sealed record ObligationView(string Kind, string Object, string Owner, DateTimeOffset Since, bool Returned, string Note);

public sealed record RunTotals
{
    public int Members { get; init; }
    public int Updated { get; init; }
    public int SwitchoversPlanned { get; init; }
    public int SwitchoversDone { get; init; }
    public int Shards { get; init; }
    public int ShardsDone { get; init; }
    public double EstimateSeconds { get; init; }
    /// <summary>What is left by the plan's estimates, gates not counted.</summary>
    public double RemainingSeconds { get; init; }
}

/// <summary>What a rollback would do now. Null levels: nothing to undo.</summary>
public sealed record RollbackOutlook(bool Allowed, string Text, int Members, int Switchovers, ImmutableArray<string> CannotUndo, string? Alternative)
{
    /// <summary>The newest backup to fall back on, one sentence; null where none is known.</summary>
    public string? Backup { get; init; }
}

public sealed record RunView
{
    public required string Id { get; init; }
    public required string PlanId { get; init; }
    public required string PlanHash { get; init; }
    public required string PlanName { get; init; }
    public required string Cluster { get; init; }
    public required RunState State { get; init; }
    /// <summary>Why it is in this state; never null while Waiting or Paused.</summary>
    public Reason? Reason { get; init; }
    public ImmutableArray<PlanComponentView> Components { get; init; } = [];
    public ImmutableArray<PlanStageView> Stages { get; init; } = [];
    public ImmutableArray<StepView> Steps { get; init; } = [];
    public ImmutableArray<GateView> Gates { get; init; } = [];
    public ImmutableArray<ObligationView> Obligations { get; init; } = [];
    /// <summary>Windows and freezes that this run heeds, and how they stood when it was last looked at.</summary>
    public ImmutableArray<CalendarView> Calendar { get; init; } = [];
    public required RunTotals Totals { get; init; }
    public string? RollbackOf { get; init; }
    /// <summary>It takes another run back. A run with <see cref="RollbackOf"/> that is not backwards takes a rollback back.</summary>
    public bool Backwards { get; init; }
    /// <summary>It is about some of the cluster's shards only.</summary>
    public bool Partial { get; init; }
    /// <summary>The run that rolled this one back, if any.</summary>
    public string? RolledBackBy { get; init; }
    public RollbackOutlook? Rollback { get; init; }
    public required string StartedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    /// <summary>Sequence number of the last journal event this view contains.</summary>
    public long Seq { get; init; }
    public bool StopAfterMember { get; init; }
    public bool Terminal => State is RunState.Succeeded or RunState.Failed or RunState.Aborted;
}

public sealed record RunEventView(long Seq, DateTimeOffset At, string Type, string? Step, string Actor, JsonElement Data);

/// <summary>A gate that waits for somebody.</summary>
public sealed record PendingApproval(string RunId, string Cluster, string PlanName, string PlanHash, GateView Gate, string What);

/// <summary>Who asks: a person (by name), an API token, or the system.</summary>
public sealed record Caller(string Name, ImmutableArray<string> Roles, ImmutableArray<string> Groups)
{
    public const string Viewer = "viewer", Operator = "operator", Approver = "approver", Admin = "admin";
    /// <summary>How they came in, in words: <c>link</c>, <c>password</c>, <c>single sign-on</c>, <c>token ci</c>, <c>bootstrap token</c>. Stands in the audit log.</summary>
    public string Via { get; init; } = "";
    /// <summary>From where, as far as that is known.</summary>
    public string Address { get; init; } = "";
    public CallerScope Scope { get; init; } = CallerScope.Everything;
    public bool Is(string role) => Roles.Contains(role) || Roles.Contains(Admin);
    public static Caller System { get; } = new("rollcall", [Admin], []) { Via = "rollcall itself" };
}
