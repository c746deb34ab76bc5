using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
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
public sealed class ApiTokenHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ApiTokens tokens, AccessStore access, TimeProvider time, LoginThrottle throttle)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    private const string Prefix = "Bearer ", TroubleKey = "token trouble";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return Task.FromResult(AuthenticateResult.NoResult());
        if (throttle.Blocked(Context))
            return Task.FromResult(AuthenticateResult.Fail("Too many wrong tokens from this address."));
        var token = header[Prefix.Length..].Trim();
        if (tokens.Matches(token))
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(Principals.ForBootstrap(Scheme.Name), Scheme.Name)));
        if (access.UseToken(token) is not { } record)
        {
            throttle.Failed(Context);
            return Task.FromResult(AuthenticateResult.Fail("The token is not known."));
        }
        return Task.FromResult(Result(record));
    }

    /// <summary>Whoever holds an old token may know what is the matter with it. That is no guessing, and many programs behind one address must not be locked out by it.</summary>
    private AuthenticateResult Result(TokenRecord record)
    {
        var trouble = record.StateAt(time.GetUtcNow()) switch
        {
            "revoked" => $"The token \"{record.Label}\" was revoked.",
            "expired" => $"The token \"{record.Label}\" expired at {record.ExpiresAt:yyyy-MM-dd HH:mm} UTC.",
            _ => null,
        };
        if (trouble is not null)
        {
            Context.Items[TroubleKey] = trouble;
            return AuthenticateResult.Fail(trouble);
        }
        // With its end: a stream that was opened with the token closes when it expires.
        return AuthenticateResult.Success(new AuthenticationTicket(Principals.For(record, Scheme.Name), new AuthenticationProperties { IssuedUtc = record.CreatedAt, ExpiresUtc = record.ExpiresAt }, Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Refusals.Unauthorized(Context, Context.Items[TroubleKey] as string);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Refusals.Forbidden(Context);
}
