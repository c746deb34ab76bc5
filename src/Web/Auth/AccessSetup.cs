using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Rollcall.Shared;
using Rollcall.Web.Configuration;
using Rollcall.Web.Keeping;

namespace Rollcall.Web.Auth;

/// <summary>Cookie for people, bearer token for programs, one policy for each role; whatever says nothing needs a login.</summary>
public static class AccessSetup
{
    private const string Chooser = "rollcall", Token = "token";

    public static void AddAccess(this IServiceCollection services, DashboardOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var folder = options.DataFolder;
        var keys = Path.Combine(folder, "keys");
        PrivateFolder.Create(folder);
        PrivateFolder.Create(keys);
        // Cookies know no ports: two Rollcalls on one host must not log each other out.
        var suffix = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..8];

        services.AddSingleton(new AccessFile(Path.Combine(folder, "access.json")));
        services.AddSingleton<AccessStore>();
        services.AddSingleton<AccessAudit>();
        services.AddHostedService<Hosting.AuditWatch>();
        services.AddSingleton<LinkService>();
        services.AddSingleton<GateLinks>();
        services.AddSingleton<TokenService>();
        services.AddSingleton<PasswordGate>();
        services.AddSingleton<AccountService>();
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton(new ApiTokens(options));
        services.AddScoped<CallerAccessor>();
        services.AddScoped<AuthenticationStateProvider, SessionRevalidation>();

        services.AddDataProtection().SetApplicationName("rollcall").PersistKeysToFileSystem(new DirectoryInfo(keys));
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = $"rollcall-form-{suffix}";
            o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddAuthentication(Chooser)
            .AddPolicyScheme(Chooser, null, o => o.ForwardDefaultSelector = context =>
                context.Request.Headers.Authorization.Count > 0 ? Token : CookieAuthenticationDefaults.AuthenticationScheme)
            .AddScheme<AuthenticationSchemeOptions, ApiTokenHandler>(Token, null)
            .AddCookie(o =>
            {
                o.Cookie.Name = $"rollcall-{suffix}";
                o.Cookie.HttpOnly = true;
                // Lax, not Strict: a link to a run in a chat must open the run, not the login page.
                o.Cookie.SameSite = SameSiteMode.Lax;
                o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                o.SlidingExpiration = false;
                o.LoginPath = LoginEndpoints.LoginPath;
                o.ReturnUrlParameter = "returnUrl";
                o.Events.OnValidatePrincipal = RevalidateAsync;
                o.Events.OnRedirectToLogin = RedirectToLogin;
                o.Events.OnRedirectToAccessDenied = context => Refusals.Forbidden(context.HttpContext);
            })
            .AddOidc(options);
        var authorization = services.AddAuthorizationBuilder();
        foreach (var role in LinkService.Roles)
            authorization.AddPolicy(role, p => p.RequireAuthenticatedUser().RequireAssertion(c => c.User.ToCaller().Is(role) || role == Caller.Viewer));
        authorization.SetFallbackPolicy(new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }

    /// <summary>The cookie only names the session; what it may do is what the session says now.</summary>
    private static async Task RevalidateAsync(CookieValidatePrincipalContext context)
    {
        var store = context.HttpContext.RequestServices.GetRequiredService<AccessStore>();
        if (context.Principal?.SessionId() is { } id && store.Live(id) is { } session)
        {
            context.ReplacePrincipal(Principals.For(session, CookieAuthenticationDefaults.AuthenticationScheme));
            return;
        }
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }

    private static Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context)
    {
        if (Refusals.IsProgrammatic(context.Request.Path))
            return Refusals.Unauthorized(context.HttpContext);
        context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }
}
