using Microsoft.AspNetCore.Components.Authorization;
using Rollcall.Shared;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Auth;

/// <summary>Who sits in front of this circuit. Ask it anew for every command: sessions end while pages stay open.</summary>
public sealed class CallerAccessor(AuthenticationStateProvider authentication, AccessStore store, DashboardOptions options)
{
    /// <summary>The caller for the engine; without roles once the session is over, so that the engine refuses.</summary>
    public async Task<Caller> GetAsync() => await FindAsync(options.ReadOnly);

    /// <summary>The caller with the roles of their login, also in a read-only dashboard: for links and sessions.</summary>
    public async Task<Caller> GetForAccessAsync() => await FindAsync(readOnly: false);

    /// <summary>The login of this circuit.</summary>
    public async Task<string?> SessionIdAsync() => (await authentication.GetAuthenticationStateAsync()).User.SessionId();

    private async Task<Caller> FindAsync(bool readOnly)
    {
        var user = (await authentication.GetAuthenticationStateAsync()).User;
        var caller = user.ToCaller(readOnly);
        return user.SessionId() is { } session && store.Live(session) is null ? caller with { Roles = [] } : caller;
    }
}
