namespace Rollcall.Simulator.Api.Http;

/// <summary>The watches that are open now, so that faults and shutdown reach them.</summary>
internal sealed class OpenWatches
{
    private readonly Lock _lock = new();
    private readonly HashSet<WatchSession> _sessions = [];

    public int Count
    {
        get
        {
            lock (_lock)
                return _sessions.Count;
        }
    }

    public void Add(WatchSession session)
    {
        lock (_lock)
            _sessions.Add(session);
    }

    public void Remove(WatchSession session)
    {
        lock (_lock)
            _sessions.Remove(session);
    }

    public void Strike(WatchFault fault)
    {
        // Under the lock: a request that has ended was removed before, and its context must not be touched any longer.
        lock (_lock)
        {
            foreach (var session in _sessions.ToArray())
            {
                if (fault == WatchFault.Drop)
                    session.Drop();
                else
                    session.Freeze();
            }
        }
    }
}
