using System.Collections.Immutable;
using Rollcall.Engine.Storage;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Configuration;

namespace Rollcall.Web.Screens;

/// <summary>One line of the list of screens.</summary>
/// <param name="State">live, revoked or expired.</param>
/// <param name="Url">The whole link while it is live; empty afterwards.</param>
/// <param name="Open">It opens without the key in its link.</param>
public sealed record ScreenLine(string Id, string Name, string Title, ImmutableArray<string> Clusters, string State, bool Open, string Url, string BadgeUrl, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>Makes status screens and takes them back. Admins only; checked here.</summary>
public sealed class ScreenService(ScreenStore store, ScreenKeys keys, LinkService links, AccessAudit audit, ClusterCatalog catalog, DashboardOptions options, TimeProvider time)
{
    public const int MostClusters = 12;
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);
    public static readonly TimeSpan Usual = TimeSpan.FromDays(7);

    /// <summary>Screens without a key can be made here.</summary>
    public bool MayBeOpen => options.Screens.AllowAnonymous;

    /// <param name="name">1 to 40 lower-case letters, digits and dashes.</param>
    /// <param name="lifetime">5 minutes to 366 days.</param>
    public Result<ScreenLine> Mint(string name, string title, ImmutableArray<string> clusters, TimeSpan lifetime, bool open, Caller by)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (AccessRules.MayAdminister(by, OnlyAdmins) is { } refused)
            return audit.Record<ScreenLine>(refused, by, AuditActions.MintScreen, $"status screen {name}");
        var wanted = title?.Trim() ?? "";
        var errors = Problems(name, wanted, clusters, lifetime, open).ToImmutableArray();
        if (errors.Length > 0)
            return new Refusal(RefusalKind.Invalid, "The screen cannot be made.") { Errors = errors };
        var screen = store.Add((id, now) => new ScreenRecord
        {
            Id = id, Name = name, Title = wanted.Length > 0 ? wanted : name, Clusters = [.. clusters.Distinct(StringComparer.Ordinal)], Open = open,
            CreatedBy = by.Name, CreatedAt = now, ExpiresAt = now + lifetime,
        });
        if (screen is null)
            return new Refusal(RefusalKind.Conflict, $"There is a screen called {name} already. Take it back first, or choose another name.");
        return audit.Record<ScreenLine>(Line(screen), by, AuditActions.MintScreen, $"status screen {name}", $"{string.Join(", ", screen.Clusters)}; until {screen.ExpiresAt:yyyy-MM-dd HH:mm} UTC{(open ? "; opens without a key" : "")}");
    }

    public Result<ImmutableArray<ScreenLine>> List(Caller by)
    {
        if (AccessRules.MaySee(by, OnlyAdmins) is { } refused)
            return refused;
        return ImmutableArray.CreateRange(store.All.OrderByDescending(s => s.CreatedAt).Select(Line));
    }

    public Result<bool> Revoke(string id, Caller by)
    {
        if (AccessRules.MayAdminister(by, OnlyAdmins) is { } refused)
            return audit.Record<bool>(refused, by, AuditActions.RevokeScreen, "status screen");
        var screen = store.LiveById(id);
        return screen is not null && store.Revoke(id)
            ? audit.Record<bool>(true, by, AuditActions.RevokeScreen, $"status screen {screen.Name}")
            : new Refusal(RefusalKind.NotFound, "There is no live screen with this id.");
    }

    private IEnumerable<SpecError> Problems(string name, string title, ImmutableArray<string> clusters, TimeSpan lifetime, bool open)
    {
        if (name.Length is 0 or > 40 || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') || name[0] == '-')
            yield return new SpecError("/name", 0, "A screen's name is part of its address.", ["1 to 40 lower-case letters, digits and dashes"]);
        if (title.Length > 80 || title.Any(char.IsControl))
            yield return new SpecError("/title", 0, "A title has at most 80 characters on one line.", []);
        if (clusters.IsDefaultOrEmpty || clusters.Length > MostClusters)
            yield return new SpecError("/clusters", 0, $"A screen shows 1 to {MostClusters} clusters.", [.. catalog.Stores.Select(s => s.Cluster.ToString())]);
        else
            foreach (var cluster in clusters.Where(c => !ClusterKey.TryParse(c, out var key) || catalog.Find(key) is null))
                yield return new SpecError("/clusters", 0, $"There is no cluster \"{cluster}\" in sight.", [.. catalog.Stores.Select(s => s.Cluster.ToString())]);
        if (lifetime < Shortest || lifetime > Longest)
            yield return new SpecError("/lifetimeSeconds", 0, $"A screen lives from {Shortest.TotalSeconds:0} to {Longest.TotalSeconds:0} seconds.", []);
        if (open && !MayBeOpen)
            yield return new SpecError("/open", 0, "Screens without a key in their link are switched off here (Rollcall__Screens__AllowAnonymous).", ["false"]);
    }

    private ScreenLine Line(ScreenRecord s)
    {
        var state = s.StateAt(time.GetUtcNow());
        var key = state != "live" ? "" : s.Open && MayBeOpen ? "" : $"?key={keys.Seal(s.Id)}";
        var address = $"{links.BaseUrl}{ScreenAccess.Root}/{s.Name}";
        return new ScreenLine(s.Id, s.Name, s.Title, s.Clusters, state, s.Open && MayBeOpen, state == "live" ? address + key : "", state == "live" ? $"{address}/badge.svg{key}" : "", s.CreatedBy, s.CreatedAt, s.ExpiresAt);
    }

    private const string OnlyAdmins = "Status screens are made by admins.";
}
