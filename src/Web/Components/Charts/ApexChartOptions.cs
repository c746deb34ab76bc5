namespace Rollcall.Web.Components.Charts;

/// <summary>The part of Blazor-ApexCharts' options that is used here, by its names, so that the package can take this one's place.</summary>
public sealed record ApexChartOptions
{
    public Stroke Stroke { get; init; } = new();
    public YAxis Yaxis { get; init; } = new();
}

public sealed record Stroke(Curve Curve = Curve.Straight, int Width = 2);

public enum Curve { Straight, Smooth, Stepline }

public sealed record YAxis
{
    public double? Min { get; init; }
    /// <summary>How its figures are written: number, seconds, bytes or exact (four digits). Functions cannot be sent under our content security policy; they are known by name in the module.</summary>
    public string Format { get; init; } = "number";
    /// <summary>Whole figures only.</summary>
    public bool Whole { get; init; }
}

public enum XAxisType { Datetime, Numeric }

public enum SeriesType { Line, Area }

/// <summary>One series as the chart draws it: x in milliseconds since 1970 or a plain figure, y null for a gap.</summary>
public sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points, SeriesType Type, bool Dashed);

public sealed record ChartPoint(double X, double? Y);
