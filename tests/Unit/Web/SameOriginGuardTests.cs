using System.Net;
using Microsoft.AspNetCore.Http;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Xunit;

namespace Rollcall.Unit.Web;

[Collection(nameof(Dashboard))]
public sealed class SameOriginGuardTests(Dashboard dashboard)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("same-origin", null, false)]
    [InlineData("none", null, false)]
    [InlineData("same-site", null, true)]
    [InlineData("cross-site", "http://rollcall.example:8080", true)]
    [InlineData(null, "http://rollcall.example:8080", false)]
    [InlineData(null, "http://ROLLCALL.example:8080", false)]
    [InlineData(null, "http://rollcall.example", true)]
    [InlineData(null, "http://rollcall.example.evil:8080", true)]
    [InlineData(null, "null", true)]
    public void CameFromElsewhere_ByHeaders(string? site, string? origin, bool expected)
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString("rollcall.example:8080");
        if (site is not null)
            request.Headers["Sec-Fetch-Site"] = site;
        if (origin is not null)
            request.Headers.Origin = origin;
        Assert.Equal(expected, SameOriginGuard.CameFromElsewhere(request));
    }

    [Fact]
    public void CameFromElsewhere_BehindAProxyThatEndsTls_IsOurs()
    {
        var request = new DefaultHttpContext().Request;
        request.Scheme = "http";
        request.Host = new HostString("rollcall.example");
        request.Headers.Origin = "https://rollcall.example";
        Assert.False(SameOriginGuard.CameFromElsewhere(request));
    }

    [Theory]
    [InlineData("POST", "/hubs/live/negotiate?negotiateVersion=1")]
    [InlineData("GET", "/hubs/live")]
    [InlineData("POST", "/_blazor/negotiate?negotiateVersion=1")]
    [InlineData("GET", "/_blazor")]
    [InlineData("POST", "/api/v1/runs")]
    [InlineData("DELETE", "/api/v1/links/x")]
    [InlineData("POST", "/logout")]
    public async Task Request_WithACookieButFromAnotherSite_Is403(string method, string path)
    {
        using var browser = await dashboard.LoginAsync("Origin Person", Caller.Admin);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Origin", "http://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Client.SendAsync(request, Ct)).StatusCode);
    }

    [Fact]
    public async Task Request_WithABearerToken_MayComeFromAnywhere()
    {
        using var client = dashboard.WithToken();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/runs/none:pause");
        request.Headers.Add("Origin", "http://evil.example");
        Assert.Equal(HttpStatusCode.NotFound, (await client.SendAsync(request, Ct)).StatusCode);
    }
}
