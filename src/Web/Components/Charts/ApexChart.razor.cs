using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Rollcall.Web.Components.Charts;

/// <summary>
/// A chart by ApexCharts 4.7.0 (the last release under MIT). Parameters are called as in Blazor-ApexCharts. The picture is for the eye only: the same figures stand in a table under it, for screen readers and for
/// whoever wants to read them off. Colours follow the theme, and nothing moves for those who asked for that; both are the module's work.
/// </summary>
public sealed partial class ApexChart<TItem> : IAsyncDisposable
{
    /// <summary>Rows of the table; a picture has more points than anybody reads.</summary>
    private const int MostRows = 60;

    private readonly List<(object Owner, ChartSeries Series)> _series = [];
    private IReadOnlyList<ChartSeries> _shown = [];
    private ElementReference _root;
    private IJSObjectReference? _module;
    private bool _dirty;
    private bool _drawn;

    [Parameter, EditorRequired] public required string Title { get; set; }
    [Parameter] public string SubTitle { get; set; } = "";
    [Parameter] public ApexChartOptions Options { get; set; } = new();
    [Parameter] public XAxisType XAxisType { get; set; } = XAxisType.Datetime;
    /// <summary>In pixels; taken at once, so that nothing jumps when the picture comes.</summary>
    [Parameter] public int Height { get; set; } = 180;
    [Parameter] public RenderFragment? ChildContent { get; set; }

    [Inject] public required IJSRuntime Js { get; init; }

    internal void Set(object owner, ChartSeries series)
    {
        var at = _series.FindIndex(s => ReferenceEquals(s.Owner, owner));
        if (at < 0)
            _series.Add((owner, series));
        else if (Same(_series[at].Series, series))
            return;
        else
            _series[at] = (owner, series);
        _dirty = true;
    }

    internal void Remove(object owner) => _dirty |= _series.RemoveAll(s => ReferenceEquals(s.Owner, owner)) > 0;

    /// <summary>Every x that any series has, the newest last, thinned to what can be read.</summary>
    private IEnumerable<(double X, double?[] Values)> Rows
    {
        get
        {
            var all = _shown.SelectMany(s => s.Points.Select(p => p.X)).Distinct().Order().ToList();
            var every = Math.Max(1, (all.Count + MostRows - 1) / MostRows);
            var by = _shown.Select(s => s.Points.GroupBy(p => p.X).ToDictionary(g => g.Key, g => g.Last().Y)).ToList();
            return all.Where((_, i) => i % every == 0 || i == all.Count - 1).Select(x => (x, by.Select(b => b.GetValueOrDefault(x)).ToArray()));
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_dirty && _drawn)
            return;
        _dirty = false;
        _shown = [.. _series.Select(s => s.Series)];
        try
        {
            _module ??= await Js.InvokeAsync<IJSObjectReference>("import", "./Components/Charts/ApexChart.razor.js");
            await _module.InvokeVoidAsync("draw", _root, new
            {
                series = _shown.Select(s => new { name = s.Name, type = s.Type == SeriesType.Area ? "area" : "line", dashed = s.Dashed, data = s.Points.Select(p => new[] { p.X, p.Y }) }),
                height = Height, time = XAxisType == XAxisType.Datetime, curve = Options.Stroke.Curve.ToString().ToLowerInvariant(), width = Options.Stroke.Width,
                min = Options.Yaxis.Min, format = Options.Yaxis.Format, whole = Options.Yaxis.Whole,
            });
            _drawn = true;
        }
        catch (Exception gone) when (gone is JSDisconnectedException or OperationCanceledException)
        {
            return; // the tab was closed
        }
        StateHasChanged(); // the table's turn
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_module is null)
                return;
            await _module.InvokeVoidAsync("destroy", _root);
            await _module.DisposeAsync();
        }
        catch (Exception gone) when (gone is JSDisconnectedException or OperationCanceledException)
        {
            // Nothing left to dispose in a browser that is gone.
        }
    }

    private static bool Same(ChartSeries a, ChartSeries b) => a.Name == b.Name && a.Type == b.Type && a.Dashed == b.Dashed && a.Points.SequenceEqual(b.Points);
}
