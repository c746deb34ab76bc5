using System.Net;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Web;

/// <summary>Who may call what: the whole table. An endpoint that is not in it fails the first test, so that none is ever published by accident.</summary>
[Collection(nameof(Dashboard))]
public sealed class EndpointAuthorizationTests(Dashboard dashboard)
{
    private const string Everybody = "everybody";

    /// <summary>The least role that is let in; by the endpoint or by the engine behind it.</summary>
    private static readonly (string Method, string Route, string Role)[] Table =
    [
        ("GET", "/healthz", Everybody),
        ("GET", "/readyz", Everybody),
        ("GET", "/openapi/{documentName}.json", Everybody),
        ("POST", "/login/accept", Everybody),
        ("GET", "/login", Everybody),
        ("POST", "/logout", Caller.Viewer),
        ("GET", "/metrics", Caller.Viewer),
        ("GET", "/api/v1/clusters/", Caller.Viewer),
        ("GET", "/api/v1/clusters/{namespace}/{name}/topology", Caller.Viewer),
        ("POST", "/api/v1/plans:preview", Caller.Viewer),
        ("POST", "/api/v1/plans", Caller.Operator),
        ("GET", "/api/v1/plans/{id}", Caller.Viewer),
        ("GET", "/api/v1/templates/", Caller.Viewer),
        ("POST", "/api/v1/templates/", Caller.Operator),
        ("GET", "/api/v1/templates/{id}", Caller.Viewer),
        ("DELETE", "/api/v1/templates/{id}", Caller.Operator),
        ("POST", "/api/v1/runs/", Caller.Operator),
        ("GET", "/api/v1/runs/", Caller.Viewer),
        ("GET", "/api/v1/runs/{id}", Caller.Viewer),
        ("GET", "/api/v1/runs/{id}/events", Caller.Viewer),
        ("GET", "/api/v1/runs/{id}/report", Caller.Viewer),
        ("POST", "/api/v1/runs/{id}:pause", Caller.Operator),
        ("POST", "/api/v1/runs/{id}:resume", Caller.Operator),
        ("POST", "/api/v1/runs/{id}:retry", Caller.Operator),
        ("POST", "/api/v1/runs/{id}:abort", Caller.Operator),
        ("POST", "/api/v1/runs/{id}:stop-after-member", Caller.Operator),
        ("POST", "/api/v1/runs/{id}:bypass-window", Caller.Admin),
        ("POST", "/api/v1/runs/{id}:rollback-preview", Caller.Operator),
        ("GET", "/api/v1/runs/{id}/rollback-preview", Caller.Operator),
        ("POST", "/api/v1/runs/{id}:rollback", Caller.Operator),
        ("POST", "/api/v1/runs/{id}/gates/{gate}:approve", Caller.Approver),
        ("POST", "/api/v1/runs/{id}/gates/{gate}:reject", Caller.Approver),
        ("POST", "/api/v1/runs/{id}/gates/{gate}:claim", Caller.Approver),
        ("POST", "/api/v1/runs/{id}/gates/{gate}:comment", $"{Caller.Operator}|{Caller.Approver}"),
        ("POST", "/api/v1/runs/{id}/gates/{gate}:bypass", Caller.Admin),
        ("POST", "/api/v1/runs/{id}/gates/{gate}:invite", Caller.Admin),
        ("DELETE", "/api/v1/runs/{id}/gates/{gate}/invitations/{invitation}", Caller.Admin),
        ("POST", "/gate/decide", Everybody),
        ("GET", "/api/v1/approvals", Caller.Viewer),
        ("GET", "/api/v1/rules", Caller.Viewer),
        ("POST", "/api/v1/links/", Caller.Admin),
        ("GET", "/api/v1/links/", Caller.Admin),
        ("DELETE", "/api/v1/links/{id}", Caller.Admin),
        ("POST", "/api/v1/tokens/", Caller.Viewer),
        ("GET", "/api/v1/tokens/", Caller.Viewer),
        ("DELETE", "/api/v1/tokens/{id}", Caller.Viewer),
        ("POST", "/login/password", Everybody),
        ("POST", "/api/v1/accounts/", Caller.Admin),
        ("GET", "/api/v1/accounts/", Caller.Admin),
        ("PUT", "/api/v1/accounts/{id}", Caller.Admin),
        ("POST", "/api/v1/accounts/{id}:disable", Caller.Admin),
        ("POST", "/api/v1/accounts/{id}:enable", Caller.Admin),
        ("POST", "/api/v1/accounts/{id}:reset-password", Caller.Admin),
        ("GET", "/api/v1/audit", Caller.Admin),
        ("GET", "/api/v1/audit:export", Caller.Admin),
        ("GET", "/api/v1/audit:verify", Caller.Admin),
        ("GET", "/api/v1/notifications", Caller.Admin),
        ("POST", "/api/v1/notifications:test", Caller.Admin),
        ("POST", "/api/v1/notifications/{id}:send-again", Caller.Admin),
        ("GET", "/api/v1/sessions/", Caller.Admin),
        ("DELETE", "/api/v1/sessions/{id}", Caller.Admin),
        ("POST", "/api/v1/screens/", Caller.Admin),
        ("GET", "/api/v1/screens/", Caller.Admin),
        ("DELETE", "/api/v1/screens/{id}", Caller.Admin),
        ("GET", "/api/v1/clusters/{namespace}/{name}/instances/{component}/{shard}/{instance}/events", Caller.Viewer),
        ("GET", "/api/v1/clusters/{namespace}/{name}/instances/{component}/{shard}/{instance}/object", Caller.Viewer),
        // By the key in their link; ScreenTests has who gets in.
        ("GET", "/status/{name}", Everybody),
        ("GET", "/status/{name}/badge.svg", Everybody),
        ("POST", "/hubs/live/negotiate", Caller.Viewer),
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Rows => [.. Table.Select(r => (r.Method, r.Route, r.Role))];

    [Fact]
    public void EveryEndpoint_OfOurs_IsInTheTable()
    {
        var known = Table.Select(r => $"{r.Method} {r.Route}").Concat(["GET /hubs/live", "GET /hubs/live/negotiate", "GET /hubs/status", "GET /hubs/status/negotiate", "POST /hubs/status/negotiate"]).ToHashSet(StringComparer.Ordinal);
        var missing = dashboard.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(IsOurs)
            .SelectMany(e => Methods(e).Select(m => $"{m} {(e.RoutePattern.RawText!.StartsWith('/') ? "" : "/")}{e.RoutePattern.RawText}"))
            .Where(e => !known.Contains(e)).ToArray();
        Assert.Empty(missing);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Endpoint_WithoutLogin_Is401AndNeverARedirect(string method, string route, string role)
    {
        using var client = dashboard.Anonymous();
        var status = await CallAsync(client, method, route);
        if (role == Everybody)
            Assert.NotEqual(HttpStatusCode.Unauthorized, status);
        else if (route == "/logout")
            Assert.Equal(HttpStatusCode.Redirect, status); // a page, not a program
        else
            Assert.Equal(HttpStatusCode.Unauthorized, status);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Endpoint_ForEachRole_LetsInExactlyThoseOfTheTable(string method, string route, string least)
    {
        foreach (var role in (string[])[Caller.Viewer, Caller.Operator, Caller.Approver, Caller.Admin])
        {
            using var browser = await dashboard.LoginAsync($"Role {role}", role);
            var status = await CallAsync(browser.Client, method, route);
            var allowed = least is Everybody or Caller.Viewer || least.Split('|').Contains(role) || role == Caller.Admin;
            Assert.True(status == HttpStatusCode.Forbidden != allowed, $"{role} got {status}");
        }
    }

    private static async Task<HttpStatusCode> CallAsync(HttpClient client, string method, string route)
    {
        var path = route.Replace("{namespace}", "demo", StringComparison.Ordinal).Replace("{name}", "none", StringComparison.Ordinal).Replace("{id}", "none", StringComparison.Ordinal)
            .Replace("{gate}", "none", StringComparison.Ordinal).Replace("{invitation}", "none", StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
            request.Content = new StringContent("""{"planId":"none","planHash":"none"}""", Encoding.UTF8, route.StartsWith("/log", StringComparison.Ordinal) ? "application/x-www-form-urlencoded" : "application/json");
        using var answer = await client.SendAsync(request, Ct);
        return answer.StatusCode;
    }

    /// <summary>Pages and the framework's own files are under the fallback policy; what this project maps by hand is listed.</summary>
    private static bool IsOurs(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText is { } route && !route.Contains("_framework", StringComparison.Ordinal) && !route.Contains("_blazor", StringComparison.Ordinal) && !route.Contains("{**path:file}", StringComparison.Ordinal)
        && !endpoint.Metadata.Any(m => m.GetType().Name is "ComponentTypeMetadata" or "StaticAssetDescriptor" || m is Microsoft.AspNetCore.StaticAssets.StaticAssetDescriptor);

    private static IEnumerable<string> Methods(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods.Count: > 0 } methods ? methods.HttpMethods.Where(m => m != "OPTIONS") : ["GET"];
}
