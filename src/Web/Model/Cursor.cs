using Rollcall.Engine.Execution;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Web.Model;

/// <summary>
/// Waiters for live pages. Take one before reading: it remembers the versions of that moment, so that a change which falls between the read and the wait is not lost.
/// </summary>
public static class Cursor
{
    /// <summary>Completes when a cluster comes, goes, or changes.</summary>
    public static Func<CancellationToken, Task> Over(ClusterCatalog catalog)
    {
        var version = catalog.Version;
        var stores = catalog.Stores.Select(store => (store, store.Revision)).ToArray();
        return ct => AnyAsync([c => catalog.WhenAfterAsync(version, c), .. stores.Select(s => (Func<CancellationToken, Task>)(c => s.store.WhenAfterAsync(s.Revision, c)))], ct);
    }

    /// <summary>Completes when a cluster or any run changes.</summary>
    public static Func<CancellationToken, Task> Over(ClusterCatalog catalog, Rollouts rollouts)
    {
        var clusters = Over(catalog);
        var runs = rollouts.RunsVersion;
        return ct => AnyAsync([clusters, c => rollouts.WhenRunsAfterAsync(runs, c)], ct);
    }

    /// <summary>Completes when the cluster or the run on it changes.</summary>
    public static Func<CancellationToken, Task> Over(ClusterCatalog catalog, Rollouts rollouts, ClusterKey key, string? runId)
    {
        var cluster = Over(catalog, key);
        if (runId is null)
            return cluster;
        var revision = rollouts.RunRevision(runId);
        return ct => AnyAsync([cluster, c => rollouts.WhenRunAfterAsync(runId, revision, c)], ct);
    }

    /// <summary>Completes when the cluster changes, or comes or goes.</summary>
    public static Func<CancellationToken, Task> Over(ClusterCatalog catalog, ClusterKey key)
    {
        var version = catalog.Version;
        if (catalog.Find(key) is not { } store)
            return ct => catalog.WhenAfterAsync(version, ct);
        var revision = store.Revision;
        return ct => AnyAsync([c => catalog.WhenAfterAsync(version, c), c => store.WhenAfterAsync(revision, c)], ct);
    }

    /// <summary>Completes with the first; the others stop waiting.</summary>
    public static async Task AnyAsync(IReadOnlyList<Func<CancellationToken, Task>> waits, CancellationToken ct)
    {
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var tasks = waits.Select(wait => wait(rest.Token)).ToArray();
        var first = await Task.WhenAny(tasks);
        await rest.CancelAsync();
        try
        {
            await Task.WhenAll(tasks);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The losers of the race.
        }
        await first;
    }
}
