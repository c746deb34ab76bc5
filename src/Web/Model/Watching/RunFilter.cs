using System.Collections.Immutable;
using System.Globalization;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

/// <summary>What the Runs page shows; all of it lives in the address, so that a view can be sent to somebody.</summary>
public sealed record RunFilter(RunState? State, string? Cluster, string? Search)
{
    public const int PageSize = 50;

    /// <summary>Only runs that this person started.</summary>
    public string? By { get; init; }

    /// <summary>Counted from 1.</summary>
    public int Page { get; init; } = 1;

    public static RunFilter Parse(string? state, string? cluster, string? search, string? by = null, int? page = null) => new(
        Enum.TryParse<RunState>(state, ignoreCase: true, out var s) && Enum.IsDefined(s) ? s : null,
        Given(cluster),
        Given(search))
    {
        By = Given(by), Page = page is > 1 and <= 100_000 ? page.Value : 1,
    };

    public bool Any => State is not null || Cluster is not null || Search is not null || By is not null;

    /// <summary>The rows of all pages, and for each state how many the other filters leave, so that a counter never promises what its click does not show.</summary>
    public (ImmutableArray<RunView> Rows, ImmutableDictionary<RunState, int> Counts, int Total) Apply(IEnumerable<RunView> runs)
    {
        var others = runs.Where(r => (Cluster is null || r.Cluster == Cluster) && (By is null || Person.Same(r.StartedBy, By)) && (Search is null || Matches(r, Search))).ToArray();
        return (
            [.. others.Where(r => State is null || r.State == State)],
            others.GroupBy(r => r.State).ToImmutableDictionary(g => g.Key, g => g.Count()),
            others.Length);
    }

    /// <summary>The rows of this page; a page behind the last one is the last.</summary>
    public (ImmutableArray<RunView> Rows, int Page, int Pages) Cut(ImmutableArray<RunView> rows)
    {
        var pages = Math.Max(1, (rows.Length + PageSize - 1) / PageSize);
        var page = Math.Min(Page, pages);
        return ([.. rows.Skip((page - 1) * PageSize).Take(PageSize)], page, pages);
    }

    public string Href()
    {
        var query = new List<string>(5);
        if (State is { } state)
            query.Add($"state={state.ToString().ToLowerInvariant()}");
        if (Cluster is { } cluster)
            query.Add($"cluster={Uri.EscapeDataString(cluster)}");
        if (By is { } by)
            query.Add($"by={Uri.EscapeDataString(by)}");
        if (Search is { } search)
            query.Add($"q={Uri.EscapeDataString(search)}");
        if (Page > 1)
            query.Add(string.Create(CultureInfo.InvariantCulture, $"page={Page}"));
        return query.Count == 0 ? "/runs" : $"/runs?{string.Join('&', query)}";
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static bool Matches(RunView run, string search) =>
        run.Cluster.Contains(search, StringComparison.OrdinalIgnoreCase)
        || run.PlanName.Contains(search, StringComparison.OrdinalIgnoreCase)
        || run.StartedBy.Contains(search, StringComparison.OrdinalIgnoreCase)
        || run.Id.Contains(search, StringComparison.OrdinalIgnoreCase)
        || RunHeading.Change(run).Contains(search, StringComparison.OrdinalIgnoreCase);
}
