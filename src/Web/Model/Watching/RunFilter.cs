using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

/// <summary>What the Runs page shows; all of it lives in the address, so that a view can be sent to somebody.</summary>
public sealed record RunFilter(RunState? State, string? Cluster, string? Search)
{
    public static RunFilter Parse(string? state, string? cluster, string? search) => new(
        Enum.TryParse<RunState>(state, ignoreCase: true, out var s) && Enum.IsDefined(s) ? s : null,
        string.IsNullOrWhiteSpace(cluster) ? null : cluster,
        string.IsNullOrWhiteSpace(search) ? null : search.Trim());

    public bool Any => State is not null || Cluster is not null || Search is not null;

    /// <summary>The rows, and for each state how many the other filters leave, so that a counter never promises what its click does not show.</summary>
    public (ImmutableArray<RunView> Rows, ImmutableDictionary<RunState, int> Counts, int Total) Apply(IEnumerable<RunView> runs)
    {
        var others = runs.Where(r => (Cluster is null || r.Cluster == Cluster) && (Search is null || Matches(r, Search))).ToArray();
        return (
            [.. others.Where(r => State is null || r.State == State)],
            others.GroupBy(r => r.State).ToImmutableDictionary(g => g.Key, g => g.Count()),
            others.Length);
    }

    public string Href()
    {
        var query = new List<string>(3);
        if (State is { } state)
            query.Add($"state={state.ToString().ToLowerInvariant()}");
        if (Cluster is { } cluster)
            query.Add($"cluster={Uri.EscapeDataString(cluster)}");
        if (Search is { } search)
            query.Add($"q={Uri.EscapeDataString(search)}");
        return query.Count == 0 ? "/runs" : $"/runs?{string.Join('&', query)}";
    }

    private static bool Matches(RunView run, string search) =>
        run.Cluster.Contains(search, StringComparison.OrdinalIgnoreCase)
        || run.PlanName.Contains(search, StringComparison.OrdinalIgnoreCase)
        || run.StartedBy.Contains(search, StringComparison.OrdinalIgnoreCase)
        || run.Id.Contains(search, StringComparison.OrdinalIgnoreCase)
        || RunHeading.Change(run).Contains(search, StringComparison.OrdinalIgnoreCase);
}
