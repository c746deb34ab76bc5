using System.Collections.Immutable;

namespace Rollcall.Simulator.Api.Storage;

/// <summary>All objects of one kind at one revision, in key order. Immutable and shared between revisions, so old ones stay readable for continue tokens.</summary>
internal sealed class Snapshot
{
    private static readonly ImmutableSortedDictionary<string, StoredObject> NoObjects = ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

    private readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>> _namespaces;

    private Snapshot(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>> namespaces) => _namespaces = namespaces;

    public static Snapshot Empty { get; } = new(ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, StoredObject>>(StringComparer.Ordinal));

    public StoredObject? Find(ObjectKey key) => _namespaces.TryGetValue(key.Namespace, out var names) ? names.GetValueOrDefault(key.Name) : null;

    public Snapshot With(StoredObject item) =>
        new(_namespaces.SetItem(item.Key.Namespace, _namespaces.GetValueOrDefault(item.Key.Namespace, NoObjects).SetItem(item.Key.Name, item)));

    public Snapshot Without(ObjectKey key)
    {
        var left = _namespaces[key.Namespace].Remove(key.Name);
        return new(left.IsEmpty ? _namespaces.Remove(key.Namespace) : _namespaces.SetItem(key.Namespace, left));
    }

    /// <summary>The objects of one namespace, or of all (null), that come after a key (null: from the start).</summary>
    public IEnumerable<StoredObject> Scan(string? ns, ObjectKey? after = null)
    {
        if (ns is not null)
            return _namespaces.TryGetValue(ns, out var names) ? After(names, after?.Name) : [];
        return ScanAll(after);
    }

    private static IEnumerable<StoredObject> After(ImmutableSortedDictionary<string, StoredObject> names, string? name) =>
        name is null ? names.Values : names.Values.SkipWhile(o => string.CompareOrdinal(o.Key.Name, name) <= 0);

    private IEnumerable<StoredObject> ScanAll(ObjectKey? after)
    {
        foreach (var (ns, names) in _namespaces)
        {
            var order = after is { } start ? string.CompareOrdinal(ns, start.Namespace) : 1;
            if (order < 0)
                continue;
            foreach (var item in After(names, order == 0 ? after?.Name : null))
                yield return item;
        }
    }
}
