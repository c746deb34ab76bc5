using System.Globalization;
using System.Text;

namespace Rollcall.Engine.Documents;

/// <summary>Durations as Kubernetes and Go write them: <c>30s</c>, <c>10m</c>, <c>1h30m</c>, <c>2d</c>, <c>500ms</c>. Units descend, none twice, no sign.</summary>
public static class Durations
{
    public const string Form = "a duration such as 30s, 10m, 1h30m";

    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)), ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (string.IsNullOrEmpty(text) || text.Length > 32)
            return false;
        var (at, unit) = (0, 0);
        while (at < text.Length)
        {
            var start = at;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
                at++;
            if (at == start || at - start > 9)
                return false;
            var count = long.Parse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture);
            start = at;
            while (at < text.Length && char.IsAsciiLetter(text[at]))
                at++;
            var name = text[start..at];
            while (unit < Units.Length && Units[unit].Unit != name)
                unit++;
            if (unit == Units.Length || count > TimeSpan.MaxValue.Ticks / 4 / Units[unit].Length.Ticks)
                return false;
            duration += count * Units[unit++].Length;
        }
        return true;
    }

    /// <summary>The shortest text that reads back as the same duration (down to the millisecond).</summary>
    public static string Write(TimeSpan duration)
    {
        if (duration < TimeSpan.FromMilliseconds(1))
            return "0s";
        var text = new StringBuilder();
        foreach (var (unit, length) in Units)
        {
            var count = duration.Ticks / length.Ticks;
            duration -= count * length;
            if (count > 0)
                text.Append(CultureInfo.InvariantCulture, $"{count}{unit}");
        }
        return text.ToString();
    }
}
