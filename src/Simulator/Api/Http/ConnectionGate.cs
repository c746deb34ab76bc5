using Microsoft.AspNetCore.Connections;

namespace Rollcall.Simulator.Api.Http;

/// <summary>Knows every open connection, so that the server can be "down" and up again without giving up its port.</summary>
internal sealed class ConnectionGate
{
    private readonly Lock _lock = new();
    private readonly HashSet<ConnectionContext> _open = [];

    public Func<bool> IsShut { get; set; } = () => false;

    public ConnectionDelegate Middleware(ConnectionDelegate next) => async connection =>
    {
        lock (_lock)
            _open.Add(connection);
        try
        {
            if (IsShut())
                connection.Abort();
            else
                await next(connection);
        }
        finally
        {
            lock (_lock)
                _open.Remove(connection);
        }
    };

    public void AbortAll()
    {
        ConnectionContext[] open;
        lock (_lock)
            open = [.. _open];
        foreach (var connection in open)
            connection.Abort();
    }
}
