using System.Collections.Immutable;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Web.Auth;

/// <summary>What a token is wanted for.</summary>
/// <param name="Label">What it is for: <c>ci</c>. A service's token acts under this name.</param>
/// <param name="Roles">viewer, operator, approver, admin; no more than the person has who makes it.</param>
/// <param name="Groups">Approval groups; no more than the person has.</param>
/// <param name="Namespaces">Reaches these only. Empty with <paramref name="Clusters"/> empty: every cluster.</param>
/// <param name="Clusters">And these, <c>namespace/name</c>.</param>
/// <param name="ReadOnly">Reads what its roles may read, and changes nothing.</param>
/// <param name="Service">Acts under its label and belongs to nobody; admins make these. Otherwise it acts under the name of the person who makes it.</param>
public sealed record TokenWish(
    string Label, ImmutableArray<string> Roles, ImmutableArray<string> Groups, ImmutableArray<string> Namespaces, ImmutableArray<string> Clusters, bool ReadOnly, bool Service, TimeSpan Lifetime);

/// <summary>A token to put into a program. It is shown once; afterwards only its hash is known.</summary>
public sealed record MintedToken(string Id, string Token, string Label, string ActsAs, ImmutableArray<string> Roles, ImmutableArray<string> Groups, DateTimeOffset ExpiresAt);

/// <summary>One line of the list of tokens.</summary>
/// <param name="State">good, revoked or expired.</param>
public sealed record TokenView(
    string Id, string Label, string ActsAs, bool Service, ImmutableArray<string> Roles, ImmutableArray<string> Groups, ImmutableArray<string> Namespaces, ImmutableArray<string> Clusters, bool ReadOnly,
    string State, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? LastUsedAt)
{
    public CallerScope Scope => new(Namespaces, Clusters, ReadOnly);
}

