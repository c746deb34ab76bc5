using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Xunit;

namespace Rollcall.Unit.Web;

[Collection(nameof(Dashboard))]
public sealed class LoginTests(Dashboard dashboard)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_WithoutLogin_RedirectsToLogin_AndBackAfterIt()
    {
        using var client = dashboard.Anonymous();
        var answer = await client.GetAsync("/runs?state=Running", Ct);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/login?returnUrl=%2Fruns%3Fstate%3DRunning", answer.Headers.Location!.PathAndQuery);
    }

    [Fact]
    public async Task Link_LookedAtByAPreviewBot_StillWorksForThePerson_AndThenNeverAgain()
    {
        var link = new Uri(Mint("Preview Person").Url);
        using (var bot = dashboard.Anonymous())
            for (var i = 0; i < 3; i++)
                Assert.Equal(HttpStatusCode.OK, (await bot.GetAsync(link, Ct)).StatusCode);

        using var browser = new Browser(dashboard.Url);
        Assert.Equal("/", (await browser.OpenLinkAsync(link)).Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.OK, (await browser.Client.GetAsync("/", Ct)).StatusCode);

        using var thief = new Browser(dashboard.Url);
        var form = await thief.Client.GetStringAsync("/login", Ct);
        Assert.Contains("failed=used", (await thief.SubmitAsync("/login/accept", form, ("token", link.OriginalString))).Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await thief.Client.GetAsync(link, Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await thief.Client.GetAsync("/", Ct)).StatusCode);
    }

    [Fact]
    public async Task Accept_WithoutAntiforgeryToken_DoesNotUseTheLinkUp()
    {
        var link = new Uri(Mint("Form Person").Url);
        using var browser = new Browser(dashboard.Url);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("token", link.OriginalString)]);

        var refused = await browser.Client.PostAsync("/login/accept", form, Ct);

        Assert.Contains("failed=form", refused.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal("/", (await browser.OpenLinkAsync(link)).Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("/login?token=x")]
    [InlineData("runs")]
    [InlineData(null)]
    public void ReturnUrl_ThatIsNotOurs_IsTheStartPage(string? url) => Assert.Equal("/", LoginEndpoints.LocalOrHome(url));

    [Fact]
    public void ReturnUrl_OfOurs_IsKept() => Assert.Equal("/runs/r1?tab=2", LoginEndpoints.LocalOrHome("/runs/r1?tab=2"));

    [Fact]
    public async Task Logout_EndsTheSessionOnTheServer_NotOnlyTheCookie()
    {
        using var browser = await dashboard.LoginAsync("Leaving Person", Caller.Viewer);
        var cookie = browser.CookieHeader;
        var page = await browser.Client.GetStringAsync("/login", Ct);

        using (var noToken = new FormUrlEncodedContent([]))
            Assert.Equal(HttpStatusCode.BadRequest, (await browser.Client.PostAsync("/logout", noToken, Ct)).StatusCode);
        Assert.Equal("/login", (await browser.SubmitAsync("/logout", page)).Headers.Location!.OriginalString);

        using var replay = dashboard.Anonymous();
        replay.DefaultRequestHeaders.Add("Cookie", cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, (await replay.GetAsync("/api/v1/runs", Ct)).StatusCode);
    }

    [Fact]
    public async Task Cookie_OfASessionThatWasEnded_IsWorthNothing()
    {
        using var browser = await dashboard.LoginAsync("Removed Person", Caller.Operator);
        Assert.Equal(HttpStatusCode.OK, (await browser.Client.GetAsync("/api/v1/runs", Ct)).StatusCode);
        Assert.Equal(1, dashboard.Services.GetRequiredService<AccessStore>().EndPerson("Removed Person"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Client.GetAsync("/api/v1/runs", Ct)).StatusCode);
    }

    [Fact]
    public async Task Cookie_IsHttpOnlyAndLax()
    {
        using var browser = new Browser(dashboard.Url);
        var answer = await browser.OpenLinkAsync(new Uri(Mint("Cookie Person").Url));
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), c => !c.StartsWith("rollcall-form", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Mint_ByAnybodyButAnAdmin_IsForbidden()
    {
        var links = dashboard.Services.GetRequiredService<LinkService>();
        foreach (var role in (string[])[Caller.Viewer, Caller.Operator, Caller.Approver])
            Assert.Equal(RefusalKind.Forbidden, links.Mint("X", Caller.Admin, [], TimeSpan.FromHours(1), new Caller("eve", [role], [])).Refusal!.Kind);
    }

    [Fact]
    public void Mint_WithEverythingWrong_SaysEverythingAtOnce()
    {
        var refusal = dashboard.Services.GetRequiredService<LinkService>().Mint("", "king", ["no spaces"], TimeSpan.Zero, Caller.System).Refusal!;
        Assert.Equal(["/name", "/role", "/groups", "/lifetimeSeconds"], refusal.Errors.Select(e => e.Path));
    }

    private MintedLink Mint(string name) => dashboard.Services.GetRequiredService<LinkService>().Mint(name, Caller.Viewer, [], TimeSpan.FromMinutes(5), Caller.System).Value!;
}
