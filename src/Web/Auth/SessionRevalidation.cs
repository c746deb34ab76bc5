using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Rollcall.Web.Auth;

/// <summary>
/// A circuit keeps its first principal for as long as the tab is open (aspnetcore#55213), so it is asked again: revoked and expired sessions end within a minute.
/// </summary>
public sealed class SessionRevalidation(ILoggerFactory loggers, AccessStore store) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromMinutes(1);

    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(authenticationState);
        return Task.FromResult(authenticationState.User.SessionId() is { } session && store.Live(session) is not null);
    }
}
