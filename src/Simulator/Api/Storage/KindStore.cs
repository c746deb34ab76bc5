namespace Rollcall.Simulator.Api.Storage;

internal enum ChangeType
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One committed change. <paramref name="Object"/> carries the change's resourceVersion, also when it was deleted.</summary>
internal sealed record Change(ChangeType Type, StoredObject Object, StoredObject? Previous, Snapshot After)
{
    private StoredObject? _departed;

    /// <summary>What a watch sees whose selector the object has left: its last matching state, under this change's version.</summary>
    public StoredObject Departed => _departed ??= Previous!.At(Object.Version);
}

/// <summary>
/// The objects of one kind and their latest changes. Watches are cursors over the changes, not queues: a slow watch costs nothing, and one
/// that falls behind the history is told 410, as by a real server.
/// </summary>
internal sealed class KindStore(ResourceKind kind, int history)
{
    private readonly Lock _lock = new();
    private readonly Change[] _ring = new Change[history];
    private readonly List<Action> _listeners = [];
    private int _start;
    private int _count;
    private long _floor;
    private Snapshot _base = Snapshot.Empty;
    private volatile Snapshot _live = Snapshot.Empty;

    public ResourceKind Kind { get; } = kind;

    public Snapshot Live => _live;

    public void Append(Change change)
    {
        lock (_lock)
        {
            if (_count == _ring.Length)
            {
                var oldest = _ring[_start];
                _floor = oldest.Object.Version;
                _base = oldest.After;
                _start = (_start + 1) % _ring.Length;
                _count--;
            }

            _ring[(_start + _count) % _ring.Length] = change;
            _count++;
            _live = change.After;
            Notify();
        }
    }

    /// <summary>Forgets all changes: every resourceVersion below <paramref name="version"/> is expired.</summary>
    public void Expire(long version)
    {
        lock (_lock)
        {
            Array.Clear(_ring);
            _start = _count = 0;
            _base = _live;
            _floor = version;
            Notify();
        }
    }

    /// <summary>Adds up to <paramref name="max"/> changes after a version, oldest first; false when that version is expired.</summary>
    public bool TryRead(long after, int max, List<Change> into)
    {
        lock (_lock)
        {
            if (after < _floor)
                return false;
            for (var i = FirstAfter(after); i < _count && into.Count < max; i++)
                into.Add(At(i));
            return true;
        }
    }

    /// <summary>The objects as they were at a version; false when it is expired.</summary>
    public bool TrySnapshot(long version, out Snapshot snapshot)
    {
        lock (_lock)
        {
            var next = FirstAfter(version);
            snapshot = next == 0 ? _base : At(next - 1).After;
            return version >= _floor;
        }
    }

    /// <summary>Calls back, quickly and without data, after each change.</summary>
    public IDisposable Listen(Action listener)
    {
        lock (_lock)
            _listeners.Add(listener);
        return new Subscription(() =>
        {
            lock (_lock)
                _listeners.Remove(listener);
        });
    }

    private void Notify()
    {
        foreach (var listener in _listeners)
            listener();
    }

    private Change At(int index) => _ring[(_start + index) % _ring.Length];

    private int FirstAfter(long version)
    {
        int low = 0, high = _count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (At(middle).Object.Version <= version)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}

/// <summary>Runs an action once, when it is disposed.</summary>
internal sealed class Subscription(Action end) : IDisposable
{
    private Action? _end = end;

    public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
}
