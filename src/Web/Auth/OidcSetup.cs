using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Auth;

/// <summary>
/// Single sign-on. What the identity provider says becomes a session of ours, once; from then on it is like any other: it can be ended here, circuits ask for it anew, and it ends by itself.
/// </summary>
public static partial class OidcSetup
{
    public const string Scheme = "oidc", Via = "single sign-on", StartPath = "/login/oidc", Failed = "oidc", NotMapped = "oidcRole", BadName = "oidcName";

    public static void AddOidc(this AuthenticationBuilder authentication, DashboardOptions options)
    {
        ArgumentNullException.ThrowIfNull(authentication);
        ArgumentNullException.ThrowIfNull(options);
        var oidc = options.Auth.Oidc;
        if (!oidc.Enabled)
            return;
        authentication.AddOpenIdConnect(Scheme, o =>
        {
            o.SignInScheme = CookieAuthenticationDefaults.AuthenticationScheme;
            o.Authority = oidc.Authority;
            o.RequireHttpsMetadata = oidc.Authority.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
            (o.ClientId, o.ClientSecret) = (oidc.ClientId, oidc.ClientSecret is { Length: > 0 } secret ? secret : null);
            o.ResponseType = OpenIdConnectResponseType.Code;
            // By query, not by form_post: that would be a POST from another site, which is what we turn away, and it would need cookies that go to other sites.
            o.ResponseMode = OpenIdConnectResponseMode.Query;
            o.UsePkce = true;
            o.MapInboundClaims = false;
            o.SaveTokens = false;
            o.GetClaimsFromUserInfoEndpoint = true;
            o.ClaimActions.MapJsonKey(oidc.GroupsClaim, oidc.GroupsClaim);
            o.ClaimActions.MapJsonKey(oidc.NameClaim, oidc.NameClaim);
            o.Scope.Clear();
            foreach (var scope in oidc.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                o.Scope.Add(scope);
            foreach (var cookie in (CookieBuilder[])[o.CorrelationCookie, o.NonceCookie])
                (cookie.SameSite, cookie.SecurePolicy) = (SameSiteMode.Lax, CookieSecurePolicy.SameAsRequest);
            o.SignedOutRedirectUri = LoginEndpoints.LoginPath;
            o.Events.OnTokenValidated = KeepHint;
            o.Events.OnTicketReceived = SignInAsync;
            o.Events.OnRemoteFailure = FailAsync;
        });
    }

    public static void MapOidc(this IEndpointRouteBuilder routes, DashboardOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Auth.Oidc.Enabled)
            routes.MapGet(StartPath, (string? returnUrl) => Results.Challenge(new AuthenticationProperties { RedirectUri = LoginEndpoints.LocalOrHome(returnUrl) }, [Scheme])).AllowAnonymous().ExcludeFromDescription();
    }

    /// <summary>Signing out here signs out there too, where the provider has a way to.</summary>
    public static async Task<bool> SignsOutThereAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!context.RequestServices.GetRequiredService<DashboardOptions>().Auth.Oidc.Enabled || context.User.ToCaller().Via != Via)
            return false;
        try
        {
            var oidc = context.RequestServices.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>().Get(Scheme);
            return (await oidc.ConfigurationManager!.GetConfigurationAsync(context.RequestAborted)).EndSessionEndpoint is { Length: > 0 };
        }
        catch (InvalidOperationException e)
        {
            // Leaving must work while the provider does not answer; the session here ends all the same.
            LogUnreachable(LogOf(context), e.Message);
            return false;
        }
    }

    /// <summary>The provider asks for its own token back when somebody signs out; it is the only one that is kept, in the cookie and nowhere else.</summary>
    private static Task KeepHint(TokenValidatedContext context)
    {
        if (context.TokenEndpointResponse?.IdToken is { Length: > 0 } hint)
            context.Properties!.StoreTokens([new AuthenticationToken { Name = OpenIdConnectParameterNames.IdToken, Value = hint }]);
        return Task.CompletedTask;
    }

    private static async Task SignInAsync(TicketReceivedContext context)
    {
        var services = context.HttpContext.RequestServices;
        var (options, store, audit) = (services.GetRequiredService<DashboardOptions>(), services.GetRequiredService<AccessStore>(), services.GetRequiredService<AccessAudit>());
        var oidc = options.Auth.Oidc;
        var claims = context.Principal!;
        var address = context.HttpContext.Connection.RemoteIpAddress?.ToString() ?? "";
        var subject = $"{claims.FindFirstValue("iss")} {claims.FindFirstValue("sub")}";
        var said = claims.FindFirstValue(oidc.NameClaim) ?? "";
        var (roles, groups) = oidc.Map([.. claims.FindAll(oidc.GroupsClaim).Select(c => c.Value)]);
        if (PersonName.Normalise(said) is not { } name || store.NameIsAnothers(name, subject))
        {
            await TurnAwayAsync(context, audit, said.Length == 0 ? "?" : said, address, BadName, $"The provider's claim {oidc.NameClaim} is no name that can be used here.");
            return;
        }
        if (roles.IsEmpty)
        {
            await TurnAwayAsync(context, audit, name, address, NotMapped, "None of their groups is mapped to a role.");
            return;
        }
        if (context.HttpContext.User.SessionId() is { } former)
            store.EndSession(former);
        var session = store.OpenSession(name, roles, groups, options.Auth.SessionLifetime, Via, address, subject);
        context.Principal = Principals.For(session, CookieAuthenticationDefaults.AuthenticationScheme);
        var properties = LoginEndpoints.PropertiesOf(session);
        (context.Properties!.IsPersistent, context.Properties.IssuedUtc, context.Properties.ExpiresUtc, context.Properties.AllowRefresh) = (true, properties.IssuedUtc, properties.ExpiresUtc, false);
        await LoginEndpoints.SignedInAsync(session, audit, LogOf(context.HttpContext));
    }

    private static Task FailAsync(RemoteFailureContext context)
    {
        LogFailed(LogOf(context.HttpContext), context.Failure?.Message ?? "no reason given");
        context.Response.Redirect(QueryHelpers.AddQueryString(LoginEndpoints.LoginPath, "failed", Failed));
        context.HandleResponse();
        return Task.CompletedTask;
    }

    private static async Task TurnAwayAsync(TicketReceivedContext context, AccessAudit audit, string name, string address, string failure, string why)
    {
        await audit.RefusedAsync(new Caller(name, [], []) { Via = Via, Address = address }, AuditActions.SignIn, "login", why);
        context.Response.Redirect(QueryHelpers.AddQueryString(LoginEndpoints.LoginPath, "failed", failure));
        context.HandleResponse();
    }

    private static ILogger LogOf(HttpContext context) => context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(OidcSetup));

    [LoggerMessage(EventId = 7004, Level = LogLevel.Warning, Message = "A login by single sign-on failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 7005, Level = LogLevel.Warning, Message = "The identity provider does not answer ({Reason}); somebody signed out here only")]
    private static partial void LogUnreachable(ILogger logger, string reason);
}
