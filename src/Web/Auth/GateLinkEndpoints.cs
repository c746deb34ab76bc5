using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Rollcall.Engine.Execution;

namespace Rollcall.Web.Auth;

/// <summary>The decision of somebody who came by a signed link: a form with an antiforgery token, answered by a redirect back to the page, which then says what has become of it.</summary>
public static class GateLinkEndpoints
{
    public const string DecidePath = "/gate/decide";

    public static void MapGateLinks(this IEndpointRouteBuilder routes) =>
        routes.MapPost(DecidePath, DecideAsync).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();

    private static async Task<IResult> DecideAsync(
        [FromForm] string? token, [FromForm] string? planHash, [FromForm] string? decision, [FromForm] string? comment,
        HttpContext context, IAntiforgery antiforgery, GateLinks links, Rollouts rollouts, LoginThrottle throttle, CancellationToken ct)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
            return Back(token, LoginEndpoints.StaleForm);
        if (throttle.Blocked(context))
            return Back(token, LoginEndpoints.TooMany);
        if (links.Read(token) is not { } named)
        {
            throttle.Failed(context);
            return Back(token, "unknown");
        }
        if (decision is not ("approve" or "reject"))
            return Back(token, "decision");
        var result = await rollouts.DecideByInvitationAsync(named.Run, named.Gate, named.Invitation, decision == "approve", planHash ?? "", (comment ?? "").Trim(), ct);
        return Back(token, result.Ok ? "done" : result.Refusal.Kind == Shared.RefusalKind.Invalid ? "reason" : "refused");
    }

    private static IResult Back(string? token, string outcome) =>
        Results.LocalRedirect(QueryHelpers.AddQueryString(GateLinks.Path, new Dictionary<string, string?> { ["token"] = token, ["outcome"] = outcome }));
}
