using System.Collections.Immutable;
using Bunit;
using Rollcall.Shared;
using Rollcall.Web.Components.Charts;
using Rollcall.Web.Model.Charts;
using Xunit;

namespace Rollcall.Components;

public sealed class LagHistoryTests
{
    private static readonly ClusterKey Orders = new("demo", "orders");
    private readonly LagHistory _history = new();

    private static TopologySnapshot Picture(params (string Shard, double? Seconds, long? Bytes)[] lags) => new()
    {
        Cluster = Orders, Version = "e-1", Kind = ClusterKind.StatefulSetGroup, Profile = "redis", Phase = "Running", ObservedAt = Samples.T0,
        Components =
        [
            new Component
            {
                Name = "redis", Version = "7.2.4",
                Shards = [.. lags.Select(l => new Shard { Name = l.Shard, Instances = [Member("0", null, null), Member("1", l.Seconds, l.Bytes), Member("2", l.Seconds / 2, l.Bytes / 2)] })],
            },
        ],
    };

    private static Instance Member(string name, double? seconds, long? bytes) => new() { Name = name, Version = "7.2.4", Updated = true, Ready = true, Uid = name, Phase = "Running", LagSeconds = seconds, LagBytes = bytes };

    private ImmutableArray<LagSeries> Read(int minutes, int series = 6, int points = 100) => _history.Read(Orders, Samples.T0, Samples.T0.AddMinutes(minutes), series, points);

    [Fact]
    public void Take_WorstMemberOfEachShard_InTheEnginesUnit()
    {
        _history.Take(Picture(("a", 4, null), ("b", null, 2048)), Samples.T0);

        var read = Read(1);

        Assert.Equal([("b", "bytes", 2048d), ("a", "seconds", 4d)], read.Select(s => (s.Shard, s.Unit, s.Worst)));
    }

    [Fact]
    public void Read_MoreSamplesThanPoints_KeepsThePeak()
    {
        for (var i = 0; i < 600; i++)
            _history.Take(Picture(("a", i == 333 ? 99 : 1, null)), Samples.T0 + (i * LagHistory.Step));

        var points = Assert.Single(Read(60, points: 50)).Points;

        Assert.InRange(points.Length, 40, 50);
        Assert.Equal(99, points.Max(p => p.Lag));
        Assert.Equal(Samples.T0 + (333 * LagHistory.Step), points.Single(p => p.Lag == 99).At);
    }

    [Fact]
    public void Take_LongerThanTheRing_ForgetsTheOldest()
    {
        for (var i = 0; i < LagHistory.Samples + 100; i++)
            _history.Take(Picture(("a", i, null)), Samples.T0 + (i * LagHistory.Step));

        var points = Assert.Single(_history.Read(Orders, Samples.T0, Samples.T0.AddHours(2), 6, LagHistory.Samples)).Points;

        Assert.Equal((LagHistory.Samples, 100d), (points.Length, points[0].Lag));
    }

    [Fact]
    public void Read_Gap_HasNoPointsInIt()
    {
        _history.Take(Picture(("a", 1, null)), Samples.T0);
        _history.Take(Picture(("a", 2, null)), Samples.T0.AddMinutes(2));

        Assert.Equal([Samples.T0, Samples.T0.AddMinutes(2)], Assert.Single(Read(5)).Points.Select(p => p.At));
    }

    [Fact]
    public void Take_PictureThatMayBeOldOrWithoutLag_SaysNothing()
    {
        _history.Take(Picture(("a", 1, null)) with { Connected = false }, Samples.T0);
        _history.Take(Picture(("b", null, null)), Samples.T0);

        Assert.Empty(Read(1));
    }

    [Fact]
    public void Read_ManyShards_ReturnsTheWorst_AndKeepForgetsTheRest()
    {
        _history.Take(Picture([.. Enumerable.Range(0, 20).Select(i => ($"s{i:00}", (double?)i, (long?)null))]), Samples.T0);

        Assert.Equal(["s19", "s18", "s17"], Read(1, series: 3).Select(s => s.Shard));
        _history.Keep([]);
        Assert.Empty(Read(1));
    }
}

public sealed class ProgressLineTests
{
    [Fact]
    public void Of_RunUnderWay_GoesOnLevelToNow_AndPlannedStandsBeside()
    {
        var plan = Samples.Plan() with { Steps = [new PlanStep { Id = "x", Stage = "all", Kind = StepKind.Replace, Component = "redis", Reversibility = Reversibility.L0, EstimateSeconds = 10, StartSeconds = 5, Title = "x" }] };

        var line = ProgressLine.Of(Samples.Run(), plan, Samples.T0.AddMinutes(5));

        Assert.Equal([(0, 0d), (1, 12d), (2, 12d), (2, 300d)], line.Actual.Select(p => (p.Members, (p.At - Samples.T0).TotalSeconds)));
        Assert.Equal([(0, 0d), (1, 15d)], line.Planned.Select(p => (p.Members, (p.At - Samples.T0).TotalSeconds)));
    }

    [Fact]
    public void Of_ThousandsOfMembers_HasHundredsOfPointsAndTheRightEnd()
    {
        var steps = Enumerable.Range(0, 5000).Select(i => Samples.Step($"m{i}", StepKind.Replace, StepState.Succeeded) with { EndedAt = Samples.T0.AddSeconds(i) });

        var line = ProgressLine.Of(Samples.Run() with { Steps = [.. steps], EndedAt = Samples.T0.AddSeconds(4999) }, null, Samples.T0.AddHours(3)).Actual;

        Assert.InRange(line.Length, 100, ProgressLine.Points + 2);
        Assert.Equal(5000, line[^1].Members);
    }
}

public sealed class ApexChartTests
{
    [Fact]
    public async Task Draw_SendsTheSeriesAndShowsTheSameFiguresInATable()
    {
        await using var context = new BunitContext();
        var module = context.JSInterop.SetupModule("./Components/Charts/ApexChart.razor.js");
        module.SetupVoid("draw", _ => true).SetVoidResult();
        module.SetupVoid("destroy", _ => true).SetVoidResult();
        LagPoint[] points = [new(Samples.T0, 1.5), new(Samples.T0.AddSeconds(5), 70)];

        var chart = context.Render<ApexChart<LagPoint>>(p => p
            .Add(c => c.Title, "Lag").Add(c => c.Options, new ApexChartOptions { Yaxis = new YAxis { Format = "seconds" } })
            .AddChildContent<ApexPointSeries<LagPoint>>(s => s.Add(x => x.Items, points).Add(x => x.Name, "<b>a</b>").Add(x => x.XValue, x => x.At).Add(x => x.YValue, x => x.Lag)));

        chart.WaitForAssertion(() => Assert.Equal(["1 s", "1 m 10 s"], chart.FindAll("td.num").Select(td => td.TextContent)));
        Assert.Equal("<b>a</b>", chart.FindAll("th")[1].TextContent);
        Assert.Equal("true", chart.Find(".plot").GetAttribute("aria-hidden"));
        var drawn = System.Text.Json.JsonSerializer.Serialize(Assert.Single(module.Invocations["draw"]).Arguments[1]);
        Assert.Contains("70", drawn, StringComparison.Ordinal);
        Assert.Contains("\"format\":\"seconds\"", drawn, StringComparison.Ordinal);
    }
}
