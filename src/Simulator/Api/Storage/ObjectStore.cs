using System.Text.Json.Nodes;

namespace Rollcall.Simulator.Api.Storage;

/// <summary>
/// Every object of the cluster under one revision counter. Writers run one at a time in <see cref="Transact"/>; readers take snapshots
/// and never wait. Controllers that belong to the API server itself are told of each change when the write that made it is done, before the next
/// write can start: what they do follows deterministically.
/// </summary>
internal sealed class ObjectStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ResourceKind, KindStore> _kinds;
    private readonly Dictionary<string, StoredObject> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _dependents = new(StringComparer.Ordinal);
    private readonly Queue<Change> _untold = new();
    private readonly List<Action<Change>> _controllers = [];
    private int _depth;
    private long _revision = 1;

    public ObjectStore(ResourceCatalog catalog, int history)
    {
        Catalog = catalog;
        _kinds = catalog.Kinds.ToDictionary(k => k, k => new KindStore(k, history));
    }

    public ResourceCatalog Catalog { get; }

    /// <summary>The latest revision. A reader that takes it first and a kind's changes afterwards has missed nothing up to it.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>Tells a controller of every change, inside the transaction and after its body. Only before the first write.</summary>
    public void Tell(Action<Change> controller) => _controllers.Add(controller);

    public KindStore Of(ResourceKind kind) => _kinds[kind];

    public StoredObject? Find(ResourceKind kind, ObjectKey key) => _kinds[kind].Live.Find(key);

    public T Transact<T>(Func<T> body)
    {
        lock (_gate)
        {
            _depth++;
            try
            {
                var result = body();
                while (_depth == 1 && _untold.TryDequeue(out var change))
                    _controllers.ForEach(c => c(change));
                return result;
            }
            finally
            {
                _depth--;
            }
        }
    }

    /// <summary>Only inside <see cref="Transact"/>.</summary>
    public StoredObject? FindByUid(string uid) => _byUid.GetValueOrDefault(uid);

    /// <summary>The objects that name this one as an owner. Only inside <see cref="Transact"/>.</summary>
    public IReadOnlyList<StoredObject> Dependents(string uid) => _dependents.TryGetValue(uid, out var uids) ? [.. uids.Select(u => _byUid[u])] : [];

    /// <summary>Writes a new object or a new version of one. Only inside <see cref="Transact"/>.</summary>
    public StoredObject Put(ResourceKind kind, JsonObject json)
    {
        var version = _revision + 1;
        var item = StoredObject.Seal(kind, json, version);
        var store = _kinds[kind];
        var previous = store.Live.Find(item.Key);
        Forget(previous);
        _byUid[item.Uid] = item;
        foreach (var owner in item.Owners)
        {
            if (!_dependents.TryGetValue(owner.Uid, out var dependents))
                _dependents[owner.Uid] = dependents = new(StringComparer.Ordinal);
            dependents.Add(item.Uid);
        }

        Publish(store, new(previous is null ? ChangeType.Added : ChangeType.Modified, item, previous, store.Live.With(item)), version);
        return item;
    }

    /// <summary>Removes an object whose last state is <paramref name="json"/>. Only inside <see cref="Transact"/>.</summary>
    public StoredObject Remove(ResourceKind kind, JsonObject json)
    {
        var version = _revision + 1;
        var item = StoredObject.Seal(kind, json, version);
        var store = _kinds[kind];
        var previous = store.Live.Find(item.Key);
        Forget(previous);
        Publish(store, new(ChangeType.Deleted, item, previous, store.Live.Without(item.Key)), version);
        return item;
    }

    /// <summary>Makes every resourceVersion and continue token given out so far too old.</summary>
    public void ExpireHistory() => Transact(() =>
    {
        var version = _revision + 1;
        Volatile.Write(ref _revision, version);
        foreach (var kind in _kinds.Values)
            kind.Expire(version);
        return version;
    });

    private void Publish(KindStore store, Change change, long version)
    {
        store.Append(change);
        Volatile.Write(ref _revision, version);
        _untold.Enqueue(change);
    }

    private void Forget(StoredObject? item)
    {
        if (item is null)
            return;
        _byUid.Remove(item.Uid);
        foreach (var owner in item.Owners)
        {
            if (_dependents.TryGetValue(owner.Uid, out var dependents) && dependents.Remove(item.Uid) && dependents.Count == 0)
                _dependents.Remove(owner.Uid);
        }
    }
}
