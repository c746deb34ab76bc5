namespace Rollcall.Simulator.Operators.Machinery;

/// <summary>
/// Any number of due times behind one timer: thousands of Pods that start cost one pending timer, and an idle cluster costs none.
/// Actions run on the timer's thread, outside the lock, and must not block.
/// </summary>
internal sealed class AlarmClock : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<Action, (DateTimeOffset Due, long Sequence)> _alarms = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private DateTimeOffset _armedFor = DateTimeOffset.MaxValue;
    private long _sequence;
    private bool _disposed;

    public AlarmClock(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void After(TimeSpan delay, Action action) => At(_time.GetUtcNow() + delay, action);

    public void At(DateTimeOffset due, Action action)
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _alarms.Enqueue(action, (due, _sequence++));
            Arm();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _alarms.Clear();
        }
        _timer.Dispose();
    }

    private void Ring()
    {
        List<Action> due = [];
        lock (_lock)
        {
            _armedFor = DateTimeOffset.MaxValue;
            var now = _time.GetUtcNow();
            while (_alarms.TryPeek(out var action, out var at) && at.Due <= now)
            {
                _alarms.Dequeue();
                due.Add(action);
            }
            if (!_disposed)
                Arm();
        }
        foreach (var action in due)
            action();
    }

    private void Arm()
    {
        if (!_alarms.TryPeek(out _, out var next) || next.Due >= _armedFor)
            return;
        _armedFor = next.Due;
        var wait = next.Due - _time.GetUtcNow();
        // Timers count whole milliseconds; rounding up spares a second ring for the last fraction.
        _timer.Change(wait <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }
}
