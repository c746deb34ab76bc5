using Rollcall.Web.Auth;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Screens;

/// <summary>
/// Who may look at a status screen: whoever has its key, whoever is signed in and may see all that is on it, and everybody where the screen is open and the settings allow that.
/// One question, asked by the page, the badge and the hub.
/// </summary>
public sealed class ScreenAccess(ScreenStore store, ScreenKeys keys, DashboardOptions options)
{
    public const string Policy = "status-screen";
    public const string Root = "/status";

    /// <summary>The query parameter that carries a screen's key, and the one that names the screen to the hub.</summary>
    public const string KeyParameter = "key", NameParameter = "screen";

    /// <summary>The live screen, if this request may see it. A wrong key opens nothing, whatever the screen is called.</summary>
    public ScreenRecord? Allowed(HttpContext context, string? name)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (string.IsNullOrEmpty(name) || store.Live(name) is not { } screen)
            return null;
        if (context.User.Identity is { IsAuthenticated: true } && screen.Clusters.All(context.User.Scope().Covers))
            return screen;
        if ((screen.Open && options.Screens.AllowAnonymous) || keys.Open(context.Request.Query[KeyParameter]) == screen.Id)
            return screen;
        return null;
    }
}
