using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Configuration;

/// <summary>Single sign-on by OpenID Connect: authorization code flow with PKCE. Off while <see cref="Authority"/> is empty.</summary>
public sealed class OidcOptions
{
    /// <summary>The issuer, e.g. <c>https://login.example.org/realms/main</c>. https, but for loopback.</summary>
    public string Authority { get; set; } = "";

    public string ClientId { get; set; } = "";

    /// <summary>Empty for a public client; PKCE is used in both cases.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>What the button on the login page says.</summary>
    public string Title { get; set; } = "Sign in with single sign-on";

    /// <summary>Scopes to ask for, with spaces.</summary>
    /// <value>Default: <c>openid profile email</c>.</value>
    public string Scopes { get; set; } = "openid profile email";

    /// <summary>The claim with the person's name. It stands beside their approvals, so it must be one that people cannot choose for themselves.</summary>
    public string NameClaim { get; set; } = "preferred_username";

    /// <summary>The claim with the person's groups: a list, or one value.</summary>
    public string GroupsClaim { get; set; } = "groups";

    /// <summary>Role (viewer, operator, approver, admin) to the groups that have it, with commas: <c>Rollcall__Auth__Oidc__RoleMapping__operator=dba,sre</c>.</summary>
    public Dictionary<string, string> RoleMapping { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Approval group to the groups that count as it. Empty: groups count under their own names.</summary>
    public Dictionary<string, string> GroupMapping { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The role of somebody whose groups are mapped to none; empty: they are turned away.</summary>
    public string DefaultRole { get; set; } = "";

    public bool Enabled => Authority.Length > 0;

    private static ImmutableArray<string> Roles => [Caller.Viewer, Caller.Operator, Caller.Approver, Caller.Admin];

    public IEnumerable<string> Problems()
    {
        if (!Enabled)
            yield break;
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var authority) || !(authority.Scheme == "https" || (authority.Scheme == "http" && authority.IsLoopback)))
            yield return $"Rollcall__Auth__Oidc__Authority must be an https address; \"{Authority}\" is not.";
        if (ClientId.Length == 0)
            yield return "Rollcall__Auth__Oidc__ClientId is missing.";
        if (RoleMapping.Count == 0 && DefaultRole.Length == 0)
            yield return "Rollcall__Auth__Oidc has neither RoleMapping nor DefaultRole: nobody could come in.";
        foreach (var role in RoleMapping.Keys.Append(DefaultRole).Where(r => r.Length > 0 && !Roles.Contains(r, StringComparer.OrdinalIgnoreCase)))
            yield return $"Rollcall__Auth__Oidc maps to \"{role}\", which is not a role; there are {string.Join(", ", Roles)}.";
    }

    /// <summary>What these groups may here. No role: they are turned away.</summary>
    public (ImmutableArray<string> Roles, ImmutableArray<string> Groups) Map(IReadOnlyCollection<string> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ImmutableArray<string> roles = [.. Roles.Where(r => RoleMapping.Any(m => m.Key.Equals(r, StringComparison.OrdinalIgnoreCase) && Parts(m.Value).Any(groups.Contains)))];
        if (roles.IsEmpty && DefaultRole.Length > 0)
            roles = [DefaultRole.ToLowerInvariant()];
        ImmutableArray<string> approval = GroupMapping.Count == 0
            ? [.. groups.Where(Auth.AccessRules.IsGroup).Distinct(StringComparer.Ordinal)]
            : [.. GroupMapping.Where(m => Parts(m.Value).Any(groups.Contains)).Select(m => m.Key).Where(Auth.AccessRules.IsGroup).Order(StringComparer.Ordinal)];
        return (roles, approval);
    }

    private static string[] Parts(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
