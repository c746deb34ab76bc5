using System.Globalization;
using Rollcall.Engine.Storage;

namespace Rollcall.Web.Model.Auditing;

/// <summary>What the Audit page shows; all of it lives in the address, so that a view can be sent to somebody. Days are UTC days.</summary>
/// <param name="Result">done, refused, or null for both.</param>
/// <param name="Before">Older than this entry: the page that is looked at.</param>
public sealed record AuditQuery(string? Actor, string? Action, string? Cluster, string? Object, string? Result, DateOnly? From, DateOnly? To, long? Before)
{
    public static AuditQuery Parse(string? actor, string? action, string? cluster, string? what, string? result, string? from, string? to, long? before) => new(
        Text(actor), Text(action), Text(cluster), Text(what), result is "done" or "refused" ? result : null, Day(from), Day(to), before is > 0 ? before : null);

    public bool Any => this with { Before = null } != new AuditQuery(null, null, null, null, null, null, null, null);

    public AuditFilter Filter => new(Actor, Action, Cluster, Object, Result switch { "done" => false, "refused" => true, _ => null },
        From is { } from ? new DateTimeOffset(from, TimeOnly.MinValue, TimeSpan.Zero) : null, To is { } to ? new DateTimeOffset(to.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero) : null);

    public string Href() => Path("/audit", Query(Before is { } before ? $"before={before.ToString(CultureInfo.InvariantCulture)}" : null));

    /// <summary>The download with the same filters.</summary>
    public string ExportHref(string format)
    {
        var filter = Filter;
        return Path("/api/v1/audit:export", [$"format={format}", .. new[]
        {
            Part("actor", Actor), Part("action", Action), Part("cluster", Cluster), Part("object", Object), filter.Refused is { } refused ? $"refused={(refused ? "true" : "false")}" : null,
            filter.From is { } from ? $"from={from.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : null, filter.To is { } to ? $"to={to.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : null,
        }.OfType<string>()]);
    }

    private IEnumerable<string> Query(string? more) => new[]
    {
        Part("actor", Actor), Part("action", Action), Part("cluster", Cluster), Part("object", Object), Part("result", Result), Part("from", From?.ToString("O", CultureInfo.InvariantCulture)),
        Part("to", To?.ToString("O", CultureInfo.InvariantCulture)), more,
    }.OfType<string>();

    private static string Path(string path, IEnumerable<string> query) => string.Join('&', query) is { Length: > 0 } text ? $"{path}?{text}" : path;

    private static string? Part(string name, string? value) => value is null ? null : $"{name}={Uri.EscapeDataString(value)}";

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
