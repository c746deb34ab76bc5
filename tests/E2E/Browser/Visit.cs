using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Rollcall.E2E.Support;
using Rollcall.Shared;
using Rollcall.Web;
using Rollcall.Web.Auth;
using Xunit;

namespace Rollcall.E2E.Browser;

/// <summary>The real dashboard with a quick demo cluster, and people who look at it. Ends with a failure when any page logged an error.</summary>
public sealed class Visit : IAsyncDisposable
{
    private readonly DashboardApplication _app;
    private readonly IBrowser _browser;
    private readonly string _folder;
    private readonly List<IBrowserContext> _contexts = [];

    private Visit(DashboardApplication app, IBrowser browser, string folder) => (_app, _browser, _folder) = (app, browser, folder);

    /// <summary>What browsers had to say: console errors and uncaught exceptions.</summary>
    public List<string> Complaints { get; } = [];

    public string Url => _app.Urls.First();

    public string LoginUrl => _app.LoginUrl;

    public IServiceProvider Services => _app.Services;

    public static async Task<Visit> StartAsync(Chromium chromium, string? scenario = null, params string[] settings)
    {
        Assert.SkipWhen(chromium.Browser is null, chromium.SkipReason);
        var folder = Directory.CreateTempSubdirectory("rollcall-browser-").FullName;
        var app = DashboardApplication.Create(
        [
            "--urls", "http://127.0.0.1:0", "--database", Path.Combine(folder, "rollcall.db"), "--demo",
            "--scenario", scenario ?? Path.Combine(RepositoryPaths.Root, "tests", "E2E", "Browser", "quick.yaml"), "--Logging:LogLevel:Default=Warning", .. settings,
        ]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new Visit(app, chromium.Browser!, folder);
    }

    /// <summary>A person with a browser of their own, signed in by a link.</summary>
    public async Task<IPage> SignInAsync(string? link = null, int width = 1440, ColorScheme scheme = ColorScheme.Dark)
    {
        var page = await NewPageAsync(width, scheme);
        await page.GotoAsync(link ?? LoginUrl);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await ReadyAsync(page);
        return page;
    }

    public async Task<IPage> NewPageAsync(int width = 1440, ColorScheme scheme = ColorScheme.Dark)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce, Locale = "en-GB", TimezoneId = "UTC" });
        _contexts.Add(context);
        context.SetDefaultTimeout(60_000);
        var page = await context.NewPageAsync();
        page.Console += (_, m) =>
        {
            if (m.Type == "error")
                lock (Complaints)
                    Complaints.Add($"{page.Url}: {m.Text}");
        };
        page.PageError += (_, e) =>
        {
            lock (Complaints)
                Complaints.Add($"{page.Url}: {e}");
        };
        return page;
    }

    /// <summary>A one-time link for somebody else.</summary>
    public string LinkFor(string name, string role)
    {
        var minted = Services.GetRequiredService<LinkService>().Mint(name, role, [], TimeSpan.FromHours(1), Caller.System);
        return minted.Ok ? minted.Value.Url : throw new InvalidOperationException(minted.Refusal.Message);
    }

    public async Task GoAsync(IPage page, string path)
    {
        ArgumentNullException.ThrowIfNull(page);
        await page.GotoAsync(Url.TrimEnd('/') + path);
        await ReadyAsync(page);
    }

    public static async Task ReadyAsync(IPage page)
    {
        ArgumentNullException.ThrowIfNull(page);
        await page.Locator("[data-circuit=ready]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }

    /// <summary>Compose a change, and start it; returns the run's path.</summary>
    public async Task<string> StartRunAsync(IPage page, string version)
    {
        ArgumentNullException.ThrowIfNull(page);
        await GoAsync(page, "/compose?cluster=demo/orders");
        await page.Locator("[aria-labelledby=versions] select").SelectOptionAsync(version);
        await Assertions.Expect(page.GetByLabel("Preview")).ToContainTextAsync(version);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create plan and start" }).ClickAsync();
        await page.WaitForURLAsync("**/runs/*");
        await ReadyAsync(page);
        return new Uri(page.Url).AbsolutePath;
    }

    public static ILocator RunState(IPage page)
    {
        ArgumentNullException.ThrowIfNull(page);
        return page.Locator(".run-state");
    }

    public static Task ExpectStateAsync(IPage page, string state) => Assertions.Expect(RunState(page)).ToContainTextAsync(state, new() { Timeout = 180_000 });

    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
            await context.DisposeAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
