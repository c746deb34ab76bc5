using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Rollcall.Web.Auth;

/// <summary>
/// Browsers send cookies along with requests that other sites caused, and CORS does not apply to WebSockets. So what changes something, and every socket, must come from our own pages:
/// <c>Sec-Fetch-Site</c> where the browser says it, else <c>Origin</c>. A request with neither is no browser's. Programs with a bearer token carry no ambient credential and are exempt.
/// </summary>
public sealed class SameOriginGuard(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Guarded(context.Request) && CameFromElsewhere(context.Request)
            ? Results.Problem(statusCode: StatusCodes.Status403Forbidden, title: "Not from this site", detail: "This request was made by a page of another site.").ExecuteAsync(context)
            : next(context);
    }

    public static bool CameFromElsewhere(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
            return site is not ("same-origin" or "none");
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0)
            return false;
        // Compared by host and port: behind a proxy that ends TLS the scheme is not ours to know.
        return !Uri.TryCreate(origin, UriKind.Absolute, out var from) || !string.Equals(from.Authority, Authority(request, from.Scheme), StringComparison.OrdinalIgnoreCase);
    }

    private static string Authority(HttpRequest request, string scheme) =>
        Uri.TryCreate($"{scheme}://{request.Host.Value}", UriKind.Absolute, out var own) ? own.Authority : "";

    private static bool Guarded(HttpRequest request) =>
        !request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        && (!(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)) || IsSocket(request));

    private static bool IsSocket(HttpRequest request) =>
        request.Path.StartsWithSegments("/_blazor") || request.Path.StartsWithSegments("/hubs")
        || request.Headers[HeaderNames.Upgrade].Count > 0 || request.HttpContext.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };
}
