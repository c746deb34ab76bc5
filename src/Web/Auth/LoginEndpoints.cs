using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Web.Api;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Auth;

/// <summary>Login and logout: forms with an antiforgery token, answered by a redirect.</summary>
public static partial class LoginEndpoints
{
    public const string LoginPath = "/login";
    public const string AcceptPath = "/login/accept";
    public const string PasswordPath = "/login/password";
    public const string WrongPassword = "password", LockedOut = "wait";
    public const string LogoutPath = "/logout";
    public const string TooMany = "tooMany";
    public const string StaleForm = "form";

    public static void MapLogin(this IEndpointRouteBuilder routes)
    {
        // The antiforgery token is checked by hand: a stale form deserves a sentence, not a blank 400.
        routes.MapPost(AcceptPath, AcceptAsync).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
        routes.MapPost(PasswordPath, PasswordAsync).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
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
        TooMany => "Too many wrong tries from your address. Wait a minute.",
        WrongPassword => "Name or password is wrong.",
        LockedOut => "Too many wrong passwords for this name. It waits a while, longer each time; an admin can give a new password or a one-time link.",
        OidcSetup.Failed => "The sign-in with the identity provider did not work. Try once more; if it goes on, the log of Rollcall has the reason.",
        OidcSetup.NotMapped => "You signed in, but none of your groups has a part here. Ask an admin of Rollcall.",
        OidcSetup.BadName => "You signed in, but the name that came with it cannot be used here. Ask an admin of Rollcall.",
        _ => "This is not a login link of this Rollcall.",
    };

    /// <summary>Only paths of this site; anything else is the start page.</summary>
    public static string LocalOrHome(string? url) =>
        url is ['/', ..] && !(url.Length > 1 && url[1] is '/' or '\\') && !url.Any(char.IsControl) && !url.StartsWith(LoginPath, StringComparison.OrdinalIgnoreCase) ? url : "/";

    private static async Task<IResult> AcceptAsync(
        [FromForm] string? token, [FromForm] string? returnUrl, HttpContext context, IAntiforgery antiforgery, AccessStore store, AccessAudit audit, LoginThrottle throttle, TimeProvider time, DashboardOptions options, ILoggerFactory loggers)
    {
        var log = loggers.CreateLogger(typeof(LoginEndpoints));
        if (!await antiforgery.IsRequestValidAsync(context))
            return Back(StaleForm, returnUrl);
        if (throttle.Blocked(context))
            return Back(TooMany, returnUrl);
        var address = context.Connection.RemoteIpAddress?.ToString() ?? "";
        var given = TokenIn(token ?? "");
        var (outcome, session) = store.Redeem(given, options.Auth.SessionLifetime, address);
        if (session is null)
        {
            throttle.Failed(context);
            LoginRefused(log, outcome, address);
            // A link that is known but spent has a name; guesses have none and are only counted.
            if (store.Peek(given) is { } spent)
                await audit.RefusedAsync(new Caller(spent.Name, [], []) { Via = "link", Address = address }, AuditActions.SignIn, "login", $"The link was {spent.StateAt(time.GetUtcNow())}.");
            return Back(outcome switch { RedeemOutcome.Used => "used", RedeemOutcome.Expired => "expired", _ => "unknown" }, returnUrl);
        }
        await SignInAsync(context, session, store, audit, log);
        return Results.LocalRedirect(LocalOrHome(returnUrl));
    }

    /// <summary>The message belongs to a way other than the link.</summary>
    public static bool IsOfOtherWays(string failure) => failure is WrongPassword or LockedOut or OidcSetup.Failed or OidcSetup.NotMapped or OidcSetup.BadName or StaleForm or TooMany;

    private static async Task<IResult> PasswordAsync(
        [FromForm] string? name, [FromForm] string? password, [FromForm] string? returnUrl, HttpContext context, IAntiforgery antiforgery, AccessStore store, AccountService accounts, AccessAudit audit, LoginThrottle throttle, ILoggerFactory loggers)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
            return Back(StaleForm, returnUrl);
        if (throttle.Blocked(context))
            return Back(TooMany, returnUrl);
        var address = context.Connection.RemoteIpAddress?.ToString() ?? "";
        var (outcome, session, wait) = accounts.SignIn(name ?? "", password ?? "", address);
        if (session is null)
        {
            throttle.Failed(context);
            if (PersonName.Normalise(name) is { } tried)
                await audit.RefusedAsync(new Caller(tried, [], []) { Via = AccountService.Via, Address = address }, AuditActions.SignIn, "login",
                    outcome == PasswordOutcome.Waits ? "The name waits after wrong passwords." : wait > TimeSpan.Zero ? "Name or password was wrong; the name waits now." : "Name or password was wrong.");
            return Back(outcome == PasswordOutcome.Waits ? LockedOut : WrongPassword, returnUrl);
        }
        await SignInAsync(context, session, store, audit, loggers.CreateLogger(typeof(LoginEndpoints)));
        return Results.LocalRedirect(LocalOrHome(returnUrl));
    }

    private static async Task SignInAsync(HttpContext context, SessionRecord session, AccessStore store, AccessAudit audit, ILogger log)
    {
        // Somebody else's session in this browser ends with the new login.
        if (context.User.SessionId() is { } former)
            store.EndSession(former);
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, Principals.For(session, CookieAuthenticationDefaults.AuthenticationScheme), PropertiesOf(session));
        await SignedInAsync(session, audit, log);
    }

    internal static AuthenticationProperties PropertiesOf(SessionRecord session) => new() { IsPersistent = true, IssuedUtc = session.CreatedAt, ExpiresUtc = session.ExpiresAt, AllowRefresh = false };

    internal static async Task SignedInAsync(SessionRecord session, AccessAudit audit, ILogger log)
    {
        await audit.DoneAsync(new Caller(session.Name, session.Roles, session.Groups) { Via = session.Via, Address = session.Address }, AuditActions.SignIn, "login",
            $"as {string.Join(", ", session.Roles)}{(session.Groups.IsEmpty ? "" : $"; in {string.Join(", ", session.Groups)}")}");
        LoggedIn(log, session.Name, string.Join(',', session.Roles));
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, IAntiforgery antiforgery, AccessStore store, AccessAudit audit)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
            return Results.Problem(statusCode: StatusCodes.Status400BadRequest, title: "Not logged out", detail: Explain(StaleForm));
        if (context.User.SessionId() is { } session && store.EndSession(session))
            await audit.DoneAsync(context.AccessCaller(), AuditActions.SignOut, "login");
        if (await OidcSetup.SignsOutThereAsync(context))
            return Results.SignOut(new AuthenticationProperties { RedirectUri = LoginPath }, [CookieAuthenticationDefaults.AuthenticationScheme, OidcSetup.Scheme]);
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
