using System.Collections.Immutable;

namespace Rollcall.Shared;

/// <param name="Why">"made the plan", "started the run", "edited the plan last"; joined where one person did several.</param>
public sealed record GateInsider(string Name, string Why);

public sealed record GateClaim(string By, DateTimeOffset At);

public sealed record GateComment(string By, DateTimeOffset At, string Text);

/// <param name="By">A person, or rollcall when a deadline did it.</param>
public sealed record GateRejection(string By, DateTimeOffset At, string Comment);

public sealed record GateBypass(string By, DateTimeOffset At, string Reason);

/// <param name="State">open, used, revoked or expired.</param>
public sealed record GateInvitationView(string Id, string Person, ImmutableArray<string> Groups, string By, DateTimeOffset At, DateTimeOffset ExpiresAt, string State);

/// <summary>What a signed link stands for.</summary>
public sealed record GateInvitation(string Id, string RunId, string Gate, string Person, ImmutableArray<string> Groups, DateTimeOffset ExpiresAt);

/// <summary>Names of people are the same in any case: two spellings are not two people.</summary>
public static class Person
{
    public static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
