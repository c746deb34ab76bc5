using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Xunit;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Rollcall.Unit.Web;

/// <summary>A real OpenID Connect provider (OpenIddict) on loopback, with one client, whose person of the moment is set by the test.</summary>
public sealed class IdentityProvider : IAsyncDisposable
{
    public const string ClientId = "rollcall", Secret = "a-secret-of-the-test-client";

    private readonly SqliteConnection _database = new("Data Source=:memory:");
    private WebApplication _app = null!;

    public Uri Url { get; private set; } = null!;

    /// <summary>Who is signed in at the provider: subject, name and groups. Null: the provider refuses.</summary>
    public (string Subject, string Name, string[] Groups)? Person { get; set; }

    /// <summary>What the last authorization request asked for.</summary>
    public OpenIddictRequest? Asked { get; private set; }

    public int SignOuts { get; private set; }

    /// <param name="client">Where the client lives; its callback addresses are registered.</param>
    public static async Task<IdentityProvider> StartAsync(Uri client)
    {
        var provider = new IdentityProvider();
        await provider.RunAsync(client);
        return provider;
    }

    private async Task RunAsync(Uri client)
    {
        await _database.OpenAsync(TestContext.Current.CancellationToken);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddDbContext<DbContext>(o => o.UseSqlite(_database).UseOpenIddict());
        builder.Services.AddOpenIddict()
            .AddCore(o => o.UseEntityFrameworkCore().UseDbContext<DbContext>())
            .AddServer(o =>
            {
                o.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token").SetUserInfoEndpointUris("connect/userinfo").SetEndSessionEndpointUris("connect/endsession");
                o.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
                o.RegisterScopes(Scopes.Profile, Scopes.Email);
                o.AddEphemeralEncryptionKey().AddEphemeralSigningKey();
                o.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableUserInfoEndpointPassthrough().EnableEndSessionEndpointPassthrough().DisableTransportSecurityRequirement();
            });
        _app = builder.Build();
        _app.UseAuthentication();
        _app.MapMethods("/connect/authorize", ["GET", "POST"], Authorize);
        _app.MapMethods("/connect/userinfo", ["GET", "POST"], (Delegate)UserInfoAsync);
        _app.MapMethods("/connect/endsession", ["GET", "POST"], () =>
        {
            SignOuts++;
            return Results.SignOut(new AuthenticationProperties { RedirectUri = "/" }, [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        });
        await RegisterAsync(client);
        await _app.StartAsync(TestContext.Current.CancellationToken);
        Url = new Uri(_app.Urls.First());
    }

    private async Task RegisterAsync(Uri client)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<DbContext>().Database.EnsureCreatedAsync();
        await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(new OpenIddictApplicationDescriptor
        {
            ClientId = ClientId, ClientSecret = Secret, ClientType = ClientTypes.Confidential,
            RedirectUris = { new Uri(client, "/signin-oidc") }, PostLogoutRedirectUris = { new Uri(client, "/signout-callback-oidc") },
            Permissions =
            {
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.EndSession, Permissions.GrantTypes.AuthorizationCode, Permissions.ResponseTypes.Code,
                Permissions.Scopes.Profile, Permissions.Scopes.Email,
            },
            Requirements = { Requirements.Features.ProofKeyForCodeExchange },
        });
    }

    private IResult Authorize(HttpContext context)
    {
        Asked = context.GetOpenIddictServerRequest();
        if (Person is not { } person)
            return Results.Forbid(new AuthenticationProperties(new Dictionary<string, string?>(StringComparer.Ordinal) { [OpenIddictServerAspNetCoreConstants.Properties.Error] = Errors.AccessDenied }), [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        var identity = new ClaimsIdentity("provider", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, person.Subject).SetClaim(Claims.PreferredUsername, person.Name).SetClaims("groups", [.. person.Groups]);
        identity.SetScopes(Asked!.GetScopes());
        // The name goes into the identity token, the groups come from userinfo: providers do the one or the other.
        identity.SetDestinations(claim => claim.Type is Claims.PreferredUsername or Claims.Subject ? [Destinations.AccessToken, Destinations.IdentityToken] : [Destinations.AccessToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private static async Task<IResult> UserInfoAsync(HttpContext context)
    {
        var token = (await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal!;
        return Results.Json(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["sub"] = token.GetClaim(Claims.Subject), ["preferred_username"] = token.GetClaim(Claims.PreferredUsername), ["groups"] = token.GetClaims("groups").ToArray(),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }
}
