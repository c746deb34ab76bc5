using System.Net;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.Connections.Client;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Hubs;
using Xunit;

namespace Rollcall.Unit.Web;

/// <summary>
/// The rest of the table beside <see cref="EndpointAuthorizationTests"/>: tokens with limits at every endpoint, every method of the hub, every page. Rows come from the application itself, so that what is new and not listed fails.
/// </summary>
[Collection(nameof(Dashboard))]
public sealed partial class SecurityTableTests(Dashboard dashboard)
{
    /// <summary>What a token that is limited to some clusters may call. Everything else is 403 for it.</summary>
    private static readonly HashSet<string> KeepScope = new(StringComparer.Ordinal)
    {
        "GET /api/v1/clusters/", "GET /api/v1/clusters/{namespace}/{name}/topology", "POST /api/v1/plans:preview", "POST /api/v1/plans", "GET /api/v1/plans/{id}", "POST /api/v1/runs/", "GET /api/v1/runs/", "GET /api/v1/runs/{id}",
        "GET /api/v1/runs/{id}/events", "GET /api/v1/runs/{id}/report", "POST /api/v1/runs/{id}:pause", "POST /api/v1/runs/{id}:resume", "POST /api/v1/runs/{id}:retry", "POST /api/v1/runs/{id}:abort",
        "POST /api/v1/runs/{id}:stop-after-member", "POST /api/v1/runs/{id}:bypass-window", "POST /api/v1/runs/{id}:rollback-preview", "POST /api/v1/runs/{id}:rollback", "POST /api/v1/runs/{id}/gates/{gate}:approve", "POST /api/v1/runs/{id}/gates/{gate}:reject", "POST /api/v1/runs/{id}/gates/{gate}:bypass",
        "GET /api/v1/runs/{id}/rollback-preview",
        "GET /api/v1/approvals", "GET /api/v1/rules", "POST /hubs/live/negotiate",
        "GET /api/v1/clusters/{namespace}/{name}/instances/{component}/{shard}/{instance}/events", "GET /api/v1/clusters/{namespace}/{name}/instances/{component}/{shard}/{instance}/object",
        // The screen itself says which clusters it shows; ScreenTests has who gets in.
        "POST /hubs/status/negotiate",
    };

    /// <summary>What changes nothing although it is no GET: open to a token that only reads.</summary>
    private static readonly HashSet<string> Read = new(StringComparer.Ordinal) { "POST /api/v1/plans:preview", "POST /api/v1/runs/{id}:rollback-preview", "POST /hubs/live/negotiate", "POST /hubs/status/negotiate" };

    /// <summary>Every page, and who sees it without signing in.</summary>
    private static readonly Dictionary<string, bool> Pages = new(StringComparer.Ordinal)
    {
        ["/"] = false, ["/approvals"] = false, ["/audit"] = false, ["/clusters/{Namespace}/{Name}"] = false, ["/compose"] = false, ["/runs"] = false, ["/runs/{Id}"] = false, ["/runs/{Id}/report"] = false,
        ["/rules"] = false, ["/settings"] = false, ["/settings/{Section}"] = false, ["/login"] = true, ["/error"] = true, ["/not-found"] = true,
        // Opened by a signed, single-use invitation to one gate; it decides nothing but that gate.
        ["/gate"] = true,
    };

    /// <summary>Open to everybody who is signed in; a viewer's screen needs no more, and nothing on the hub changes anything.</summary>
    private static readonly string[] HubMethods = ["WatchTopology", "WatchRun", "Ack"];

