using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Rollcall.Shared;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Auth;

/// <summary>The bootstrap token, as a hash: what is not in memory cannot be logged or dumped.</summary>
public sealed class ApiTokens
{
    private readonly byte[]? _bootstrap;

    public ApiTokens(DashboardOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Auth.BootstrapToken is { Length: > 0 } token)
            _bootstrap = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        options.Auth.BootstrapToken = null;
    }

    public bool Matches(string token) => _bootstrap is not null && CryptographicOperations.FixedTimeEquals(_bootstrap, SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}

/// <summary><c>Authorization: Bearer …</c> for programs. A wrong token is 401, also where a good cookie came with it.</summary>
public sealed class ApiTokenHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ApiTokens tokens, LoginThrottle throttle)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    private const string Prefix = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return Task.FromResult(AuthenticateResult.NoResult());
        if (throttle.Blocked(Context))
            return Task.FromResult(AuthenticateResult.Fail("Too many wrong tokens from this address."));
        if (!tokens.Matches(header[Prefix.Length..].Trim()))
        {
            throttle.Failed(Context);
            return Task.FromResult(AuthenticateResult.Fail("The token is not known."));
        }
        var principal = Principals.Make(PersonName.ApiToken, [Caller.Admin], [], Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Refusals.Unauthorized(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Refusals.Forbidden(Context);
}
