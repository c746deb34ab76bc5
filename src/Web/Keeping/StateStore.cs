namespace Rollcall.Web.Keeping;

/// <summary>State in a <see cref="StateFile{TState}"/>: every change is on disk before it is told.</summary>
public abstract class StateStore<TState>
    where TState : class, IFormatted, new()
{
    /// <summary>How long what has ended stays listed.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    private readonly StateFile<TState> _file;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version;

    protected StateStore(StateFile<TState> file, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(file);
        (_file, Time) = (file, time);
        State = file.Load();
    }

    protected TimeProvider Time { get; }

    protected Lock Gate { get; } = new();

    /// <summary>Only under the gate.</summary>
    protected TState State { get; private set; }

    /// <summary>Grows with every change; a cursor for pages.</summary>
    public long Version { get { lock (Gate) return _version; } }

    public Task WhenAfterAsync(long version, CancellationToken ct)
    {
        lock (Gate)
            return _version > version ? Task.CompletedTask : _changed.Task.WaitAsync(ct);
    }

    /// <summary>Only under the gate.</summary>
    protected void Write(TState next)
    {
        next = Without(next, Time.GetUtcNow() - Remembered);
        _file.Save(next);
        State = next;
        _version++;
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }

    /// <summary>The state without what ended before <paramref name="oldest"/>.</summary>
    protected abstract TState Without(TState state, DateTimeOffset oldest);
}
