using System.Collections.Immutable;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Auth;

/// <summary>A link to hand to somebody. It is shown once; afterwards only its hash is known.</summary>
public sealed record MintedLink(string Id, string Url, string Name, ImmutableArray<string> Roles, ImmutableArray<string> Groups, DateTimeOffset ExpiresAt);

/// <summary>One line of the list of links.</summary>
/// <param name="State">open, used, revoked or expired.</param>
public sealed record LinkView(string Id, string Name, ImmutableArray<string> Roles, ImmutableArray<string> Groups, string State, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt);

/// <summary>One line of the list of logins.</summary>
public sealed record SessionView(string Id, string Name, ImmutableArray<string> Roles, ImmutableArray<string> Groups, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>Mints one-time login links for named people and takes them back. Admins only; checked here.</summary>
public sealed class LinkService(AccessStore store, AccessAudit audit, IServer server, DashboardOptions options, TimeProvider time)
{
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);
    public static readonly TimeSpan Usual = TimeSpan.FromHours(24);

    public static ImmutableArray<string> Roles { get; } = [Caller.Viewer, Caller.Operator, Caller.Approver, Caller.Admin];

    /// <summary>What a program asked for; the usual where it asked for nothing, and out of range where it made no sense.</summary>
    internal static TimeSpan LifetimeOf(double? seconds) => seconds switch
    {
        null => Usual,
        { } s when double.IsFinite(s) && s is > 0 and < 1e9 => TimeSpan.FromSeconds(s),
        _ => TimeSpan.Zero,
    };

    /// <summary>What is wrong with a link's person, groups or lifetime.</summary>
    internal static IEnumerable<SpecError> Problems(string name, ImmutableArray<string> groups, TimeSpan lifetime)
    {
        if (PersonName.Normalise(name) is null)
            yield return new SpecError("/name", 0, $"\"{name}\" cannot be a person's name here.", [PersonName.Allowed]);
        if (groups.Any(g => g.Length is 0 or > 63 || !g.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')))
            yield return new SpecError("/groups", 0, "A group is 1 to 63 letters, digits, '-', '_' or '.'.", []);
        if (lifetime < Shortest || lifetime > Longest)
            yield return new SpecError("/lifetimeSeconds", 0, $"A link lives from {Shortest.TotalSeconds:0} to {Longest.TotalSeconds:0} seconds.", []);
    }

    /// <param name="role">viewer, operator, approver or admin; several joined by commas (<c>operator,approver</c>).</param>
    /// <param name="groups">Approval groups, e.g. <c>dba</c>: what gates name.</param>
    /// <param name="lifetime">How long the link waits to be used: 1 minute to 7 days.</param>
    public Result<MintedLink> Mint(string name, string role, ImmutableArray<string> groups, TimeSpan lifetime, Caller by)
    {
        ArgumentNullException.ThrowIfNull(role);
        if (AccessRules.MayAdminister(by, OnlyAdmins) is { } refused)
            return audit.Record<MintedLink>(refused, by, AuditActions.MintLink, $"link for {name}");
        ImmutableArray<string> roles = [.. role.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];
        var errors = ImmutableArray.CreateBuilder<SpecError>();
        var person = PersonName.Normalise(name);
        errors.AddRange(Problems(name, groups, lifetime));
        if (roles.IsEmpty || roles.Any(r => !Roles.Contains(r)))
            errors.Insert(person is null ? 1 : 0, new SpecError("/role", 0, $"\"{role}\" is not a role.", Roles));
        if (errors.Count > 0)
            return new Refusal(RefusalKind.Invalid, "The link cannot be made.") { Errors = errors.ToImmutable() };
        return MintChecked(person!, roles, [.. groups.Distinct(StringComparer.Ordinal)], lifetime, by);
    }

    /// <summary>The link printed at start: the one way in before anybody could be asked.</summary>
    internal MintedLink MintFirst() => MintChecked("admin", [Caller.Admin], [], options.Auth.FirstLinkLifetime, Caller.System);

    public Result<ImmutableArray<LinkView>> List(Caller by)
    {
        if (AccessRules.MaySee(by, OnlyAdmins) is { } refused)
            return refused;
        var now = time.GetUtcNow();
        return ImmutableArray.CreateRange(store.Links.OrderByDescending(l => l.CreatedAt)
            .Select(l => new LinkView(l.Id, l.Name, l.Roles, l.Groups, l.StateAt(now), l.CreatedBy, l.CreatedAt, l.ExpiresAt, l.UsedAt)));
    }

    /// <summary>Who is logged in now.</summary>
    public Result<ImmutableArray<SessionView>> Sessions(Caller by)
    {
        if (AccessRules.MaySee(by, OnlyAdmins) is { } refused)
            return refused;
        var now = time.GetUtcNow();
        return ImmutableArray.CreateRange(store.Sessions.Where(s => s.LiveAt(now)).OrderByDescending(s => s.CreatedAt)
            .Select(s => new SessionView(s.Id, s.Name, s.Roles, s.Groups, s.CreatedAt, s.ExpiresAt)));
    }

    /// <summary>Takes back an unused link.</summary>
    public Result<bool> Revoke(string linkId, Caller by)
    {
        if (AccessRules.MayAdminister(by, OnlyAdmins) is { } refused)
            return refused;
        var link = store.Links.FirstOrDefault(l => l.Id == linkId);
        return link is not null && store.RevokeLink(linkId)
            ? audit.Record<bool>(true, by, AuditActions.RevokeLink, $"link for {link.Name}")
            : new Refusal(RefusalKind.NotFound, "There is no open link with this id.");
    }

    /// <summary>Ends a login; its screens close within a minute, its streams at once.</summary>
    public Result<bool> EndSession(string sessionId, Caller by)
    {
        if (AccessRules.MayAdminister(by, OnlyAdmins) is { } refused)
            return refused;
        var session = store.Live(sessionId);
        return session is not null && store.EndSession(sessionId)
            ? audit.Record<bool>(true, by, AuditActions.EndSession, $"login of {session.Name}")
            : new Refusal(RefusalKind.NotFound, "There is no login with this id.");
    }

    /// <summary>Where people reach this dashboard: what is configured, else what it listens on.</summary>
    public string BaseUrl
    {
        get
        {
            if (options.PublicUrl.Length > 0)
                return options.PublicUrl.TrimEnd('/');
            var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://127.0.0.1";
            return address.Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal).Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal)
                .Replace("://+", "://127.0.0.1", StringComparison.Ordinal).Replace("://*", "://127.0.0.1", StringComparison.Ordinal).TrimEnd('/');
        }
    }

    private const string OnlyAdmins = "Login links are made by admins.";

    private MintedLink MintChecked(string name, ImmutableArray<string> roles, ImmutableArray<string> groups, TimeSpan lifetime, Caller by)
    {
        var (link, token) = store.Mint(name, roles, groups, lifetime, by.Name);
        audit.Done(by, AuditActions.MintLink, $"link for {link.Name}", $"{string.Join(", ", roles)}{(groups.IsEmpty ? "" : $"; in {string.Join(", ", groups)}")}");
        return new MintedLink(link.Id, $"{BaseUrl}/login?token={token}", link.Name, link.Roles, link.Groups, link.ExpiresAt);
    }
}
