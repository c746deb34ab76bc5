using System.Text.Json;
using Bunit;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Web.Components.Controls;
using Rollcall.Web.Configuration;
using Rollcall.Web.Model.Reporting;
using Rollcall.Web.Model.Watching;
using Xunit;

namespace Rollcall.Components;

/// <summary>Windows and freezes as people see and write them.</summary>
public sealed class CalendarTests
{
    private static readonly Caller Root = new("root", [Caller.Admin], []);

    private static readonly CalendarView Closed = new("HandoverWindow", "The handover window is closed; it opens Sat 28 Nov 02:00 Europe/Berlin.", false, Samples.T0.AddHours(3)) { Blocks = true };
    private static readonly CalendarView Frozen = new("ChangeFreeze", "The change freeze “Sale” is on until 14:00 UTC.", true, Samples.T0.AddHours(2)) { Blocks = true };

    private static RunActionKind[] Offered(Caller caller, params CalendarView[] calendar) =>
        [.. RunActions.For(Samples.Run() with { Calendar = [.. calendar] }, caller, readOnly: false, heldByRun: false).Where(a => a.Enabled).Select(a => a.Kind).Where(k => k is RunActionKind.BypassFreeze or RunActionKind.BypassWindow)];

    [Fact]
    public void Bypass_IsOfferedToAdminsForWhatBlocks()
    {
        Assert.Equal([RunActionKind.BypassFreeze, RunActionKind.BypassWindow], Offered(Root, Closed, Frozen));
        Assert.Empty(Offered(Samples.Operator, Closed, Frozen));
        Assert.Empty(Offered(Root, Closed with { Blocks = false }));
    }

    [Fact]
    public async Task Note_SaysHowWindowsStand_AndABypassIsLoud()
    {
        await using var context = new BunitContext();
        var lifted = Frozen with { Blocks = false, Bypass = new WindowBypass("root", Samples.T0, "CVE <now>") };

        var note = context.Render<CalendarNote>(p => p.Add(c => c.Calendar, [Closed, lifted]));
        Assert.Equal(2, note.FindAll("li").Count);
        Assert.Contains("it opens Sat 28 Nov 02:00 Europe/Berlin", note.Find("li.blocks").TextContent, StringComparison.Ordinal);
        Assert.Contains("Bypassed by root.", note.FindAll("li")[1].TextContent, StringComparison.Ordinal);
        Assert.Empty(context.Render<CalendarNote>(p => p.Add(c => c.Calendar, [Closed]).Add(c => c.Ended, true)).FindAll("li"));
        var banner = context.Render<BypassBanner>(p => p.Add(c => c.Gates, []).Add(c => c.Calendar, [Closed, lifted]));
        Assert.Contains("root bypassed change freezes", Assert.Single(banner.FindAll(".bypass")).TextContent, StringComparison.Ordinal);
        Assert.Equal("CVE <now>", banner.Find(".reason").TextContent);
    }

    [Fact]
    public void Report_BypassedWindow_StandsOnTopWithWhoAndWhy()
    {
        var said = new WindowBypassed("HandoverWindow", "site down") { Actor = "root" };
        var report = RunReport.Of(Samples.Run(), [new RunEventView(1, Samples.T0, "WindowBypassed", null, "root", JsonDocument.Parse(JournalJson.Write(said)).RootElement)], Samples.T0);

        Assert.Equal(("root", "BYPASSED the handover window for this run", "site down"), (report.Bypasses.Single().By, report.Bypasses.Single().What, report.Bypasses.Single().Why));
        Assert.Equal(report.Bypasses, report.Decisions);
    }

    private const string Windows = """
        apiVersion: rollcall.dev/v1alpha1
        kind: RolloutPlan
        metadata: { name: orders, namespace: demo }
        spec:
          target: { kind: StatefulSetGroup, name: orders }
          changes: [ { component: redis, serviceVersion: 8.0.1 } ]
          safety:
            handoverWindow: { cron: "0 2 * * 6", duration: 2h, timeZone: Europe/Berlin }
            freeze:
            - { name: "Year's end: no", cron: "0 0 20 12 *", duration: 14d, timeZone: Europe/Berlin }
            - { cron: "*/5 9 * * 1-5", duration: 90m, timeZone: UTC }
        """;

    [Fact]
    public async Task Windows_ThroughTheForm_StayWhatTheyWere()
    {
        var after = await ComposeStage.ThroughTheFormAsync(Windows);
        Assert.Equal("0 2 * * 6", after.Safety.HandoverWindow!.Cron);
        Assert.Equal(2, after.Safety.Freeze.Length);
    }

    [Theory]
    [InlineData("0 18 * * 5", "62h", "Europe/Berlin", null)]
    [InlineData("0 18 * *", "62h", "UTC", "cron")]
    [InlineData("0 18 * * 5", "90d", "UTC", "from 1m to 60d")]
    [InlineData("0 18 * * 5", "62h", "Berlin", "time zone")]
    public void Configuration_FreezeThatCannotBe_IsRefusedByName(string cron, string duration, string zone, string? says)
    {
        var options = new DashboardOptions { Freeze = { new FreezeOptions { Name = "Weekend", Cron = cron, Duration = duration, TimeZone = zone } } };

        if (says is null)
            Assert.Empty(options.Problems());
        else
            Assert.Matches($"^Rollcall__Freeze__0.*{says}", Assert.Single(options.Problems()));
    }
}
