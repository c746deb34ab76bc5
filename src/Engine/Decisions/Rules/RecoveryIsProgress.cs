using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 39. A member that loads, replays or copies is not stuck as long as that goes on: each sign of progress moves its deadline a minute ahead. Signs are the values a profile names (<c>probe.progress</c>)
/// while it is not Ready, and a lag that is smaller than ever before once it is.
/// </summary>
public static class RecoveryIsProgress
{
    public const string Name = "RecoveryIsProgress";

    /// <summary>Progress that stood still for so long is none.</summary>
    public static readonly TimeSpan Stall = TimeSpan.FromMinutes(1);

    /// <summary>The deadline with what the member's progress adds to it.</summary>
    public static DateTimeOffset Extend(Instance m, DateTimeOffset deadline)
    {
        var until = (SeenAt(m) ?? DateTimeOffset.MinValue) + Stall;
        return SeenAt(m) is not null && until > deadline ? until : deadline;
    }

    /// <summary>Whom to ask while it is not Ready: a member whose container runs, where the profile knows what progress looks like.</summary>
    public static bool Asks(ShardContext s, Instance m)
    {
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(m);
        return !m.Ready && !m.Dead && m.Phase == "Running" && s.Profile.Probe is { Progress.IsEmpty: false } && !s.UsesLabel(m);
    }

    public static Evidence? Seen(Instance m) => SeenAt(m) is { } at ? new Evidence($"progress of {m.Name}", m.Ready ? $"caught up to {ReplicationCaughtUp.Describe(m)}" : "its recovery moves on", m.Probe!.Source, at) { Rule = Name } : null;

    private static DateTimeOffset? SeenAt(Instance m)
    {
        ArgumentNullException.ThrowIfNull(m);
        if (m.Probe is not { } probe || probe.Uid != m.Uid)
            return null;
        return m.Ready ? m.LagTrack?.ShrankAt : probe.ProgressAt;
    }
}
