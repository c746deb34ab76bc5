using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Web;
using Rollcall.Web.Auth;
using Rollcall.Web.Configuration;
using Xunit;

namespace Rollcall.Unit.Web;

/// <summary>Single sign-on against a real provider, by a browser that keeps cookies and follows nothing by itself.</summary>
public sealed class OidcTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-oidc-").FullName;
    private DashboardApplication _app = null!;
    private IdentityProvider _provider = null!;
    private Uri _url = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // The provider must know the client's address and the client the provider's: a free port is taken for the client first.
        using (var port = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            port.Start();
            _url = new Uri($"http://127.0.0.1:{((IPEndPoint)port.LocalEndpoint).Port}");
        }
        _provider = await IdentityProvider.StartAsync(_url);
        _app = DashboardApplication.Create(
        [
            "--urls", _url.ToString(), "--database", Path.Combine(_folder, "rollcall.db"), "--demo", "--Logging:LogLevel:Default=Error", $"--Rollcall:Auth:Oidc:Authority={_provider.Url}",
            $"--Rollcall:Auth:Oidc:ClientId={IdentityProvider.ClientId}", $"--Rollcall:Auth:Oidc:ClientSecret={IdentityProvider.Secret}", "--Rollcall:Auth:Oidc:RoleMapping:operator=dba,sre", "--Rollcall:Auth:Oidc:RoleMapping:approver=dba",
            "--Rollcall:Auth:Oidc:RoleMapping:admin=platform", "--Rollcall:Auth:Oidc:GroupMapping:database-owners=dba", "--Rollcall:Auth:Oidc:Title=Sign in with Example",
        ], builder => builder.Services.AddSingleton<IMeterFactory, MetersOfItsOwn>());
        await _app.StartAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        await _provider.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task SignIn_MapsGroupsToRolesAndApprovalGroups_WithCodeAndPkce()
    {
        _provider.Person = ("sub-1", "dora@example.org", ["dba", "coffee"]);
        using var browser = new Browser(_url);

        Assert.Equal("/runs?state=paused", await SignInAsync(browser, "/runs?state=paused"));

        var (asked, session) = (_provider.Asked!, Assert.Single(Store.Sessions));
        Assert.Equal(("code", "S256"), (asked.ResponseType, asked.CodeChallengeMethod));
        Assert.Equal(("dora@example.org", OidcSetup.Via, "127.0.0.1"), (session.Name, session.Via, session.Address));
        Assert.Equal([Caller.Operator, Caller.Approver], session.Roles);
        Assert.Equal(["database-owners"], session.Groups);
        Assert.Equal(HttpStatusCode.OK, (await browser.Client.GetAsync("/api/v1/runs", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Client.GetAsync("/api/v1/sessions", Ct)).StatusCode);
        var log = (await _app.Services.GetRequiredService<AuditLog>().FindAsync(new AuditFilter(Actor: "dora@example.org", Action: AuditActions.SignIn), null, 10, Ct)).Entries;
        Assert.Equal(OidcSetup.Via, Assert.Single(log).Via);
    }

    [Fact]
    public async Task SignIn_WithoutAMappedGroup_IsTurnedAwayAndAudited()
    {
        _provider.Person = ("sub-2", "guest", ["coffee"]);
        using var browser = new Browser(_url);

        Assert.Equal("/login?failed=oidcRole", await SignInAsync(browser, "/"));

        Assert.Empty(Store.Sessions);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Client.GetAsync("/api/v1/runs", Ct)).StatusCode);
        Assert.True(Assert.Single((await _app.Services.GetRequiredService<AuditLog>().FindAsync(new AuditFilter(Actor: "guest"), null, 10, Ct)).Entries).Refused);
    }

    [Fact]
    public async Task SignIn_UnderANameOfAnotherPersonOfTheProvider_IsTurnedAway()
    {
        using var first = new Browser(_url);
        using var second = new Browser(_url);
        _provider.Person = ("sub-3", "sam", ["sre"]);
        Assert.Equal("/", await SignInAsync(first, "/"));
        _provider.Person = ("sub-4", "Sam", ["platform"]);
        Assert.Equal("/login?failed=oidcName", await SignInAsync(second, "/"));
        Assert.Equal("sub-3", Assert.Single(Store.Sessions).Subject.Split(' ')[1]);
    }

    [Fact]
    public async Task Provider_ThatRefuses_LeadsBackToTheLoginPage()
    {
        _provider.Person = null;
        using var browser = new Browser(_url);
        Assert.Equal("/login?failed=oidc", await SignInAsync(browser, "/"));
        Assert.Empty(Store.Sessions);
    }

    [Fact]
    public async Task Callback_ThatNobodyAskedFor_IsNoLogin()
    {
        using var browser = new Browser(_url);
        var answer = await browser.Client.GetAsync("/signin-oidc?code=stolen&state=forged", Ct);
        Assert.Equal("/login?failed=oidc", answer.Headers.Location!.OriginalString);
        Assert.Empty(Store.Sessions);
    }

    [Fact]
    public async Task Code_InAnotherBrowser_IsNoLogin()
    {
        _provider.Person = ("sub-5", "vera", ["sre"]);
        using var hers = new Browser(_url);
        using var thiefs = new Browser(_url);
        var callback = await CallbackAsync(hers, "/");

        var answer = await thiefs.Client.GetAsync(callback, Ct);

        Assert.Equal("/login?failed=oidc", answer.Headers.Location!.OriginalString);
        Assert.Empty(Store.Sessions);
    }

    [Fact]
    public async Task SignOut_EndsTheSessionHereAndThere()
    {
        _provider.Person = ("sub-6", "lena", ["sre"]);
        using var browser = new Browser(_url);
        await SignInAsync(browser, "/");

        var answer = await browser.SubmitAsync("/logout", await browser.Client.GetStringAsync("/login", Ct));
        Assert.StartsWith(_provider.Url.ToString(), answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Contains("id_token_hint=", answer.Headers.Location.Query, StringComparison.Ordinal);
        var there = await browser.Client.GetAsync(answer.Headers.Location, Ct);
        Assert.Equal((1, "/signout-callback-oidc"), (_provider.SignOuts, there.Headers.Location!.AbsolutePath));
        var back = await browser.Client.GetAsync(there.Headers.Location, Ct);

        Assert.Equal("/login", back.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Client.GetAsync("/api/v1/runs", Ct)).StatusCode);
        Assert.NotNull(Assert.Single(Store.Sessions).EndedAt);
    }

    [Fact]
    public async Task LoginPage_OffersTheProvider_AndItsPolicyLetsFormsLeadThere()
    {
        using var client = new HttpClient { BaseAddress = _url };
        var answer = await client.GetAsync("/login?returnUrl=%2Fruns", Ct);
        var page = await answer.Content.ReadAsStringAsync(Ct);
        Assert.Contains("href=\"/login/oidc?returnUrl=%2Fruns\"", page, StringComparison.Ordinal);
        Assert.Contains("Sign in with Example", page, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"password\"", page, StringComparison.Ordinal);
        Assert.Contains($"form-action 'self' {_provider.Url.GetLeftPart(UriPartial.Authority)}", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://login.example.org", "rollcall", "operator", "https")]
    [InlineData("https://login.example.org", "", "operator", "ClientId")]
    [InlineData("https://login.example.org", "rollcall", "king", "king")]
    [InlineData("https://login.example.org", "rollcall", null, "nobody")]
    public void Options_ThatCannotWork_AreNamedAtStart(string authority, string client, string? role, string says)
    {
        var options = new OidcOptions { Authority = authority, ClientId = client };
        if (role is not null)
            options.RoleMapping[role] = "dba";
        Assert.Contains(options.Problems(), p => p.Contains(says, StringComparison.Ordinal));
    }

    /// <summary>OpenTelemetry listens to the whole process by name: without this, the end of this dashboard would take the figures of the others with it.</summary>
    private sealed class MetersOfItsOwn : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(new MeterOptions($"oidc tests {options.Name}"));

        public void Dispose()
        {
        }
    }

    private AccessStore Store => _app.Services.GetRequiredService<AccessStore>();

    /// <summary>From the button to the address where the browser ends up.</summary>
    private async Task<string> SignInAsync(Browser browser, string returnUrl) =>
        (await browser.Client.GetAsync(await CallbackAsync(browser, returnUrl), Ct)).Headers.Location!.OriginalString;

    /// <summary>From the button to the provider and up to the address that it sends the browser back to.</summary>
    private async Task<Uri> CallbackAsync(Browser browser, string returnUrl)
    {
        var start = await browser.Client.GetAsync($"/login/oidc?returnUrl={Uri.EscapeDataString(returnUrl)}", Ct);
        Assert.Equal(HttpStatusCode.Redirect, start.StatusCode);
        var there = await browser.Client.GetAsync(start.Headers.Location, Ct);
        Assert.Equal(HttpStatusCode.Redirect, there.StatusCode);
        Assert.Equal(_url.Port, there.Headers.Location!.Port);
        return there.Headers.Location;
    }
}
