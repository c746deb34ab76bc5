using Microsoft.AspNetCore.Components;

namespace Rollcall.Web.Components.Charts;

/// <summary>A series of an <see cref="ApexChart{TItem}"/>; draws nothing itself.</summary>
public sealed class ApexPointSeries<TItem> : ComponentBase, IDisposable
{
    [CascadingParameter] public required ApexChart<TItem> Chart { get; set; }
    [Parameter, EditorRequired] public required IEnumerable<TItem> Items { get; set; }
    [Parameter, EditorRequired] public required string Name { get; set; }
    /// <summary>A time or a figure.</summary>
    [Parameter, EditorRequired] public required Func<TItem, object> XValue { get; set; }
    [Parameter, EditorRequired] public required Func<TItem, double?> YValue { get; set; }
    [Parameter] public SeriesType SeriesType { get; set; } = SeriesType.Line;
    /// <summary>What was only planned is dashed: never colour alone.</summary>
    [Parameter] public bool Dashed { get; set; }

    protected override void OnParametersSet() => Chart.Set(this, new ChartSeries(Name, [.. Items.Select(i => new ChartPoint(X(XValue(i)), YValue(i)))], SeriesType, Dashed));

    public void Dispose() => Chart.Remove(this);

    private static double X(object value) => value switch
    {
        DateTimeOffset at => at.ToUnixTimeMilliseconds(),
        _ => Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture),
    };
}
