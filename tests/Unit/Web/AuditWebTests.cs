using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Web.Api;
using Rollcall.Web.Auth;
using Rollcall.Web.Configuration;
using Rollcall.Web.Hosting;
using Rollcall.Web.Model.Auditing;
using Xunit;

namespace Rollcall.Unit.Web;

[Collection(nameof(Dashboard))]
public sealed class AuditWebTests(Dashboard dashboard)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignInOutAndForbiddenCalls_AreInTheLog()
    {
        using (var browser = await dashboard.LoginAsync("Audit Ada", Caller.Viewer))
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await browser.Client.PostAsJsonAsync("/api/v1/runs/none:abort", new { reason = "x" }, Ct)).StatusCode);
            await browser.SubmitAsync("/logout", await browser.Client.GetStringAsync("/login", Ct));
        }
        using var admin = dashboard.WithToken();

        var answer = await admin.GetFromJsonAsync<AuditAnswer>("/api/v1/audit?actor=Audit%20Ada", ApiJson.Options, Ct);

        Assert.Equal(["sign-in", "call", "sign-out"], answer!.Entries.Select(e => e.Action).Reverse());
        Assert.Equal([false, true, false], answer.Entries.Select(e => e.Refused).Reverse());
        Assert.Equal("POST /api/v1/runs/none:abort", answer.Entries[1].Object);
        Assert.All(answer.Entries, e => Assert.Equal(("link", "127.0.0.1"), (e.Via, e.Address)));
    }

    [Fact]
    public async Task SpentLink_OfferedAgain_IsInTheLogUnderItsName()
    {
        var link = dashboard.Services.GetRequiredService<LinkService>().Mint("Audit Replay", Caller.Viewer, [], TimeSpan.FromMinutes(5), Caller.System).Value!;
        using var first = new Browser(dashboard.Url);
        await first.OpenLinkAsync(new Uri(link.Url));
        using var thief = new Browser(dashboard.Url);
        await thief.SubmitAsync("/login/accept", await thief.Client.GetStringAsync("/login", Ct), ("token", link.Url));
        using var admin = dashboard.WithToken();

        var refused = await admin.GetFromJsonAsync<AuditAnswer>("/api/v1/audit?actor=Audit%20Replay&refused=true", ApiJson.Options, Ct);

        Assert.Equal(("sign-in", "The link was used."), (Assert.Single(refused!.Entries).Action, refused.Entries[0].Reason));
    }

    [Fact]
    public async Task Verify_Export_AndTheCommandBesideTheRunningServer_Agree()
    {
        using var admin = dashboard.WithToken();
        var check = await admin.GetFromJsonAsync<AuditCheck>("/api/v1/audit:verify", ApiJson.Options, Ct);
        Assert.True(check!.Sound, check.Text);

        var lines = (await admin.GetStringAsync("/api/v1/audit:export?format=jsonl", Ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(check.LastHash, JsonSerializer.Deserialize<AuditView>(lines[check.LastSeq - 1], ApiJson.Options)!.Hash);

        using var output = new StringWriter();
        var command = CommandLine.Parse(["audit", "verify", "--head", $"{check.LastSeq}:{check.LastHash}"]);
        Assert.Equal(0, await AuditCommand.RunAsync(command, new DashboardOptions { Database = Path.Combine(dashboard.Folder, "rollcall.db") }, output));
        Assert.Contains("entries verified, last hash", output.ToString(), StringComparison.Ordinal);

        command = CommandLine.Parse(["audit", "verify", "--head", $"{check.LastSeq}:{new string('a', 64)}"]);
        Assert.Equal(AuditCommand.Broken, await AuditCommand.RunAsync(command, new DashboardOptions { Database = Path.Combine(dashboard.Folder, "rollcall.db") }, output));
        Assert.Contains($"Entry {check.LastSeq} has the hash", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/audit?limit=0")]
    [InlineData("/api/v1/audit:export?format=pdf")]
    [InlineData("/api/v1/audit:verify?head=nonsense")]
    public async Task Question_ThatMakesNoSense_Is400WithWhatIsAllowed(string path)
    {
        using var admin = dashboard.WithToken();
        var answer = await admin.GetAsync(path, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty((await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("errors")[0].GetProperty("allowed").EnumerateArray());
    }

    [Fact]
    public void Csv_FormulasAndQuotes_AreText()
    {
        var row = new AuditRow
        {
            Seq = 1, At = new DateTimeOffset(2026, 11, 25, 3, 0, 0, TimeSpan.Zero), Action = "pause", Refused = false, Actor = "@SUM(1)", Via = "link", Address = "::1", Object = "run r1", Cluster = "a/b", PlanHash = "h",
            Reason = "=HYPERLINK(\"http://x\"), now", Previous = "", Hash = "f",
        };
        Assert.Equal("1,2026-11-25T03:00:00.0000000Z,pause,false,'@SUM(1),link,::1,run r1,a/b,h,\"'=HYPERLINK(\"\"http://x\"\"), now\",,f", AuditCsv.Line(row));
    }

    [Fact]
    public void Query_ToAddressAndBack_IsTheSame()
    {
        var query = AuditQuery.Parse("Ann Lee", "approve", "demo/orders", "r1 & r2", "refused", "2026-11-01", "2026-11-25", 40);
        var parts = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(new Uri("http://x" + query.Href()).Query);
        Assert.Equal(query, AuditQuery.Parse(parts["actor"], parts["action"], parts["cluster"], parts["object"], parts["result"], parts["from"], parts["to"], long.Parse(parts["before"]!, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero), query.Filter.To);
        Assert.Contains("refused=true", query.ExportHref("csv"), StringComparison.Ordinal);
        Assert.False(AuditQuery.Parse("", " ", null, null, "maybe", "yesterday", null, -1).Any);
    }
}
