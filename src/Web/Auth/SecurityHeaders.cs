using Rollcall.Web.Configuration;

namespace Rollcall.Web.Auth;

/// <summary>
/// The headers that tell a browser what our pages may do: scripts, sockets and fonts from here and nowhere else, in nobody's frame.
/// Inline styles stay allowed because MudBlazor cannot do without (MudBlazor#4529); inline scripts do not.
/// </summary>
public sealed class SecurityHeaders(RequestDelegate next, DashboardOptions options)
{
    public const string Policy =
        "default-src 'self'; script-src 'self'; connect-src 'self'; font-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    // Signing out is a form whose answer leads to the identity provider, and browsers hold such a redirect against form-action too.
    private readonly string _policy = options.Auth.Oidc.Enabled ? Policy.Replace("form-action 'self'", $"form-action 'self' {new Uri(options.Auth.Oidc.Authority).GetLeftPart(UriPartial.Authority)}", StringComparison.Ordinal) : Policy;

    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        // On starting, so that an error page, which clears the headers, has them too.
        context.Response.OnStarting(static state =>
        {
            var (context, path, policy) = ((HttpContext, PathString, string))state;
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = policy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "same-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin"); // a badge is for pages elsewhere, and says so
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
            if ((path.StartsWithSegments("/login") || path.StartsWithSegments("/gate")) && headers.CacheControl.Count == 0)
                headers.CacheControl = "no-store";
            return Task.CompletedTask;
        }, (context, context.Request.Path, _policy));
        return next(context);
    }
}
