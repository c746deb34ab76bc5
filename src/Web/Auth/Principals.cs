using System.Collections.Immutable;
using System.Security.Claims;
using Rollcall.Shared;

namespace Rollcall.Web.Auth;

/// <summary>Between ASP.NET's principal and the engine's <see cref="Caller"/>.</summary>
public static class Principals
{
    public const string SessionClaim = "sid";
    private const string RoleClaim = "role", GroupClaim = "group", NameClaim = "name";

    public static ClaimsPrincipal For(SessionRecord session, string scheme)
    {
        ArgumentNullException.ThrowIfNull(session);
        return Make(session.Name, session.Roles, session.Groups, scheme, new Claim(SessionClaim, session.Id));
    }

    public static ClaimsPrincipal Make(string name, IEnumerable<string> roles, IEnumerable<string> groups, string scheme, params IEnumerable<Claim> more) =>
        new(new ClaimsIdentity([new Claim(NameClaim, name), .. roles.Select(r => new Claim(RoleClaim, r)), .. groups.Select(g => new Claim(GroupClaim, g)), .. more], scheme, NameClaim, RoleClaim));

    public static string? SessionId(this ClaimsPrincipal principal) => principal.FindFirst(SessionClaim)?.Value;

    /// <summary>Who asks. In a read-only dashboard everybody is a viewer to the engine, whatever their roles here.</summary>
    public static Caller ToCaller(this ClaimsPrincipal principal, bool readOnly = false)
    {
        ArgumentNullException.ThrowIfNull(principal);
        if (principal.Identity is not { IsAuthenticated: true, Name: { } name })
            return new Caller("", [], []);
        ImmutableArray<string> roles = readOnly ? [Caller.Viewer] : [.. principal.FindAll(RoleClaim).Select(c => c.Value)];
        return new Caller(name, roles, [.. principal.FindAll(GroupClaim).Select(c => c.Value)]);
    }
}
