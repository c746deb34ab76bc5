namespace Rollcall.Web.Auth;

/// <summary>Who is asked for JSON gets JSON: the API, the hubs and the metrics answer 401 and 403 as problem+json and never redirect.</summary>
public static class Refusals
{
    public static bool IsProgrammatic(PathString path) =>
        path.StartsWithSegments("/api") || path.StartsWithSegments("/hubs") || path.StartsWithSegments("/metrics") || path.StartsWithSegments("/_blazor") || path.StartsWithSegments("/openapi");

    public static Task Unauthorized(HttpContext context) =>
        Results.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "Not logged in", detail: "Log in with a one-time link, or send \"Authorization: Bearer TOKEN\".").ExecuteAsync(context);

    public static Task Forbidden(HttpContext context) =>
        Results.Problem(statusCode: StatusCodes.Status403Forbidden, title: "Not allowed", detail: "Your roles do not allow this.").ExecuteAsync(context);
}
