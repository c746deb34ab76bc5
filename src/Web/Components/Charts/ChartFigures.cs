using System.Globalization;
using Rollcall.Shared;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Charts;

/// <summary>Figures of an axis in words; the same as <c>figure()</c> in ApexChart.razor.js.</summary>
public static class ChartFigures
{
    public static string Write(double value, string format) => format switch
    {
        "seconds" => Durations.Format(value),
        "bytes" => string.Create(CultureInfo.InvariantCulture, $"{value / (1024 * 1024):0.##} MiB"),
        "exact" => AnalysisSpec.Number(value),
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}
