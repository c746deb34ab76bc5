using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Web.Auth;
using Xunit;

namespace Rollcall.Unit.Web;

/// <summary>What the page behind a signed link says to those whose link is none. That a good one decides is shown with a run, in the browser tests.</summary>
[Collection(nameof(Dashboard))]
public sealed class GateLinkTests(Dashboard dashboard)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Read_WhatWeDidNotSign_IsNothing()
    {
        var links = dashboard.Services.GetRequiredService<GateLinks>();

        Assert.Null(links.Read(null));
        Assert.Null(links.Read("CfDJ8AAAA"));
        Assert.Null(links.Read(new string('a', 5000)));
    }

    [Fact]
    public async Task Page_ForgedToken_SaysSoAndNeverRedirectsToTheLogin()
    {
        using var client = dashboard.Anonymous();
        using var answer = await client.GetAsync(new Uri("/gate?token=forged", UriKind.Relative), Ct);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("not a link of this Rollcall", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task Decide_WithoutAntiforgery_TakesNothing()
    {
        using var client = dashboard.Anonymous();
        using var form = new FormUrlEncodedContent([new("token", "x"), new("decision", "approve")]);
        using var answer = await client.PostAsync(new Uri("/gate/decide", UriKind.Relative), form, Ct);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Contains("outcome=form", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invite_WithoutAName_SaysWhatAName_Is()
    {
        using var client = dashboard.WithToken();
        using var answer = await client.PostAsJsonAsync("/api/v1/runs/none/gates/none:invite", new { name = "<b>", lifetimeSeconds = 1 }, Ct);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ct));
        Assert.Equal(["/name", "/lifetimeSeconds"], problem.RootElement.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("path").GetString()));
    }
}
