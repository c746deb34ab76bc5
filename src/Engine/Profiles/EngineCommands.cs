using System.Collections.Immutable;

namespace Rollcall.Engine.Profiles;

/// <summary>Where a command of the engine runs: in one Ready member that fits, the first by name.</summary>
public sealed record CommandPlace
{
    /// <summary>Component name patterns, over all components of the cluster; the first pattern that finds a Ready member counts. Empty: any.</summary>
    public ImmutableArray<string> Components { get; init; } = [];
    /// <summary>The role it must have, in the profile's words; null: any.</summary>
    public string? Role { get; init; }
    /// <summary>First of these containers that the Pod has; empty: the one that carries the version.</summary>
    public ImmutableArray<string> Containers { get; init; } = [];
}

/// <summary>Something that moves data or leadership by itself (a balancer): stopped and seen idle before a run's first act, given back on every way out (rules SuspendMovers, ObligationsRestored).</summary>
public sealed record MoverSpec(string Name, string Title)
{
    public CommandPlace Place { get; init; } = new();
    /// <summary>Says in what state it is, and changes nothing.</summary>
    public required ImmutableArray<string> Check { get; init; }
    /// <summary>What the check prints when it is stopped and idle.</summary>
    public required string Suspended { get; init; }
    /// <summary>What the check prints when it runs.</summary>
    public required string Running { get; init; }
    public required ImmutableArray<string> Suspend { get; init; }
    public required ImmutableArray<string> Resume { get; init; }
    /// <summary>For one command.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
    /// <summary>From the request until it is idle (or runs again); then a person is needed.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>What must be done in a member before it is stopped (rule DrainBeforeStop), and what takes that back once it has come up again.</summary>
public sealed record DrainSpec
{
    public required ImmutableArray<string> Command { get; init; }
    /// <summary>Empty where the restart itself undoes it.</summary>
    public ImmutableArray<string> Undo { get; init; } = [];
    /// <summary>Roles that are drained; empty: all.</summary>
    public ImmutableArray<string> Roles { get; init; } = [];
    public ImmutableArray<string> Containers { get; init; } = [];
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    public bool Concerns(string? role) => Roles.IsEmpty || (role is not null && Roles.Contains(role));
}

/// <summary>The engine's point of no return: raised by a command of its own, or reached by itself with some member (rules FinalizeGate, ImplicitFinalizeGuard).</summary>
public sealed record FinaliserSpec(string Title)
{
    /// <summary>no; firstMember or lastMember: the restart of that member on the new version is itself the point of no return.</summary>
    public string Implicit { get; init; } = "no";
    public CommandPlace Place { get; init; } = new();
    /// <summary>Says what level the engine is at. {to}, {from}: versions; {to.minor}, {from.minor}: their first two numbers.</summary>
    public ImmutableArray<string> Check { get; init; } = [];
    /// <summary>What the check prints once it is raised.</summary>
    public string Raised { get; init; } = "";
    public ImmutableArray<string> Raise { get; init; } = [];
    /// <summary>Takes it back before a rollback, where the engine allows that; empty: it does not.</summary>
    public ImmutableArray<string> Lower { get; init; } = [];
    /// <summary>What the check prints once it is lowered.</summary>
    public string Lowered { get; init; } = "";
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
    /// <summary>From the last member until it may be raised, where the plan does not say.</summary>
    public TimeSpan Soak { get; init; } = TimeSpan.FromHours(24);

    public bool Explicit => Implicit == "no";
}
