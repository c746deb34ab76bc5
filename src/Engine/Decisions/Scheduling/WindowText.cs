using System.Globalization;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Scheduling;

/// <summary>Times of windows as people say them, and when the sentence has to be said anew.</summary>
internal static class WindowText
{
    /// <summary>"02:00 Europe/Berlin (in 3 h 12 min)", with the day where it is another one.</summary>
    public static string When(DateTimeOffset at, DateTimeOffset now, WindowClock window) => $"{Moment(at, now, window)} (in {Left(at - now)})";

    /// <summary>"02:00 Europe/Berlin", with the day where it is another one.</summary>
    public static string Moment(DateTimeOffset at, DateTimeOffset now, WindowClock window)
    {
        var (there, here) = (TimeZoneInfo.ConvertTime(at, window.Zone), TimeZoneInfo.ConvertTime(now, window.Zone));
        var day = there.Date == here.Date ? "" : there.Year == here.Year ? there.ToString("ddd d MMM ", CultureInfo.InvariantCulture) : there.ToString("ddd d MMM yyyy ", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{day}{there:HH:mm} {window.Spec.TimeZone}");
    }

    /// <summary>Rounded up: 3 h 12 min, 2 days 4 h, under a minute.</summary>
    public static string Left(TimeSpan left)
    {
        var minutes = (long)Math.Ceiling(left.TotalMinutes);
        if (left > TimeSpan.FromDays(1))
        {
            var hours = (long)Math.Ceiling(left.TotalHours);
            return hours % 24 == 0 ? Days(hours / 24) : $"{Days(hours / 24)} {hours % 24} h";
        }
        return minutes <= 1 ? "under a minute" : minutes < 60 ? $"{minutes} min" : minutes % 60 == 0 ? $"{minutes / 60} h" : $"{minutes / 60} h {minutes % 60} min";
    }

    /// <summary>When <see cref="Left"/> reads differently, at the latest at the moment itself.</summary>
    public static DateTimeOffset Refresh(DateTimeOffset at, DateTimeOffset now)
    {
        var unit = at - now > TimeSpan.FromDays(1) ? TimeSpan.FromHours(1) : TimeSpan.FromMinutes(1);
        return at - (unit * (Math.Ceiling((at - now) / unit) - 1));
    }

    public static string Describe(WindowSpec spec) => $"{spec.Cron} for {Documents.Durations.Write(spec.Duration)}, {spec.TimeZone}";

    private static string Days(long days) => days == 1 ? "1 day" : $"{days} days";
}
