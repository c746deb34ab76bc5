using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Rollcall.Engine.Storage;
using Rollcall.Simulator.Scenarios;

namespace Rollcall.Web.Configuration;

/// <summary>A reason not to start, as one line and an exit code. Whatever is not one of these is a bug and keeps its stack trace.</summary>
public sealed record StartupFailure(int ExitCode, string Line)
{
    public const int BadUsage = 2, DatabaseRefused = 3, AddressRefused = 4;

    public static StartupFailure? Describe(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case UsageException or ScenarioException:
                    return new StartupFailure(BadUsage, e.Message);
                case DatabaseRefusedException:
                    return new StartupFailure(DatabaseRefused, e.Message);
                case AddressInUseException:
                    return new StartupFailure(AddressRefused, $"{Address(exception)} is in use by another process; stop it, or choose another address with --urls.");
                case SocketException { SocketErrorCode: SocketError.AccessDenied or SocketError.AddressNotAvailable } socket:
                    return new StartupFailure(AddressRefused, $"Cannot listen: {socket.Message}. Choose another address with --urls.");
            }
        }
        return null;
    }

    /// <summary>Kestrel says "Failed to bind to address http://127.0.0.1:5480: address already in use."</summary>
    private static string Address(Exception exception)
    {
        var at = exception.Message.IndexOf("http", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return "The address";
        var rest = exception.Message[at..];
        var end = rest.IndexOf(": ", StringComparison.Ordinal);
        return end < 0 ? "The address" : rest[..end];
    }
}

/// <summary>Something the person who started Rollcall has to put right; the message says what.</summary>
public sealed class UsageException : Exception
{
    public UsageException() { }
    public UsageException(string message) : base(message) { }
    public UsageException(string message, Exception inner) : base(message, inner) { }
}
