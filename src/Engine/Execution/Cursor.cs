namespace Rollcall.Engine.Execution;

/// <summary>A counter that can be waited for. Readers keep the value they saw and are never queued for.</summary>
internal sealed class Cursor
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _value = 1;

    public long Value { get { lock (_gate) return _value; } }

    public void Bump()
    {
        TaskCompletionSource moved;
        lock (_gate)
        {
            _value++;
            moved = _moved;
            _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        moved.TrySetResult();
    }

    /// <summary>Completes when <see cref="Value"/> is greater than <paramref name="seen"/>.</summary>
    public Task WhenAfterAsync(long seen, CancellationToken ct)
    {
        lock (_gate)
            return _value > seen ? Task.CompletedTask : _moved.Task.WaitAsync(ct);
    }
}
