using System.Collections.Immutable;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Api;

/// <summary>For whom a login link is to be made.</summary>
/// <param name="Name">The person; it stands beside their approvals, and one name counts once.</param>
/// <param name="Role">viewer, operator, approver or admin; several joined by commas.</param>
/// <param name="Groups">Approval groups, e.g. <c>dba</c>.</param>
/// <param name="LifetimeSeconds">How long the link waits to be used: 60 to 604800; 86400 if left out.</param>
public sealed record LinkRequest(string? Name, string? Role, ImmutableArray<string>? Groups, double? LifetimeSeconds);

public static class LinksApi
{
    public static void MapLinks(this IEndpointRouteBuilder api)
    {
        var links = api.MapGroup("/links").RequireAuthorization(Caller.Admin).WithTags("Access");

        links.MapPost("/", (LinkRequest? body, LinkService service, HttpContext context) =>
                Answers.Of(service.Mint(body?.Name ?? "", body?.Role ?? "", body?.Groups ?? [], LinkService.LifetimeOf(body?.LifetimeSeconds), context.AccessCaller()), link => Results.Created($"{ApiSetup.Root}/links/{link.Id}", link)))
            .WithName("MintLink").WithSummary("Make a one-time login link").Produces<MintedLink>(201).Refuses(400, 403)
            .WithDescription("The `url` is shown this once; Rollcall keeps only a hash of it.");

        links.MapGet("/", (LinkService service, HttpContext context) => Answers.Of(service.List(context.AccessCaller()), l => Results.Ok(l)))
            .WithName("ListLinks").WithSummary("Login links of the last 30 days").Produces<ImmutableArray<LinkView>>().Refuses(403);

        links.MapDelete("/{id}", (string id, LinkService service, HttpContext context) => Answers.Of(service.Revoke(id, context.AccessCaller()), _ => Results.NoContent()))
            .WithName("RevokeLink").WithSummary("Take an unused link back").Produces(204).Refuses(403, 404);

        var sessions = api.MapGroup("/sessions").RequireAuthorization(Caller.Admin).WithTags("Access");

        sessions.MapGet("/", (LinkService service, HttpContext context) => Answers.Of(service.Sessions(context.AccessCaller()), s => Results.Ok(s)))
            .WithName("ListSessions").WithSummary("Who is logged in").Produces<ImmutableArray<SessionView>>().Refuses(403);

        sessions.MapDelete("/{id}", (string id, LinkService service, HttpContext context) => Answers.Of(service.EndSession(id, context.AccessCaller()), _ => Results.NoContent()))
            .WithName("EndSession").WithSummary("End a login").Produces(204).Refuses(403, 404)
            .WithDescription("Live streams close at once, open screens within a minute.");
    }
}
