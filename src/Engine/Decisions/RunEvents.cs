using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>
/// One line of the journal. The ledger is the fold of these; nothing else is remembered about a run. Decide proposes them, people cause them, the executor writes them.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(RunStarted), "RunStarted")]
[JsonDerivedType(typeof(StepStarted), "StepStarted")]
[JsonDerivedType(typeof(ActReturned), "ActReturned")]
[JsonDerivedType(typeof(StepFinished), "StepFinished")]
[JsonDerivedType(typeof(GateOpened), "GateOpened")]
[JsonDerivedType(typeof(GateApproved), "GateApproved")]
[JsonDerivedType(typeof(GateRejected), "GateRejected")]
[JsonDerivedType(typeof(ApprovalsVoided), "ApprovalsVoided")]
[JsonDerivedType(typeof(RuleRefused), "RuleRefused")]
[JsonDerivedType(typeof(GateReminded), "GateReminded")]
[JsonDerivedType(typeof(GateExpired), "GateExpired")]
[JsonDerivedType(typeof(GateClaimed), "GateClaimed")]
[JsonDerivedType(typeof(GateUnclaimed), "GateUnclaimed")]
[JsonDerivedType(typeof(GateCommented), "GateCommented")]
[JsonDerivedType(typeof(GateBypassed), "GateBypassed")]
[JsonDerivedType(typeof(WindowBypassed), "WindowBypassed")]
[JsonDerivedType(typeof(GateInvited), "GateInvited")]
[JsonDerivedType(typeof(GateInvitationRevoked), "GateInvitationRevoked")]
[JsonDerivedType(typeof(ShardFinished), "ShardFinished")]
[JsonDerivedType(typeof(ShardReopened), "ShardReopened")]
[JsonDerivedType(typeof(LevelChanged), "LevelChanged")]
[JsonDerivedType(typeof(RunPaused), "RunPaused")]
[JsonDerivedType(typeof(RunResumed), "RunResumed")]
[JsonDerivedType(typeof(StopAfterMemberRequested), "StopAfterMemberRequested")]
[JsonDerivedType(typeof(AbortRequested), "AbortRequested")]
[JsonDerivedType(typeof(RollbackRequested), "RollbackRequested")]
[JsonDerivedType(typeof(ObligationTaken), "ObligationTaken")]
[JsonDerivedType(typeof(ObligationReturned), "ObligationReturned")]
[JsonDerivedType(typeof(RunFinished), "RunFinished")]
public abstract record RunEvent
{
    /// <summary>Step id, where the event is about one.</summary>
    [JsonIgnore] public virtual string? StepId => null;
    /// <summary>Who caused it: a person's name, or rollcall.</summary>
    public string Actor { get; init; } = "rollcall";
}

public sealed record RunStarted(string PlanId, string PlanHash) : RunEvent;

/// <summary>The intent to act (or the beginning of a wait). Committed before the act.</summary>
public sealed record StepStarted(string Step, StepKind Kind, string Component, string Stage, string? Shard, string? Instance, int Attempt, Act? Act) : RunEvent
{
    public override string? StepId => Step;
    public string Title { get; init; } = "";
    public string? From { get; init; }
    public string? To { get; init; }
    public string? Role { get; init; }
    /// <summary>Failure zone of the instance.</summary>
    public string? Zone { get; init; }
    public ImmutableArray<Evidence> Evidence { get; init; } = [];
    /// <summary>Live roles of the shard when it was first touched: instance → role. For the way back.</summary>
    public ImmutableSortedDictionary<string, string> RolesBefore { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>What the driver answered. Not the end of the step: the end is what the cluster shows.</summary>
public sealed record ActReturned(string Step, int Attempt, ActStatus Status, Reason Reason) : RunEvent
{
    public override string? StepId => Step;
    /// <summary>What an action said; null for other acts.</summary>
    public ActionOutput? Output { get; init; }
    /// <summary>What a metric was; null for other acts.</summary>
    public Measurement? Measured { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<ActStatus>))]
public enum ActStatus
{
    /// <summary>The API server or the engine took it; its effect is to be seen.</summary>
    Accepted,
    /// <summary>Not now (429 by a budget, a conflict, a busy queue): nothing was done, may be tried again.</summary>
    NotNow,
    /// <summary>It will not be done as long as things are as they are (foreign owner, blocked, forbidden): a person is needed.</summary>
    Refused,
    /// <summary>It was tried and did not work.</summary>
    Failed,
    /// <summary>Nobody can say (time-out, lost connection); the cluster itself must be asked.</summary>
    Unknown,
}

public sealed record StepFinished(string Step, int Attempt, StepState State, Reason? Reason) : RunEvent
{
    public override string? StepId => Step;
    public ImmutableArray<Evidence> Evidence { get; init; } = [];
}

/// <summary>A rule kept a step waiting, with what it saw. Once for each rule and attempt, however often it is asked.</summary>
public sealed record RuleRefused(string Step, Reason Reason) : RunEvent
{
    public override string? StepId => Step;
}

public sealed record GateOpened(string Gate, string Component, string Stage, string? Shard) : RunEvent;
/// <summary>The actor approved. <see cref="Invitation"/>: by this signed link.</summary>
public sealed record GateApproved(string Gate, string PlanHash, string Group, string Comment) : RunEvent
{
    public string? Invitation { get; init; }
}

public sealed record GateRejected(string Gate, string Comment) : RunEvent
{
    public string? Invitation { get; init; }
}

/// <summary>The plan changed under its approvals: they count no more, visibly.</summary>
public sealed record ApprovalsVoided(string OldHash, string NewHash, ImmutableArray<string> Changed) : RunEvent;
public sealed record ShardFinished(string Component, string Stage, string Shard) : RunEvent;
/// <summary>A finished shard left its version again, and a person wants it brought there once more.</summary>
public sealed record ShardReopened(string Component, string Stage, string Shard) : RunEvent;
/// <summary>A shard went from L0 to L1 (its leader now runs the new version).</summary>
public sealed record LevelChanged(string Component, string Shard, Reversibility Level) : RunEvent;
/// <summary>By a rule (Actor rollcall) or a person. <paramref name="Diverged"/>: the world is not as planned (PlanDiverged).</summary>
public sealed record RunPaused(Reason Reason, bool Diverged = false) : RunEvent;
/// <summary><paramref name="Retry"/>: failed steps may be attempted again.</summary>
public sealed record RunResumed(bool Retry, string Comment) : RunEvent;
/// <param name="On">False takes the wish back.</param>
/// <param name="Comment">Why; journals from before there was a question have none.</param>
public sealed record StopAfterMemberRequested(bool On, string Comment = "") : RunEvent;
public sealed record AbortRequested(string Comment) : RunEvent;
public sealed record RollbackRequested(string RollbackRun, string Comment) : RunEvent;
/// <summary>Break-glass: for the rest of the run an admin lifted the rule, <c>HandoverWindow</c> or <c>ChangeFreeze</c>. The reason is never empty.</summary>
public sealed record WindowBypassed(string Rule, string Comment) : RunEvent;
public sealed record ObligationTaken(string Kind, string Object, string Owner) : RunEvent;
public sealed record ObligationReturned(string Kind, string Object, string Note) : RunEvent;
public sealed record RunFinished(RunState State, Reason Reason) : RunEvent;
