using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Topology;

/// <summary>A source that could not be read, said where people see it (KubeBlocks not installed, 403 …).</summary>
public sealed record SourceNote(string Source, Severity Severity, string Message);

/// <summary>
/// What clusters there are: one <see cref="TopologyStore"/> each. One writer (the informers), any number of readers; readers are cursors and never cost the writer anything.
/// </summary>
public sealed class ClusterCatalog
{
    private readonly Lock _gate = new();
    private ImmutableSortedDictionary<string, TopologyStore> _stores = ImmutableSortedDictionary.Create<string, TopologyStore>(StringComparer.Ordinal);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableArray<SourceNote> _notes = [];
    private long _version;

    /// <summary>Grows whenever a cluster comes, goes, or a note changes.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>True once the first lists are through; before that, absence means nothing.</summary>
    public bool Ready { get; private set; }

    public ImmutableArray<SourceNote> Notes => _notes;

    public IEnumerable<TopologyStore> Stores => _stores.Values;

    public TopologyStore? Find(ClusterKey key) => _stores.GetValueOrDefault(key.ToString());

    /// <summary>Completes when <see cref="Version"/> is greater than <paramref name="version"/>.</summary>
    public Task WhenAfterAsync(long version, CancellationToken ct)
    {
        lock (_gate)
            return _version > version ? Task.CompletedTask : _changed.Task.WaitAsync(ct);
    }

    internal TopologyStore GetOrAdd(ClusterKey key, Func<TopologyStore> make)
    {
        lock (_gate)
        {
            if (_stores.TryGetValue(key.ToString(), out var store))
                return store;
            store = make();
            _stores = _stores.Add(key.ToString(), store);
            Bump();
            return store;
        }
    }

    internal void Remove(ClusterKey key)
    {
        lock (_gate)
        {
            if (!_stores.TryGetValue(key.ToString(), out var store))
                return;
            store.Vanish();
            _stores = _stores.Remove(key.ToString());
            Bump();
        }
    }

    internal void SetReady()
    {
        lock (_gate)
        {
            if (Ready)
                return;
            Ready = true;
            Bump();
        }
    }

    internal void SetNotes(ImmutableArray<SourceNote> notes)
    {
        lock (_gate)
        {
            if (_notes.SequenceEqual(notes))
                return;
            _notes = notes;
            Bump();
        }
    }

    private void Bump()
    {
        Interlocked.Increment(ref _version);
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }
}
