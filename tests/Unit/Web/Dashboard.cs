using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Shared;
using Rollcall.Web;
using Rollcall.Web.Auth;
using Xunit;

namespace Rollcall.Unit.Web;

/// <summary>The very application that people start, on a free port of loopback, with its demo cluster and a database of its own.</summary>
public sealed class Dashboard : IAsyncLifetime
{
    public const string Token = "a-token-for-the-tests-0123456789";

    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-web-").FullName;
    private DashboardApplication _app = null!;

    public Uri Url { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    public string LoginUrl => _app.LoginUrl;

    public string Folder => _folder;

    public async ValueTask InitializeAsync()
    {
        _app = DashboardApplication.Create(
        [
            "--urls", "http://127.0.0.1:0", "--database", Path.Combine(_folder, "rollcall.db"), $"--Rollcall:Auth:BootstrapToken={Token}", "--Logging:LogLevel:Default=Warning", "--demo",
        ]);
        await _app.StartAsync(TestContext.Current.CancellationToken);
        Url = new Uri(_app.Urls.First());
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A client that follows no redirect: whether there was one is what tests ask.</summary>
    public HttpClient Anonymous() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Url };

    public HttpClient WithToken(string token = Token)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    /// <summary>A person's browser, logged in by a link of their own.</summary>
    public async Task<Browser> LoginAsync(string name, string role, params string[] groups)
    {
        var link = Services.GetRequiredService<LinkService>().Mint(name, role, [.. groups], TimeSpan.FromMinutes(5), Caller.System);
        Assert.True(link.Ok, link.Refusal?.Message);
        var browser = new Browser(Url);
        var answer = await browser.OpenLinkAsync(new Uri(link.Value.Url));
        Assert.Equal("/", answer.Headers.Location?.OriginalString);
        return browser;
    }
}

/// <summary>As much of a browser as logging in takes: cookies, forms, and no redirects behind our back.</summary>
public sealed partial class Browser : IDisposable
{
    private readonly CookieContainer _cookies = new();

    public Browser(Uri url)
    {
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = _cookies }) { BaseAddress = url };
    }

    public HttpClient Client { get; }

    public string CookieHeader => _cookies.GetCookieHeader(Client.BaseAddress!);

    public CookieContainer Cookies => _cookies;

    /// <summary>Opens a login link and presses its button.</summary>
    public async Task<HttpResponseMessage> OpenLinkAsync(Uri link)
    {
        var ct = TestContext.Current.CancellationToken;
        var page = await Client.GetStringAsync(link, ct);
        return await SubmitAsync("/login/accept", page, ("token", Hidden(page, "token") ?? link.OriginalString));
    }

    public async Task<HttpResponseMessage> SubmitAsync(string path, string pageWithForm, params (string Name, string Value)[] fields)
    {
        var form = fields.Append(("__RequestVerificationToken", Hidden(pageWithForm, "__RequestVerificationToken") ?? "")).Select(f => KeyValuePair.Create(f.Item1, f.Item2));
        using var content = new FormUrlEncodedContent(form);
        return await Client.PostAsync(path, content, TestContext.Current.CancellationToken);
    }

    public static string? Hidden(string page, string name) =>
        HiddenField().Matches(page).FirstOrDefault(m => m.Groups["name"].Value == name)?.Groups["value"].Value;

    public void Dispose() => Client.Dispose();

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]+)" value="(?<value>[^"]*)" />""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HiddenField();
}

[CollectionDefinition(nameof(Dashboard))]
public sealed class DashboardCollection : ICollectionFixture<Dashboard>;