/// <summary>
/// Makes API tokens and takes them back. A person makes tokens for what they may do themselves, under their own name, so that person and token are one voice at a gate; an admin also makes tokens for services.
/// </summary>
public sealed class TokenService(AccessStore store, AccessAudit audit, TimeProvider time)
{
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);
    public static readonly TimeSpan Usual = TimeSpan.FromDays(90);
    private const int MostScopes = 50;

    public Result<MintedToken> Mint(TokenWish wish, Caller by)
    {
        ArgumentNullException.ThrowIfNull(wish);
        if (NotAllowed(wish, by) is { } refused)
            return audit.Record<MintedToken>(refused, by, AuditActions.MintToken, $"token {wish.Label}");
        var service = wish.Service || by.Name == PersonName.ApiToken;
        var label = PersonName.Normalise(wish.Label);
        if (Problems(wish, label, service, by) is { IsEmpty: false } errors)
            return new Refusal(RefusalKind.Invalid, "The token cannot be made.") { Errors = errors };
        var (record, token) = store.MintToken(made => new TokenRecord
        {
            Id = made.Id, TokenHash = made.Hash, CreatedAt = made.Now, ExpiresAt = made.Now + wish.Lifetime, Label = label!, ActsAs = service ? label! : by.Name, Service = service,
            Roles = Once(wish.Roles), Groups = Once(wish.Groups), Namespaces = Once(wish.Namespaces), Clusters = Once(wish.Clusters), ReadOnly = wish.ReadOnly, CreatedBy = by.Name,
        });
        audit.Done(by, AuditActions.MintToken, $"token {record.Label}",
            $"acts as {record.ActsAs}; {string.Join(", ", record.Roles)}{(record.ReadOnly ? ", only reads" : "")}; reaches {new CallerScope(record.Namespaces, record.Clusters, record.ReadOnly).InWords()}; until {record.ExpiresAt:yyyy-MM-dd HH:mm} UTC");
        return new MintedToken(record.Id, token, record.Label, record.ActsAs, record.Roles, record.Groups, record.ExpiresAt);
    }

    /// <summary>An admin sees all, everybody else their own.</summary>
    public Result<ImmutableArray<TokenView>> List(Caller by)
    {
        ArgumentNullException.ThrowIfNull(by);
        if (by.Name.Length == 0 || by.Scope.Limited)
            return new Refusal(RefusalKind.Forbidden, "This login may not see tokens.");
        var now = time.GetUtcNow();
        return ImmutableArray.CreateRange(store.Tokens.Where(t => by.Is(Caller.Admin) || IsOwn(t, by)).OrderByDescending(t => t.CreatedAt).Select(t => new TokenView(
            t.Id, t.Label, t.ActsAs, t.Service, t.Roles, t.Groups, t.Namespaces, t.Clusters, t.ReadOnly, t.StateAt(now), t.CreatedBy, t.CreatedAt, t.ExpiresAt, t.LastUsedAt)));
    }

    /// <summary>From now on the token is worth nothing; streams that were opened with it close at once.</summary>
    public Result<bool> Revoke(string id, Caller by)
    {
        if (AccessRules.MayChange(by) is { } refused)
            return refused;
        var record = store.Tokens.FirstOrDefault(t => t.Id == id && (by.Is(Caller.Admin) || IsOwn(t, by)));
        return record is not null && store.RevokeToken(id) is not null ? audit.Record<bool>(true, by, AuditActions.RevokeToken, $"token {record.Label}") : new Refusal(RefusalKind.NotFound, "There is no good token with this id.");
    }

    private static Refusal? NotAllowed(TokenWish wish, Caller by) => AccessRules.MayChange(by)
        ?? (AccessRules.IsToken(by) && !by.Is(Caller.Admin) ? new Refusal(RefusalKind.Forbidden, "A token makes no further tokens; sign in to make one.")
            : wish.Service && !by.Is(Caller.Admin) ? new Refusal(RefusalKind.Forbidden, "Tokens for services are made by admins; one of your own acts under your name.") : null);

    private static bool IsOwn(TokenRecord token, Caller by) => !token.Service && PersonName.Same(token.ActsAs, by.Name);

    private ImmutableArray<SpecError> Problems(TokenWish wish, string? label, bool service, Caller by)
    {
        var errors = ImmutableArray.CreateBuilder<SpecError>();
        if (label is null)
            errors.Add(new SpecError("/label", 0, $"\"{wish.Label}\" cannot be a token's label.", [PersonName.Allowed]));
        else if (service && store.KnowsPerson(label))
            errors.Add(new SpecError("/label", 0, $"{label} is a person here; a service needs a name of its own, or its approvals would be theirs.", []));
        var allowed = LinkService.Roles.Where(r => r == Caller.Viewer || by.Is(r)).ToImmutableArray();
        if (wish.Roles.IsEmpty || wish.Roles.Any(r => !allowed.Contains(r)))
            errors.Add(new SpecError("/roles", 0, wish.Roles.FirstOrDefault(r => !allowed.Contains(r)) is { } role && LinkService.Roles.Contains(role) ? $"You are not {role} yourself." : "A token needs a role.", allowed));
        if (!wish.Groups.All(AccessRules.IsGroup))
            errors.Add(new SpecError("/groups", 0, AccessRules.GroupAllowed, []));
        else if (!by.Is(Caller.Admin) && wish.Groups.Any(g => !by.Groups.Contains(g)))
            errors.Add(new SpecError("/groups", 0, "You can only pass on groups that you are in yourself.", by.Groups));
        if (wish.Namespaces.Length > MostScopes || wish.Namespaces.Any(n => !IsName(n)))
            errors.Add(new SpecError("/namespaces", 0, $"A namespace is 1 to 63 small letters, digits or '-'; at most {MostScopes} of them.", []));
        if (wish.Clusters.Length > MostScopes || wish.Clusters.Any(c => !ClusterKey.TryParse(c, out _)))
            errors.Add(new SpecError("/clusters", 0, $"A cluster is written namespace/name; at most {MostScopes} of them.", []));
        if (wish.Lifetime < Shortest || wish.Lifetime > Longest)
            errors.Add(new SpecError("/lifetimeSeconds", 0, $"A token lives from {Shortest.TotalSeconds:0} to {Longest.TotalSeconds:0} seconds.", []));
        return errors.ToImmutable();
    }

    private static bool IsName(string ns) => ns.Length is > 0 and <= 63 && ns.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static ImmutableArray<string> Once(ImmutableArray<string> words) => [.. words.Distinct(StringComparer.Ordinal)];
}