    /// <summary>On the hub of status screens only.</summary>
    private static readonly string[] ScreenMethods = ["WatchScreen"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Endpoint_WithALimitedToken_IsOpenExactlyWhereItKeepsToTheScope()
    {
        using var program = dashboard.WithToken(Mint("limited", namespaces: ["nowhere"]));
        var wrong = new List<string>();
        foreach (var (method, route) in Endpoints())
        {
            var status = await CallAsync(program, method, route);
            if (status == HttpStatusCode.Unauthorized || (status != HttpStatusCode.Forbidden && !KeepScope.Contains($"{method} {route}")))
                wrong.Add($"{method} {route}: {(int)status}");
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Endpoint_WithATokenThatOnlyReads_ChangesNothing()
    {
        using var program = dashboard.WithToken(Mint("reader", readOnly: true));
        var wrong = new List<string>();
        foreach (var (method, route) in Endpoints())
        {
            var status = await CallAsync(program, method, route);
            if (status == HttpStatusCode.Unauthorized || (status != HttpStatusCode.Forbidden && method != "GET" && !Read.Contains($"{method} {route}")))
                wrong.Add($"{method} {route}: {(int)status}");
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Endpoint_ThatChangesSomething_CalledByAPageOfAnotherSite_IsRefused()
    {
        using var browser = await dashboard.LoginAsync("Forged Origin", Caller.Admin);
        foreach (var headers in (Dictionary<string, string>[])[new() { ["Origin"] = "https://evil.example" }, new() { ["Sec-Fetch-Site"] = "cross-site" }, new() { ["Origin"] = "null" }])
            foreach (var (method, route) in Endpoints().Where(e => e.Method != "GET").Concat([("POST", "/_blazor/negotiate"), ("POST", "/login/accept"), ("POST", "/login/password"), ("POST", "/logout")]))
                Assert.Equal((route, HttpStatusCode.Forbidden), (route, await CallAsync(browser.Client, method, route, headers)));
        // And it is still signed in: nothing of it had an effect.
        Assert.Equal(HttpStatusCode.OK, (await browser.Client.GetAsync("/api/v1/runs", Ct)).StatusCode);
    }

    [Fact]
    public void EveryPage_IsInTheTable()
    {
        Assert.True(Routes.Length > 10, $"only {Routes.Length} pages were found");
        Assert.DoesNotContain(Routes, r => !Pages.ContainsKey(r));
    }

    private static readonly string[] Routes = [.. typeof(LiveHub).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes<RouteAttribute>()).Select(r => r.Template).Distinct(StringComparer.Ordinal)];

    [Fact]
    public async Task Page_WithoutLogin_LeadsToTheLoginPage()
    {
        using var client = dashboard.Anonymous();
        foreach (var (route, open) in Pages.Where(p => Routes.Contains(p.Key)))
        {
            using var answer = await client.GetAsync(Fill(route), Ct);
            if (open)
                Assert.NotEqual((route, HttpStatusCode.Redirect), (route, answer.StatusCode));
            else
                Assert.Equal((route, HttpStatusCode.Redirect, "/login"), (route, answer.StatusCode, answer.Headers.Location?.AbsolutePath));
        }
    }

    [Fact]
    public async Task Page_ForEachRole_OpensWithItsFrame_AndForALimitedTokenNever()
    {
        using var limited = dashboard.WithToken(Mint("pages", clusters: ["nowhere/none"]));
        foreach (var role in LinkService.Roles)
        {
            using var browser = await dashboard.LoginAsync($"Page {role}", role);
            foreach (var (route, _) in Pages.Where(p => !p.Value && Routes.Contains(p.Key)))
                Assert.Equal((route, role, HttpStatusCode.OK), (route, role, (await browser.Client.GetAsync(Fill(route), Ct)).StatusCode));
        }
        foreach (var (route, _) in Pages.Where(p => !p.Value && Routes.Contains(p.Key)))
            Assert.Equal((route, HttpStatusCode.Forbidden), (route, (await limited.GetAsync(Fill(route), Ct)).StatusCode));
    }

    [Fact]
    public void EveryHubMethod_IsInTheTable()
    {
        var ours = typeof(LiveHub).Assembly;
        var methods = ours.GetTypes().Where(t => t.IsSubclassOf(typeof(Hub)) && !t.IsAbstract).SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Where(m => m.GetBaseDefinition() == m && m.DeclaringType!.Assembly == ours).Select(m => m.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        Assert.Equal(HubMethods.Concat(ScreenMethods).Order(StringComparer.Ordinal), methods);
    }

    [Fact]
    public async Task HubMethod_ForEachRole_IsOpen_AndWithoutLoginThereIsNoConnection()
    {
        await using (var anonymous = Connect(null))
            Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<HttpRequestException>(() => anonymous.StartAsync(Ct))).StatusCode);
        foreach (var role in LinkService.Roles)
        {
            await using var hub = Connect($"Bearer {Mint($"hub {role}", roles: [role])}");
            await hub.StartAsync(Ct);
            await hub.InvokeAsync("Ack", "none", "0", Ct);
            foreach (var method in HubMethods.Where(m => m.StartsWith("Watch", StringComparison.Ordinal)))
            {
                var error = await Assert.ThrowsAsync<HubException>(async () =>
                {
                    await foreach (var _ in hub.StreamAsync<object>(method, "x/none", method == "WatchRun" ? (object)0L : null, Ct))
                    {
                    }
                });
                Assert.Contains("There is no", error.Message, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Blazor and d3's text() write text. What would write markup is named here; nothing in our sources may use it, so that no name, label or comment ever becomes an element.</summary>
    [Fact]
    public void Sources_NeverTurnAStringIntoMarkup()
    {
        var root = Root();
        var files = new[] { "src/Web", "wwwroot/js" }.SelectMany(f => Directory.EnumerateFiles(Path.Combine(root, f), "*", SearchOption.AllDirectories))
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal) || f.EndsWith(".js", StringComparison.Ordinal))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("/node_modules/", StringComparison.Ordinal)).ToArray();
        Assert.True(files.Length > 100, $"only {files.Length} files were found under {root}");
        // The graph's frame is a fixed template; everything that comes from outside is put into it as text.
        string[] fixedTemplates = ["wwwroot/js/topology/frame.js"];
        Assert.Empty(files.Where(f => !fixedTemplates.Contains(Path.GetRelativePath(root, f)) && WritesMarkup().IsMatch(File.ReadAllText(f))).Select(f => Path.GetRelativePath(root, f)));
    }

    [GeneratedRegex(@"MarkupString|AddMarkupContent|\.innerHTML\s*[+]?=|\.outerHTML\s*=|insertAdjacentHTML|document\.write|\.html\(|\beval\(|new Function\(", RegexOptions.None, matchTimeoutMilliseconds: 2000)]
    private static partial Regex WritesMarkup();

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Dashboard.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }

    /// <summary>All of ours that need a login.</summary>
    private List<(string Method, string Route)> Endpoints() =>
        [.. dashboard.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<Microsoft.AspNetCore.Authorization.IAllowAnonymous>() is null && (e.RoutePattern.RawText!.StartsWith("/api", StringComparison.Ordinal) || e.RoutePattern.RawText.StartsWith("/metrics", StringComparison.Ordinal) || e.RoutePattern.RawText.EndsWith("/negotiate", StringComparison.Ordinal) && e.RoutePattern.RawText.StartsWith("/hubs", StringComparison.Ordinal)))
            .SelectMany(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods.Count: > 0 } methods ? methods.HttpMethods.Where(m => m != "OPTIONS") : ["GET"]).Select(m => (m, e.RoutePattern.RawText!)))
            .Where(e => e != ("GET", "/hubs/live/negotiate") && e != ("GET", "/hubs/status/negotiate")).Distinct()];

