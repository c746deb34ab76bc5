using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

/// <summary>
/// A place in the list of runs, newest first: behind the run that was made at this moment. It names the place and not its number, so runs that start meanwhile neither repeat nor hide one, and it never expires.
/// Opaque to whoever holds it.
/// </summary>
public readonly record struct RunCursor(DateTimeOffset CreatedAt, string Id)
{
    public static RunCursor Behind(RunView run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new RunCursor(run.CreatedAt, run.Id);
    }

    /// <summary>Whether a run comes later in the list than this place.</summary>
    public bool IsBefore(RunView run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.CreatedAt != CreatedAt ? run.CreatedAt < CreatedAt : string.CompareOrdinal(run.Id, Id) < 0;
    }

    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{CreatedAt.UtcTicks}.{Id}")));

    public static RunCursor? Parse(string? token)
    {
        if (string.IsNullOrEmpty(token) || token.Length > 200 || !Base64Url.IsValid(token))
            return null;
        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));
        return text.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 && long.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new RunCursor(new DateTimeOffset(ticks, TimeSpan.Zero), text[(dot + 1)..])
            : null;
    }
}

/// <summary>Some of the runs that a filter leaves.</summary>
/// <param name="First">How many runs come before these.</param>
/// <param name="Total">How many the filter leaves, on all pages.</param>
public sealed record RunPage(ImmutableArray<RunView> Rows, int First, int Total)
{
    /// <summary>How many come after these.</summary>
    public int Older => Total - First - Rows.Length;

    /// <summary>Where the next page begins; null on the last one.</summary>
    public RunCursor? Continue => Older > 0 && !Rows.IsEmpty ? RunCursor.Behind(Rows[^1]) : null;

    /// <summary>Where the page before this one begins; null when that is the first.</summary>
    public RunCursor? Back { get; private init; }

    /// <summary>"51 to 100 of 1,001".</summary>
    public string InWords => string.Create(CultureInfo.InvariantCulture, $"{First + 1:N0} to {First + Rows.Length:N0} of {Total:N0}");

    /// <param name="rows">Newest first.</param>
    public static RunPage Cut(ImmutableArray<RunView> rows, RunCursor? after, int limit)
    {
        var first = after is { } place ? rows.TakeWhile(r => !place.IsBefore(r)).Count() : 0;
        return new RunPage([.. rows.Skip(first).Take(limit)], first, rows.Length) { Back = first > limit ? RunCursor.Behind(rows[first - limit - 1]) : null };
    }
}
