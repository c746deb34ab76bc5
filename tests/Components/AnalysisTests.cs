using System.Collections.Immutable;
using Bunit;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Shared;
using Rollcall.Web.Components.Charts;
using Rollcall.Web.Components.Controls;
using Rollcall.Web.Model.Reporting;
using Rollcall.Web.Model.Watching;
using Xunit;

namespace Rollcall.Components;

/// <summary>Analyses as people see them: the sentence, the table, the line with its limits, the report.</summary>
public sealed class AnalysisTests
{
    private static readonly AnalysisView P99 = new()
    {
        Name = "p99", Query = "max(latency)", Max = 0.2, Limits = "at most 0.2", Count = 5, FailureLimit = 2, InconclusiveLimit = 2, IntervalSeconds = 30,
        Measurements = [At(0, 9, MeasurementOutcome.Failed, "9", earlier: true), At(30, 0.1, MeasurementOutcome.Passed, "0.1"), At(60, null, MeasurementOutcome.Inconclusive, "The query gives no data."), At(90, 0.3, MeasurementOutcome.Failed, "0.3")],
    };

    private static MeasurementView At(int seconds, double? value, MeasurementOutcome outcome, string text, bool earlier = false) => new(Samples.T0.AddSeconds(seconds), value, outcome, text, earlier);

    private static StepView Step(string id, StepState state, AnalysisView analysis, int at = 0) =>
        Samples.Step(id, StepKind.Analysis, state) with { Title = $"Analysis {analysis.Name} after {id}", Analysis = analysis, StartedAt = Samples.T0.AddMinutes(at) };

    private static RunView Run(params StepView[] steps) => Samples.Run() with { Steps = [.. steps] };

    [Fact]
    public async Task Panel_SaysHowFarWhatIsAllowedAndEachVerdict()
    {
        await using var context = new BunitContext();
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        var panel = context.Render<AnalysisPanel>(p => p.Add(c => c.Run, Run(Step("a", StepState.Running, P99))));

        Assert.Contains("2 of 5 measured, at most 0.2 allowed, 1 outside, 1 without a number", panel.Find("summary").TextContent, StringComparison.Ordinal);
        Assert.Equal("max(latency)", panel.Find(".asked code").TextContent);
        var rows = panel.FindAll(".table-wrap tbody tr").Select(r => r.TextContent.Trim()).ToList();
        Assert.Equal(4, rows.Count);
        Assert.EndsWith("outside", rows[0], StringComparison.Ordinal);
        Assert.Contains("The query gives no data.", rows[1], StringComparison.Ordinal);
        Assert.EndsWith("before Retry", rows[3], StringComparison.Ordinal);
        Assert.True(panel.Find("details.analysis").HasAttribute("open"));
        Assert.Contains("at most", panel.Find("figure thead").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Panel_OneNumberOrNone_DrawsNoLine()
    {
        await using var context = new BunitContext();
        var one = P99 with { Measurements = [At(0, 0.1, MeasurementOutcome.Passed, "0.1")] };
        var panel = context.Render<AnalysisPanel>(p => p.Add(c => c.Run, Run(Step("a", StepState.Succeeded, one))));

        Assert.Empty(panel.FindAll("figure"));
        Assert.Single(panel.FindAll("tbody tr"));
        Assert.Empty(context.Render<AnalysisPanel>(p => p.Add(c => c.Run, Samples.Run())).FindAll("section"));
    }

    [Fact]
    public void Board_Thousands_ShowsWhatRunsThenWhatFailedThenTheNewest()
    {
        var steps = Enumerable.Range(0, 1000).Select(i => Step($"s{i}", StepState.Succeeded, P99, i)).Append(Step("failed", StepState.Failed, P99)).Append(Step("now", StepState.Running, P99));
        var board = AnalysisBoard.Of(Run([.. steps]));

        Assert.Equal(["now", "failed", "s999", "s998", "s997", "s996"], board.Shown.Select(s => s.Id));
        Assert.Equal(996, board.Hidden);
    }

    [Fact]
    public void Report_HasEachAnalysisWithItsValues()
    {
        var report = RunReport.Of(Run(Step("a", StepState.Failed, P99)), [], Samples.T0);

        var line = Assert.Single(report.Analyses);
        Assert.Equal("9 (before Retry); 0.1; The query gives no data. (no number); 0.3 (outside)", line.Values);
        Assert.Contains("## Analyses", ReportMarkdown.Write(report), StringComparison.Ordinal);
        Assert.DoesNotContain("attempt", string.Join(' ', report.Deviations), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_IsWordForWordWithWhenAndWhatThen()
    {
        await using var context = new BunitContext();
        var spec = new AnalysisSpec { Name = "errors", Prometheus = "rate(x{pod=~\"{{pods}}\"}[5m])", Siblings = "ratio", Max = 1.5, Count = 3, FailureLimit = 1, OnFailure = "rollback", On = HookPoints.AfterInstance };
        var list = context.Render<AnalysisList>(p => p.Add(c => c.Analyses, [spec]));

        Assert.Equal("rate(x{pod=~\"{{pods}}\"}[5m])", list.Find("code").TextContent);
        Assert.Equal("after each member, 3 times, every 30 s: the ratio of updated to not yet updated members at most 1.5, 1 may be outside; else roll back", list.Find(".muted").TextContent);
    }

    private const string Plan = """
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: orders, namespace: demo }
        spec:
          target: { kind: StatefulSetGroup, name: orders }
          changes: [ { component: redis, serviceVersion: 8.0.1 } ]
          stages:
          - name: all
            shards: rest
            analysis:
            - { name: p99, prometheus: "max(x{pod=~\"{{pods}}\"})", max: 0.2, interval: 10s, failureLimit: 2 }
            - { name: slo, on: AfterShard, json: { source: shop, url: "/slo?p={{pods}}", path: "$.a[?(@.b == 'c')].d" }, siblings: difference, min: -1e-7, onFailure: rollback }
        """;

    [Fact]
    public async Task Analyses_ThroughTheForm_StayWhatTheyWere()
    {
        var after = await ComposeStage.ThroughTheFormAsync(Plan);
        Assert.Equal(2, after.Stages!.Value[0].Analyses.Length);
    }
}
