using System.Collections.Immutable;

namespace Rollcall.Engine.Decisions;

/// <summary>The gate's deadline comes near and nobody has decided: said once, a chosen time before it.</summary>
public sealed record GateReminded(string Gate) : RunEvent;

/// <summary>The deadline passed. <paramref name="Outcome"/>: hold, abort, rollback or reject, as the plan says.</summary>
public sealed record GateExpired(string Gate, string Outcome) : RunEvent;

/// <summary>The actor looks at it, and says so to the others. Binds nobody.</summary>
public sealed record GateClaimed(string Gate) : RunEvent;

public sealed record GateUnclaimed(string Gate) : RunEvent;

/// <summary>A word in the gate's thread. It decides nothing.</summary>
public sealed record GateCommented(string Gate, string Comment) : RunEvent;

/// <summary>Break-glass: an admin let the run through without the quorum. The reason is never empty.</summary>
public sealed record GateBypassed(string Gate, string PlanHash, string Comment) : RunEvent;

/// <summary>A signed link by which one named person may decide this gate once. The link itself is nowhere kept.</summary>
public sealed record GateInvited(string Gate, string Invitation, string Person, ImmutableArray<string> Groups, string PlanHash, DateTimeOffset ExpiresAt) : RunEvent;

public sealed record GateInvitationRevoked(string Gate, string Invitation) : RunEvent;
