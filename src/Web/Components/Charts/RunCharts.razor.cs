using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Shared;
using Rollcall.Web.Model;
using Rollcall.Web.Model.Charts;

namespace Rollcall.Web.Components.Charts;

/// <summary>The charts of a run. They move every five seconds at the most: that is how often lag is taken down, and a line that trembles with every event says nothing more.</summary>
public sealed partial class RunCharts
{
    private const int MostShards = 6;
    private const int MostPoints = 600;
    private static readonly ApexChartOptions Counted = new() { Stroke = new Stroke(Curve.Stepline), Yaxis = new YAxis { Min = 0, Whole = true } };

    private ProgressLine _progress = new([], []);
    private ImmutableArray<LagSeries> _lag = [];
    private ApexChartOptions _lagOptions = new();
    private (string Run, long Seq, string? Plan, DateTimeOffset At)? _drawn;
    private bool _stale = true;

    [Parameter, EditorRequired] public required RunView Run { get; set; }
    [Parameter] public PlanView? Plan { get; set; }

    [Inject] public required LagHistory History { get; init; }
    [Inject] public required TimeProvider Time { get; init; }

    private string LagNote => $"of the member furthest behind, by shard{(_lag.Length == MostShards && Run.Totals.Shards > MostShards ? $"; the worst {MostShards} of {Run.Totals.Shards}" : "")}, worst {ChartFigures.Write(_lag.Max(s => s.Worst), _lagOptions.Yaxis.Format)}";

    protected override void OnParametersSet()
    {
        var now = Time.GetUtcNow();
        _stale = _drawn is not { } drawn || drawn.Run != Run.Id || drawn.Plan != Plan?.Id || (now - drawn.At >= LagHistory.Step && (!Run.Terminal || drawn.Seq != Run.Seq));
        if (!_stale)
            return;
        _drawn = (Run.Id, Run.Seq, Plan?.Id, now);
        _progress = ProgressLine.Of(Run, Plan, now);
        if (Run.StartedAt is not { } start || !ClusterKey.TryParse(Run.Cluster, out var cluster))
            return;
        var lag = History.Read(cluster, start, Run.EndedAt ?? now, MostShards, MostPoints / MostShards);
        // One axis has one unit; the unit of most shards is shown.
        var unit = lag.GroupBy(s => s.Unit, StringComparer.Ordinal).OrderByDescending(g => g.Count()).Select(g => g.Key).FirstOrDefault() ?? "seconds";
        _lag = [.. lag.Where(s => s.Unit == unit)];
        _lagOptions = new ApexChartOptions { Yaxis = new YAxis { Min = 0, Format = unit } };
    }

    protected override bool ShouldRender() => _stale;
}
