using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Auth;

/// <summary>Login and logout: forms with an antiforgery token, answered by a redirect.</summary>
public static partial class LoginEndpoints
{
    public const string LoginPath = "/login";
    public const string AcceptPath = "/login/accept";
    public const string LogoutPath = "/logout";
    public const string TooMany = "tooMany";
    public const string StaleForm = "form";

    public static void MapLogin(this IEndpointRouteBuilder routes)
    {
        // The antiforgery token is checked by hand: a stale form deserves a sentence, not a blank 400.
        routes.MapPost(AcceptPath, AcceptAsync).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
        routes.MapPost(LogoutPath, LogoutAsync).DisableAntiforgery().ExcludeFromDescription();
    }

    /// <summary>What people paste may be the whole link.</summary>
    public static string TokenIn(string pasted)
    {
        ArgumentNullException.ThrowIfNull(pasted);
        var text = pasted.Trim();
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && QueryHelpers.ParseQuery(url.Query).TryGetValue("token", out var token) ? token.ToString() : text;
    }

    public static string? Explain(string? failure) => failure switch
    {
        null => null,
        "used" => "This link was used already. Ask for another one.",
        "expired" or "revoked" => "This link is no longer valid. Ask for another one.",
        StaleForm => "This page was open for too long, or the browser keeps no cookies. Try once more.",
        TooMany => "Too many wrong links from your address. Wait a minute.",
        _ => "This is not a login link of this Rollcall.",
    };

    /// <summary>Only paths of this site; anything else is the start page.</summary>
    public static string LocalOrHome(string? url) =>
        url is ['/', ..] && !(url.Length > 1 && url[1] is '/' or '\\') && !url.Any(char.IsControl) && !url.StartsWith(LoginPath, StringComparison.OrdinalIgnoreCase) ? url : "/";

    private static async Task<IResult> AcceptAsync(
        [FromForm] string? token, [FromForm] string? returnUrl, HttpContext context, IAntiforgery antiforgery, AccessStore store, LoginThrottle throttle, DashboardOptions options, ILoggerFactory loggers)
    {
        var log = loggers.CreateLogger(typeof(LoginEndpoints));
        if (!await antiforgery.IsRequestValidAsync(context))
            return Back(StaleForm, returnUrl);
        if (throttle.Blocked(context))
            return Back(TooMany, returnUrl);
        var (outcome, session) = store.Redeem(TokenIn(token ?? ""), options.Auth.SessionLifetime);
        if (session is null)
        {
            throttle.Failed(context);
            LoginRefused(log, outcome, context.Connection.RemoteIpAddress?.ToString() ?? "?");
            return Back(outcome switch { RedeemOutcome.Used => "used", RedeemOutcome.Expired => "expired", _ => "unknown" }, returnUrl);
        }
        // Somebody else's session in this browser ends with the new login.
        if (context.User.SessionId() is { } former)
            store.EndSession(former);
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, Principals.For(session, CookieAuthenticationDefaults.AuthenticationScheme),
            new AuthenticationProperties { IsPersistent = true, IssuedUtc = session.CreatedAt, ExpiresUtc = session.ExpiresAt, AllowRefresh = false });
        LoggedIn(log, session.Name, string.Join(',', session.Roles));
        return Results.LocalRedirect(LocalOrHome(returnUrl));
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, IAntiforgery antiforgery, AccessStore store)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
            return Results.Problem(statusCode: StatusCodes.Status400BadRequest, title: "Not logged out", detail: Explain(StaleForm));
        if (context.User.SessionId() is { } session)
            store.EndSession(session);
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return Results.LocalRedirect(LoginPath);
    }

    private static IResult Back(string failure, string? returnUrl) =>
        Results.LocalRedirect(QueryHelpers.AddQueryString(LoginPath, new Dictionary<string, string?> { ["failed"] = failure, ["returnUrl"] = LocalOrHome(returnUrl) }));

    [LoggerMessage(EventId = 7001, Level = LogLevel.Information, Message = "{Name} logged in as {Roles}")]
    private static partial void LoggedIn(ILogger logger, string name, string roles);

    [LoggerMessage(EventId = 7002, Level = LogLevel.Warning, Message = "A login from {Address} was refused: {Outcome}")]
    private static partial void LoginRefused(ILogger logger, RedeemOutcome outcome, string address);
}
