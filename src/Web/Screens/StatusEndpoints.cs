using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Rollcall.Engine.Topology;
using Rollcall.Web.Auth;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Screens;

/// <summary>The status screens: a page, a badge and a read-only hub, for whoever holds the link.</summary>
public static class StatusEndpoints
{
    public static void AddStatusScreens(this IServiceCollection services, DashboardOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.AddSingleton(new ScreenFile(Path.Combine(options.DataFolder, "screens.json")));
        services.AddSingleton<ScreenStore>();
        services.AddSingleton<ScreenKeys>();
        services.AddSingleton<ScreenAccess>();
        services.AddSingleton<ScreenService>();
        services.AddSingleton<ScreenPicture>();
        services.AddSingleton<ScreenFeeds>();
        services.AddAuthorizationBuilder().AddPolicy(ScreenAccess.Policy, p => p.RequireAssertion(c =>
            c.Resource is HttpContext http && http.RequestServices.GetRequiredService<ScreenAccess>().Allowed(http, http.Request.Query[ScreenAccess.NameParameter]) is not null));
    }

    public static void MapStatusScreens(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ScreenAccess.Root + "/{name}", Page).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet(ScreenAccess.Root + "/{name}/badge.svg", BadgeOf).AllowAnonymous().ExcludeFromDescription();
        routes.MapHub<StatusHub>(StatusHub.Path).RequireAuthorization(ScreenAccess.Policy).KeepsScope().Reads();
    }

    private static IResult Page(string name, HttpContext context, ScreenAccess access)
    {
        context.Response.Headers.CacheControl = "no-store";
        var key = context.Request.Query[ScreenAccess.KeyParameter].ToString();
        if (access.Allowed(context, name) is { } screen)
            return new RazorComponentResult<StatusDocument>(new Dictionary<string, object?> { ["Screen"] = screen, ["Key"] = key });
        // Without a key it may be a colleague who has yet to sign in; with one it is a link that ended.
        if (key.Length == 0 && context.User.Identity is not { IsAuthenticated: true })
            return Results.Challenge(new AuthenticationProperties { RedirectUri = $"{ScreenAccess.Root}/{Uri.EscapeDataString(name)}" });
        return new RazorComponentResult<StatusGone>() { StatusCode = StatusCodes.Status404NotFound };
    }

    private static IResult BadgeOf(string name, string? cluster, HttpContext context, ScreenAccess access, ScreenPicture picture)
    {
        if (access.Allowed(context, name) is not { } screen || (cluster is not null && !screen.Clusters.Contains(cluster)))
            return Results.Problem(statusCode: StatusCodes.Status404NotFound, title: "Not found", detail: "This link opens no badge: it has expired, was taken back, or is not complete.");
        var shown = screen with { Clusters = [cluster ?? screen.Clusters[0]] };
        var svg = Encoding.UTF8.GetBytes(Badge.Of(picture.Of(shown).Clusters[0]));
        var headers = context.Response.Headers;
        // Pages elsewhere show it, and what stands between may keep it for a moment.
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        headers.CacheControl = "public, max-age=15";
        return Results.Bytes(svg, "image/svg+xml; charset=utf-8", entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(svg))[..16]}\""));
    }
}
