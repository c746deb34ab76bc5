using k8s;
using k8s.Models;

namespace Rollcall.Simulator.Operators.Machinery;

/// <summary>
/// Lists one kind, watches it from there, and lists again when the watch breaks. Objects that vanished while nobody was watching are
/// reported as deleted. Handlers are added before the loop runs; they are called from it, in order, never concurrently.
/// </summary>
internal sealed class ObjectCache<T>(ResourceFeed<T> feed, TimeProvider time, ILogger log)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly TimeSpan RelistPause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, T> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, T>> _byOwner = new(StringComparer.Ordinal);
    private readonly List<Action<T?, T?>> _handlers = [];
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Calls (before, after) for every change: one of them is null for an object that came or went.</summary>
    public void OnChange(Action<T?, T?> handler) => _handlers.Add(handler);

    /// <summary>Done when the first list has been taken in.</summary>
    public Task Synced => _synced.Task;

    public IReadOnlyList<T> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _objects.Values];
            }
        }
    }

    public T? Find(string key)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault(key);
        }
    }

    /// <summary>The objects whose controlling owner has this UID.</summary>
    public IReadOnlyList<T> OwnedBy(string uid)
    {
        lock (_lock)
        {
            return _byOwner.TryGetValue(uid, out var owned) ? [.. owned.Values] : [];
        }
    }

    public async Task RunAsync(CancellationToken ct)
    {
        string? version = null;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                version ??= await ListAsync(ct);
                var silent = true;
                await foreach (var (type, item) in feed.Watch(version, ct).WithCancellation(ct))
                {
                    silent = false;
                    version = item.Metadata.ResourceVersion;
                    if (type is not WatchEventType.Bookmark)
                        Apply(item, deleted: type is WatchEventType.Deleted);
                }
                // A server that ends watches at once is not asked in a tight loop.
                if (silent)
                    await Task.Delay(RelistPause, time, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                Log.WatchBroke(log, feed.Name, error.Message);
                version = null;
                await Task.Delay(RelistPause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<string> ListAsync(CancellationToken ct)
    {
        List<T> found = [];
        string? token = null;
        string version;
        do
        {
            var page = await feed.List(token, ct);
            found.AddRange(page.Items);
            (token, version) = (page.Continue, page.ResourceVersion);
        }
        while (!string.IsNullOrEmpty(token));

        var keys = found.Select(ObjectKey.Of).ToHashSet(StringComparer.Ordinal);
        foreach (var vanished in All.Where(o => !keys.Contains(ObjectKey.Of(o))))
            Apply(vanished, deleted: true);
        foreach (var item in found)
            Apply(item, deleted: false);
        _synced.TrySetResult();
        return version;
    }

    private void Apply(T item, bool deleted)
    {
        var key = ObjectKey.Of(item);
        T? before;
        lock (_lock)
        {
            before = _objects.GetValueOrDefault(key);
            if (before is not null)
            {
                if (deleted)
                    _objects.Remove(key);
                Unlink(before, key);
            }
            if (!deleted)
            {
                _objects[key] = item;
                if (Owner(item) is { } owner)
                {
                    if (!_byOwner.TryGetValue(owner, out var owned))
                        _byOwner[owner] = owned = new(StringComparer.Ordinal);
                    owned[key] = item;
                }
            }
        }
        if (before is not null || !deleted)
        {
            foreach (var handler in _handlers)
                handler(before, deleted ? null : item);
        }
    }

    private void Unlink(T item, string key)
    {
        if (Owner(item) is { } owner && _byOwner.TryGetValue(owner, out var owned) && owned.Remove(key) && owned.Count == 0)
            _byOwner.Remove(owner);
    }

    private static string? Owner(T item)
    {
        if (item.Metadata.OwnerReferences is { } owners)
        {
            foreach (var owner in owners)
            {
                if (owner.Controller is true)
                    return owner.Uid;
            }
        }
        return null;
    }
}

/// <summary>namespace/name, or the name alone for a kind without namespaces.</summary>
internal static class ObjectKey
{
    public static string Of(IKubernetesObject<V1ObjectMeta> item) => Of(item.Metadata.NamespaceProperty, item.Metadata.Name);

    public static string Of(string? space, string name) => string.IsNullOrEmpty(space) ? name : $"{space}/{name}";

    public static (string Namespace, string Name) Split(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? ("", key) : (key[..slash], key[(slash + 1)..]);
    }
}
