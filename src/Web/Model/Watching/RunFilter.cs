using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

/// <summary>What the Runs page shows; all of it lives in the address, so that a view can be sent to somebody.</summary>
public sealed record RunFilter(RunState? State, string? Cluster, string? Search)
{
    public const int PageSize = 50;

    /// <summary>Only runs that this person started.</summary>
    public string? By { get; init; }

    /// <summary>Where the page begins; null for the newest.</summary>
    public RunCursor? After { get; init; }

    public static RunFilter Parse(string? state, string? cluster, string? search, string? by = null, string? after = null) => new(
        Enum.TryParse<RunState>(state, ignoreCase: true, out var s) && Enum.IsDefined(s) ? s : null,
        Given(cluster),
        Given(search))
    {
        By = Given(by), After = RunCursor.Parse(after),
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

    /// <summary>The rows of this page. A place behind the last run shows the newest: nobody is left before an empty list.</summary>
    public RunPage Cut(ImmutableArray<RunView> rows) => RunPage.Cut(rows, After, PageSize) is { Rows.IsEmpty: false } page ? page : RunPage.Cut(rows, null, PageSize);

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
        if (After is { } after)
            query.Add($"after={after}");
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
