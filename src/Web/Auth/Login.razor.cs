using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Auth;

/// <summary>
/// What a login link opens. Showing it does not use the link up, because chat programs and mail scanners look at links too; only the button does.
/// </summary>
public sealed partial class Login
{
    [CascadingParameter] public required HttpContext Context { get; set; }
    [SupplyParameterFromQuery] public string? Token { get; set; }
    [SupplyParameterFromQuery] public string? ReturnUrl { get; set; }
    [SupplyParameterFromQuery] public string? Failed { get; set; }
    [Inject] public required AccessStore Store { get; init; }
    [Inject] public required AccountService Accounts { get; init; }
    [Inject] public required DashboardOptions Options { get; init; }
    [Inject] public required TimeProvider Time { get; init; }

    private LinkRecord? Link { get; set; }
    private string? Trouble { get; set; }
    private string OidcHref => QueryHelpers.AddQueryString(OidcSetup.StartPath, "returnUrl", LoginEndpoints.LocalOrHome(ReturnUrl));
    private string RolesInWords => string.Join(" and ", Link!.Roles);

    protected override void OnInitialized()
    {
        var found = string.IsNullOrEmpty(Token) ? null : Store.Peek(LoginEndpoints.TokenIn(Token));
        var state = found?.StateAt(Time.GetUtcNow());
        Link = state == "open" ? found : null;
        Trouble = LoginEndpoints.Explain(Failed ?? (Link is not null || string.IsNullOrEmpty(Token) ? null : state ?? "unknown"));
        if (Trouble is not null)
            Context.Response.StatusCode = Failed == LoginEndpoints.TooMany ? StatusCodes.Status429TooManyRequests : StatusCodes.Status400BadRequest;
    }
}
