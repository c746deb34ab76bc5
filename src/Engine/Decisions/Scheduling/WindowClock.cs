using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Cronos;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Scheduling;

/// <summary>Where a moment stands to a window.</summary>
/// <param name="Changes">Open: when it closes. Closed: when it opens next. Null: never, as far as anybody can tell.</param>
public readonly record struct WindowStanding(bool Open, DateTimeOffset? Changes);

/// <summary>
/// A window with its expression read once. A pure function of the moment: the same window and the same moment give the same answer on every machine that knows the time zone.
/// Summer time is Cronos' job: a time that does not exist opens at the next valid one, a time that comes twice opens once.
/// </summary>
public sealed class WindowClock
{
    /// <summary>Windows that touch are one; so many are joined before the rest is left for later.</summary>
    private const int MostJoined = 400;

    private static readonly ConditionalWeakTable<WindowSpec, WindowClock> Known = [];

    private readonly CronExpression _cron;

    private WindowClock(WindowSpec spec, CronExpression cron, TimeZoneInfo zone) => (Spec, _cron, Zone) = (spec, cron, zone);

    public WindowSpec Spec { get; }
    public TimeZoneInfo Zone { get; }

    /// <summary>The clock of a window that was checked when it was read.</summary>
    /// <exception cref="ArgumentException">The window cannot be read, e.g. because this machine lacks the time zone.</exception>
    public static WindowClock Of(WindowSpec spec) => Known.GetValue(spec, static s => TryRead(s, out var clock, out var problem) ? clock : throw new ArgumentException(problem, nameof(spec)));

    public static bool TryRead(WindowSpec spec, [NotNullWhen(true)] out WindowClock? clock, out string problem)
    {
        ArgumentNullException.ThrowIfNull(spec);
        (clock, problem) = (null, "");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(spec.TimeZone, out var zone))
            problem = $"'{spec.TimeZone}' is not a time zone that this machine knows; give an IANA name such as Europe/Berlin or UTC.";
        else if (!CronExpression.TryParse(spec.Cron, CronFormat.Standard, out var cron))
            problem = $"'{spec.Cron}' is not a cron expression of five fields (minute, hour, day of month, month, day of week), such as 0 2 * * *.";
        else if (cron.GetNextOccurrence(DateTimeOffset.UnixEpoch, zone) is null)
            problem = $"'{spec.Cron}' never fires.";
        else
            clock = new WindowClock(spec, cron, zone);
        return clock is not null;
    }

    public WindowStanding At(DateTimeOffset now)
    {
        // It is open if it opened less than its duration ago.
        if (Next(now - Spec.Duration) is not { } opens)
            return new WindowStanding(false, null);
        if (opens > now)
            return new WindowStanding(false, opens);
        var closes = opens + Spec.Duration;
        for (var joined = 0; joined < MostJoined && Next(opens) is { } next && next <= closes; joined++)
            (opens, closes) = (next, next + Spec.Duration);
        return new WindowStanding(true, closes);
    }

    private DateTimeOffset? Next(DateTimeOffset after) => _cron.GetNextOccurrence(after, Zone);
}
