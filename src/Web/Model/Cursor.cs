using Rollcall.Engine.Topology;

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

    /// <summary>Completes when the cluster changes, or comes or goes.</summary>
    public static Func<CancellationToken, Task> Over(ClusterCatalog catalog, Rollcall.Shared.ClusterKey key)
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
