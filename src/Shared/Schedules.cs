namespace Rollcall.Shared;

/// <summary>A time that comes again: it opens whenever the cron expression fires in its time zone and stays open for the duration.</summary>
/// <param name="Cron">Five fields: minute, hour, day of the month, month, day of the week.</param>
/// <param name="Duration">Time on the clock of physics, not of the wall: two hours stay two hours when summer time begins in between.</param>
/// <param name="TimeZone">IANA name, such as Europe/Berlin.</param>
public sealed record WindowSpec(string Cron, TimeSpan Duration, string TimeZone)
{
    /// <summary>What people call it; empty where nobody named it.</summary>
    public string Name { get; init; } = "";
}

/// <summary>What the calendar says about a run.</summary>
/// <param name="Rule"><c>HandoverWindow</c> or <c>ChangeFreeze</c>.</param>
/// <param name="Open">The window is open, the freeze is on.</param>
/// <param name="Changes">When that changes; null: never.</param>
/// <param name="Text">"The handover window is closed; it opens Sat 28 Nov 02:00 Europe/Berlin."</param>
public sealed record CalendarView(string Rule, string Text, bool Open, DateTimeOffset? Changes)
{
    /// <summary>It keeps the run, or its leaders, waiting now.</summary>
    public bool Blocks { get; init; }
    /// <summary>An admin lifted the rule for this run.</summary>
    public WindowBypass? Bypass { get; init; }
}

/// <summary>A rule of the calendar that was bypassed for a run.</summary>
public sealed record WindowBypass(string By, DateTimeOffset At, string Reason);
