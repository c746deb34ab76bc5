using System.Collections.Immutable;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Screens;

namespace Rollcall.Web.Api;

/// <summary>What a status screen is to show, and for how long.</summary>
/// <param name="Name">Part of its address: 1 to 40 lower-case letters, digits and dashes.</param>
/// <param name="Title">What stands on top of it; the name if left out.</param>
/// <param name="Clusters">1 to 12, each <c>namespace/name</c>.</param>
/// <param name="LifetimeSeconds">300 to 31622400; 604800 (a week) if left out.</param>
/// <param name="Open">It opens without the key in its link. Refused unless the settings allow it.</param>
public sealed record ScreenRequest(string? Name, string? Title, ImmutableArray<string>? Clusters, double? LifetimeSeconds, bool? Open);

public static class ScreensApi
{
    public static void MapScreens(this IEndpointRouteBuilder api)
    {
        var screens = api.MapGroup("/screens").RequireAuthorization(Caller.Admin).WithTags("Status screens");

        screens.MapPost("/", (ScreenRequest? body, ScreenService service, HttpContext context) =>
                Answers.Of(service.Mint(body?.Name ?? "", body?.Title ?? "", body?.Clusters ?? [], LifetimeOf(body), body?.Open ?? false, context.AccessCaller()), s => Results.Created($"{ApiSetup.Root}/screens/{s.Id}", s)))
            .WithName("MintScreen").WithSummary("Make a status screen").Produces<ScreenLine>(201).Refuses(400, 403, 409)
            .WithDescription("Whoever has its `url` may look, without signing in, at these clusters and nothing else, until it expires or is taken back. `badgeUrl` is an SVG; `&cluster=namespace/name` chooses one of several.");

        screens.MapGet("/", (ScreenService service, HttpContext context) => Answers.Of(service.List(context.AccessCaller()), s => Results.Ok(s)))
            .WithName("ListScreens").WithSummary("Status screens, ended ones for 30 days").Produces<ImmutableArray<ScreenLine>>().Refuses(403);

        screens.MapDelete("/{id}", (string id, ScreenService service, HttpContext context) => Answers.Of(service.Revoke(id, context.AccessCaller()), _ => Results.NoContent()))
            .WithName("RevokeScreen").WithSummary("Take a status screen back").Produces(204).Refuses(403, 404)
            .WithDescription("Pages that show it close at once.");
    }

    private static TimeSpan LifetimeOf(ScreenRequest? body) => body?.LifetimeSeconds switch
    {
        null => ScreenService.Usual,
        { } s when double.IsFinite(s) && s is > 0 and < 1e9 => TimeSpan.FromSeconds(s),
        _ => TimeSpan.Zero,
    };
}
