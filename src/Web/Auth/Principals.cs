using System.Collections.Immutable;
using System.Security.Claims;
using Rollcall.Shared;

namespace Rollcall.Web.Auth;

/// <summary>Between ASP.NET's principal and the engine's <see cref="Caller"/>.</summary>
public static class Principals
{
    public const string SessionClaim = "sid", TokenClaim = "tid";
    private const string RoleClaim = "role", GroupClaim = "group", NameClaim = "name", ViaClaim = "via", AddressClaim = "address";
    private const string NamespaceClaim = "scope-namespace", ClusterClaim = "scope-cluster", ReadOnlyClaim = "scope-read-only";

    public static ClaimsPrincipal For(SessionRecord session, string scheme)
    {
        ArgumentNullException.ThrowIfNull(session);
        return Make(session.Name, session.Roles, session.Groups, scheme, new Claim(SessionClaim, session.Id), new Claim(ViaClaim, session.Via), new Claim(AddressClaim, session.Address));
    }

    public static ClaimsPrincipal For(TokenRecord token, string scheme)
    {
        ArgumentNullException.ThrowIfNull(token);
        Claim[] scope = [.. token.Namespaces.Select(n => new Claim(NamespaceClaim, n)), .. token.Clusters.Select(c => new Claim(ClusterClaim, c)), .. token.ReadOnly ? new[] { new Claim(ReadOnlyClaim, "true") } : []];
        return Make(token.ActsAs, token.Roles, token.Groups, scheme, [new Claim(TokenClaim, token.Id), new Claim(ViaClaim, AccessRules.TokenVia + token.Label), .. scope]);
    }

    public static ClaimsPrincipal ForBootstrap(string scheme) => Make(PersonName.ApiToken, [Caller.Admin], [], scheme, new Claim(ViaClaim, "bootstrap token"));

    public static ClaimsPrincipal Make(string name, IEnumerable<string> roles, IEnumerable<string> groups, string scheme, params IEnumerable<Claim> more) =>
        new(new ClaimsIdentity([new Claim(NameClaim, name), .. roles.Select(r => new Claim(RoleClaim, r)), .. groups.Select(g => new Claim(GroupClaim, g)), .. more], scheme, NameClaim, RoleClaim));

    public static string? SessionId(this ClaimsPrincipal principal) => principal.FindFirst(SessionClaim)?.Value;

    public static string? TokenId(this ClaimsPrincipal principal) => principal.FindFirst(TokenClaim)?.Value;

    public static CallerScope Scope(this ClaimsPrincipal principal) =>
        new([.. principal.FindAll(NamespaceClaim).Select(c => c.Value)], [.. principal.FindAll(ClusterClaim).Select(c => c.Value)], principal.HasClaim(ReadOnlyClaim, "true"));

    /// <summary>Who asks. In a read-only dashboard everybody is a viewer to the engine, whatever their roles here.</summary>
    public static Caller ToCaller(this ClaimsPrincipal principal, bool readOnly = false)
    {
        ArgumentNullException.ThrowIfNull(principal);
        if (principal.Identity is not { IsAuthenticated: true, Name: { } name })
            return new Caller("", [], []);
        ImmutableArray<string> roles = readOnly ? [Caller.Viewer] : [.. principal.FindAll(RoleClaim).Select(c => c.Value)];
        return new Caller(name, roles, [.. principal.FindAll(GroupClaim).Select(c => c.Value)])
        {
            Via = principal.FindFirst(ViaClaim)?.Value ?? "", Address = principal.FindFirst(AddressClaim)?.Value ?? "", Scope = principal.Scope(),
        };
    }
}
