using Rollcall.Engine.Storage;
using Rollcall.Web.Api;

namespace Rollcall.Web.Auth;

/// <summary>Who is asked for JSON gets JSON: the API, the hubs and the metrics answer 401 and 403 as problem+json and never redirect.</summary>
public static class Refusals
{
    public static bool IsProgrammatic(PathString path) =>
        path.StartsWithSegments("/api") || path.StartsWithSegments("/hubs") || path.StartsWithSegments("/metrics") || path.StartsWithSegments("/_blazor") || path.StartsWithSegments("/openapi");

    public static Task Unauthorized(HttpContext context, string? trouble = null) =>
        Results.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "Not logged in", detail: trouble ?? "Log in with a one-time link, or send \"Authorization: Bearer TOKEN\".").ExecuteAsync(context);

    /// <summary>Also goes into the audit log: somebody who is known tried what they may not.</summary>
    public static async Task Forbidden(HttpContext context, string? why = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        await context.RequestServices.GetRequiredService<AccessAudit>().RefusedAsync(context.AccessCaller(), AuditActions.Call, $"{context.Request.Method} {context.Request.Path}", why ?? "Their roles do not allow this.");
        await Results.Problem(statusCode: StatusCodes.Status403Forbidden, title: "Not allowed", detail: why ?? "Your roles do not allow this.").ExecuteAsync(context);
    }
}
