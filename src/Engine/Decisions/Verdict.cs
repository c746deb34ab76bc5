using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>What a rule says about going on: yes, wait (perhaps asking for a fresher reading), or stop until a person has looked.</summary>
public sealed record Verdict
{
    /// <summary>How old an answer may be while something is about to become true (a resync, a switchover); what is left of it is idle time of the run.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);

    private Verdict() { }

    public static Verdict Allow { get; } = new();

    public Reason? Reason { get; private init; }
    public bool Stop { get; private init; }
    /// <summary>The world is not as planned.</summary>
    public bool Diverged { get; private init; }
    public DateTimeOffset? WakeAt { get; private init; }
    public ImmutableArray<string> Probe { get; private init; } = [];
    public TimeSpan ProbeMaxAge { get; private init; }
    public bool Allows => Reason is null;

    public static Verdict Wait(Reason reason, DateTimeOffset? wakeAt = null) => new() { Reason = reason, WakeAt = wakeAt };

    /// <summary>Wait for a reading no older than <paramref name="maxAge"/> of these instances.</summary>
    public static Verdict Ask(Reason reason, IEnumerable<string> instances, TimeSpan maxAge) => new() { Reason = reason, Probe = [.. instances], ProbeMaxAge = maxAge };

    public static Verdict Pause(Reason reason, bool diverged = false) => new() { Reason = reason, Stop = true, Diverged = diverged };
}
