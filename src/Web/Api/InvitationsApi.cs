using System.Collections.Immutable;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Api;

/// <summary>Who is asked to decide a gate by a link.</summary>
/// <param name="Name">The person; the decision stands under this name.</param>
/// <param name="Groups">The groups they speak for.</param>
/// <param name="LifetimeSeconds">How long the link waits to be used: 60 to 604800; 86400 if left out.</param>
public sealed record InvitationRequest(string? Name, ImmutableArray<string>? Groups, double? LifetimeSeconds);

public static class InvitationsApi
{
    public static void MapInvitations(this IEndpointRouteBuilder api)
    {
        api.MapPost("/runs/{id}/gates/{gate}:invite", async (string id, string gate, InvitationRequest? body, GateLinks links, HttpContext context, CancellationToken ct) =>
                Answers.Of(await links.InviteAsync(id, gate, body?.Name ?? "", body?.Groups ?? [], LinkService.LifetimeOf(body?.LifetimeSeconds), context.Caller(), ct), link => Results.Created($"{ApiSetup.Root}/runs/{id}", link)))
            .RequireAuthorization(Caller.Admin).WithTags("Gates").WithName("InviteToGate").WithSummary("Make a one-time link by which a named person decides this gate")
            .WithDescription("The `url` is shown this once and works without a login: it shows what is decided, and takes one decision. Bound to the gate and the plan's hash.").Produces<MintedInvitation>(201).Refuses(400, 403, 404, 409);

        api.MapDelete("/runs/{id}/gates/{gate}/invitations/{invitation}", async (string id, string gate, string invitation, Rollouts rollouts, HttpContext context, CancellationToken ct) =>
                Answers.Of(await rollouts.RevokeInvitationAsync(id, gate, invitation, context.Caller(), ct), _ => Results.NoContent()))
            .RequireAuthorization(Caller.Admin).WithTags("Gates").WithName("RevokeInvitation").WithSummary("Take an unused link to a gate back").Produces(204).Refuses(403, 404, 409);
    }
}