    private static async Task<HttpStatusCode> CallAsync(HttpClient client, string method, string route, Dictionary<string, string>? headers = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Fill(route));
        if (method != "GET")
            request.Content = new StringContent("""{"planId":"none","planHash":"none"}""", Encoding.UTF8, route.StartsWith("/log", StringComparison.Ordinal) ? "application/x-www-form-urlencoded" : "application/json");
        foreach (var (name, value) in headers ?? [])
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await client.SendAsync(request, Ct);
        return answer.StatusCode;
    }

    private static string Fill(string route) => Parameter().Replace(route, "none");

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();

    private string Mint(string label, string[]? roles = null, bool readOnly = false, string[]? namespaces = null, string[]? clusters = null)
    {
        var made = dashboard.Services.GetRequiredService<TokenService>().Mint(new TokenWish(label, [.. roles ?? [Caller.Admin]], [], [.. namespaces ?? []], [.. clusters ?? []], readOnly, false, TimeSpan.FromHours(1)), new Caller("admin", [Caller.Admin], []));
        Assert.True(made.Ok, made.Refusal?.Message);
        return made.Value!.Token;
    }

    private HubConnection Connect(string? authorization) => new HubConnectionBuilder().WithUrl(new Uri(dashboard.Url, "/hubs/live"), (HttpConnectionOptions o) =>
    {
        if (authorization is not null)
            o.Headers["Authorization"] = authorization;
    }).Build();
}
