using System.Globalization;

namespace Rollcall.Web.Model;

/// <summary>Durations as people say them: <c>0.4 s</c>, <c>21 s</c>, <c>3 m 05 s</c>, <c>2 h 14 m</c>, <c>3 d 4 h</c>. The same words as <c>duration()</c> in js/time.js.</summary>
public static class Durations
{
    public static string Format(double seconds) => Format(TimeSpan.FromSeconds(seconds));

    public static string Format(TimeSpan value)
    {
        var s = Math.Max(0, value.TotalSeconds);
        return s switch
        {
            < 1 => string.Create(CultureInfo.InvariantCulture, $"{s:0.0} s"),
            < 60 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(s):0} s"),
            < 3600 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(s / 60):0} m {Math.Floor(s % 60):00} s"),
            < 86400 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(s / 3600):0} h {Math.Floor(s % 3600 / 60):00} m"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(s / 86400):0} d {Math.Floor(s % 86400 / 3600):0} h"),
        };
    }
}
