using System.Collections.Immutable;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Api;

/// <summary>For whom an account is to be made.</summary>
/// <param name="Name">The person; it stands beside their approvals, and one name counts once.</param>
/// <param name="Roles">viewer, operator, approver, admin.</param>
/// <param name="Groups">Approval groups.</param>
public sealed record AccountRequest(string? Name, ImmutableArray<string>? Roles, ImmutableArray<string>? Groups);

public static class AccountsApi
{
    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        var accounts = api.MapGroup("/accounts").RequireAuthorization(Caller.Admin).WithTags("Access");

        accounts.MapPost("/", (AccountRequest? body, AccountService service, HttpContext context) =>
                Answers.Of(service.Create(body?.Name ?? "", body?.Roles ?? [], body?.Groups ?? [], context.AccessCaller()), a => Results.Created($"{ApiSetup.Root}/accounts/{a.Id}", a)))
            .WithName("CreateAccount").WithSummary("Make a local account").Produces<MintedAccount>(201).Refuses(400, 403, 409)
            .WithDescription("`password` is shown this once; Rollcall keeps only a hash of it. The person changes it under Settings.");

        accounts.MapGet("/", (AccountService service, HttpContext context) => Answers.Of(service.List(context.AccessCaller()), a => Results.Ok(a)))
            .WithName("ListAccounts").WithSummary("Local accounts").Produces<ImmutableArray<AccountView>>().Refuses(403);

        accounts.MapPut("/{id}", (string id, AccountRequest? body, AccountService service, HttpContext context) =>
                Answers.Of(service.Change(id, body?.Roles ?? [], body?.Groups ?? [], context.AccessCaller()), Results.Ok))
            .WithName("ChangeAccount").WithSummary("Give an account other roles and groups").Produces<AccountView>().Refuses(400, 403, 404)
            .WithDescription("Its logins end, and so do tokens of its owner that could do more than the account now may. The name stays.");

        accounts.MapPost("/{id}:disable", (string id, AccountService service, HttpContext context) => Answers.Of(service.Disable(id, context.AccessCaller()), Results.Ok))
            .WithName("DisableAccount").WithSummary("Let nobody in by this account").Produces<AccountView>().Refuses(403, 404)
            .WithDescription("Logins, unused links and tokens of its owner end at once.");

        accounts.MapPost("/{id}:enable", (string id, AccountService service, HttpContext context) => Answers.Of(service.Enable(id, context.AccessCaller()), Results.Ok))
            .WithName("EnableAccount").WithSummary("Let its owner in again").Produces<AccountView>().Refuses(403, 404);

        accounts.MapPost("/{id}:reset-password", (string id, AccountService service, HttpContext context) => Answers.Of(service.Reset(id, context.AccessCaller()), Results.Ok))
            .WithName("ResetPassword").WithSummary("Give an account a new password").Produces<MintedAccount>().Refuses(403, 404)
            .WithDescription("`password` is shown this once. The old one and all logins end.");
    }
}
