using System.Collections.Immutable;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Api;

/// <summary>For what a token is to be made.</summary>
/// <param name="Label">What it is for: <c>ci</c>.</param>
/// <param name="Roles">viewer, operator, approver, admin; no more than the caller has. <c>viewer</c> if left out.</param>
/// <param name="Groups">Approval groups.</param>
/// <param name="Namespaces">Reaches the clusters of these namespaces only.</param>
/// <param name="Clusters">And these clusters, <c>namespace/name</c>. Both left out: all.</param>
/// <param name="ReadOnly">Changes nothing, whatever its roles.</param>
/// <param name="Service">Acts under its label instead of the caller's name; admins only.</param>
/// <param name="LifetimeSeconds">300 to 31622400; 7776000 (90 days) if left out.</param>
public sealed record TokenRequest(
    string? Label, ImmutableArray<string>? Roles, ImmutableArray<string>? Groups, ImmutableArray<string>? Namespaces, ImmutableArray<string>? Clusters, bool ReadOnly = false, bool Service = false, double? LifetimeSeconds = null);

public static class TokensApi
{
    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        var tokens = api.MapGroup("/tokens").WithTags("Access");

        tokens.MapPost("/", (TokenRequest? body, TokenService service, HttpContext context) =>
                Answers.Of(service.Mint(WishOf(body), context.AccessCaller()), token => Results.Created($"{ApiSetup.Root}/tokens/{token.Id}", token)))
            .WithName("MintToken").WithSummary("Make an API token").Produces<MintedToken>(201).Refuses(400, 403)
            .WithDescription("`token` is shown this once; Rollcall keeps only a hash of it. Everybody makes tokens for what they may do themselves; admins make them for services too.");

        tokens.MapGet("/", (TokenService service, HttpContext context) => Answers.Of(service.List(context.AccessCaller()), t => Results.Ok(t)))
            .WithName("ListTokens").WithSummary("API tokens: one's own; all of them for an admin").Produces<ImmutableArray<TokenView>>().Refuses(403);

        tokens.MapDelete("/{id}", (string id, TokenService service, HttpContext context) => Answers.Of(service.Revoke(id, context.AccessCaller()), _ => Results.NoContent()))
            .WithName("RevokeToken").WithSummary("Revoke an API token").Produces(204).Refuses(403, 404)
            .WithDescription("Streams that were opened with it close at once.");
    }

    private static TokenWish WishOf(TokenRequest? body) => new(
        body?.Label ?? "", body?.Roles ?? [Caller.Viewer], body?.Groups ?? [], body?.Namespaces ?? [], body?.Clusters ?? [], body?.ReadOnly ?? false, body?.Service ?? false,
        body?.LifetimeSeconds switch
        {
            null => TokenService.Usual,
            { } s when double.IsFinite(s) && s is > 0 and < 1e9 => TimeSpan.FromSeconds(s),
            _ => TimeSpan.Zero,
        });
}
