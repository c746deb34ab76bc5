using Rollcall.Engine.Decisions.Scheduling;
using Rollcall.Engine.Documents;
using Rollcall.Shared;

namespace Rollcall.Web.Configuration;

/// <summary>A change freeze that holds for every run of this Rollcall: nothing new is begun, the member in hand is finished, rolling back is possible.</summary>
public sealed class FreezeOptions
{
    /// <summary>What people call it: Christmas, quarter end.</summary>
    public string Name { get; set; } = "";

    /// <summary>When it begins: minute, hour, day of month, month, day of week.</summary>
    public string Cron { get; set; } = "";

    /// <summary>How long it lasts, such as 12h or 14d.</summary>
    public string Duration { get; set; } = "";

    /// <summary>IANA name.</summary>
    /// <value>Default: UTC.</value>
    public string TimeZone { get; set; } = "UTC";

    public IEnumerable<string> Problems(string key)
    {
        if (!Durations.TryParse(Duration, out var duration) || duration < TimeSpan.FromMinutes(1) || duration > TimeSpan.FromDays(60))
            yield return $"{key}__Duration must be {Durations.Form}, from 1m to 60d; it is \"{Duration}\".";
        else if (!WindowClock.TryRead(ToWindow(), out _, out var problem))
            yield return $"{key}: {problem}";
    }

    public WindowSpec ToWindow() => new(Cron, Durations.TryParse(Duration, out var duration) ? duration : TimeSpan.Zero, TimeZone) { Name = Name };
}
