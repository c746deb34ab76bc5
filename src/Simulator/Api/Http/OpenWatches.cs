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
                return _sessions.Count(s => s.Caller is Caller.Client);
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

    /// <summary>Hits the watches of clients. A request that has ended was removed under the same lock, so its context is not touched any longer.</summary>
    public void Strike(WatchFault fault)
    {
        lock (_lock)
        {
            foreach (var session in _sessions.Where(s => s.Caller is Caller.Client).ToArray())
            {
                if (fault == WatchFault.Drop)
                    session.Drop();
                else
                    session.Freeze();
            }
        }
    }

    /// <summary>Ends every watch: the server is going away.</summary>
    public void DropAll()
    {
        lock (_lock)
        {
            foreach (var session in _sessions.ToArray())
                session.Drop();
        }
    }
}
