using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Topology;

/// <summary>
/// One cluster's picture: a versioned immutable snapshot. One writer; readers wait for a version greater than the one they hold. A change that only refreshes
/// ages (a probe said the same again) moves <see cref="Revision"/>, which the executor follows, but not the shown version, which browsers follow.
/// </summary>
public sealed class TopologyStore
{
    private readonly Lock _gate = new();
    private readonly string _epoch;
    private TopologySnapshot _current;
    private long _revision;
    private int _waiting;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TopologyStore(TopologySnapshot first, string epoch)
    {
        _epoch = epoch;
        _current = first with { Version = $"{epoch}-1" };
        _revision = 1;
    }

    public ClusterKey Cluster => Current.Cluster;

    public TopologySnapshot Current { get { lock (_gate) return _current; } }

    /// <summary>Counts every write.</summary>
    public long Revision { get { lock (_gate) return _revision; } }

    /// <summary>The cluster is gone from the API server.</summary>
    public bool Vanished { get; private set; }

    public (TopologySnapshot Topology, long Revision) Read() { lock (_gate) return (_current, _revision); }

    /// <summary>Somebody waits for the next change now: a run, or a viewer. Members are then asked more often.</summary>
    public bool Watched => Volatile.Read(ref _waiting) > 0;

    public Task WhenAfterAsync(long revision, CancellationToken ct)
    {
        lock (_gate)
            return _revision > revision || Vanished ? Task.CompletedTask : WaitAsync(_changed.Task, ct);
    }

    private async Task WaitAsync(Task changed, CancellationToken ct)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await changed.WaitAsync(ct).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Replaces the snapshot. <paramref name="change"/> gets the present one and returns the next (or the same object for no change).</summary>
    internal void Update(Func<TopologySnapshot, TopologySnapshot> change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            var next = change(_current);
            if (ReferenceEquals(next, _current))
                return;
            _revision++;
            _current = TopologyDiff.SameToTheEye(_current, next) ? next with { Version = _current.Version } : next with { Version = $"{_epoch}-{_revision}" };
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.TrySetResult();
    }

    internal void Vanish()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            Vanished = true;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.TrySetResult();
    }
}
