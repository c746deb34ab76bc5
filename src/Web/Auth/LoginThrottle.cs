using System.Net;

namespace Rollcall.Web.Auth;

/// <summary>Counts wrong tokens by address: ten in a minute, and that address waits. Good logins are never slowed down.</summary>
public sealed class LoginThrottle(TimeProvider time)
{
    public const int Attempts = 10;
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private const int MostAddresses = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, (DateTimeOffset From, int Count)> _failures = [];

    public bool Blocked(HttpContext context)
    {
        lock (_gate)
            return _failures.TryGetValue(Address(context), out var f) && time.GetUtcNow() - f.From < Window && f.Count >= Attempts;
    }

    public void Failed(HttpContext context)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_failures.Count >= MostAddresses)
                foreach (var old in _failures.Where(f => now - f.Value.From >= Window).Select(f => f.Key).ToArray())
                    _failures.Remove(old);
            var address = Address(context);
            var (from, count) = _failures.TryGetValue(address, out var f0) && now - f0.From < Window ? f0 : (now, 0);
            if (count > 0 || _failures.Count < MostAddresses)
                _failures[address] = (from, count + 1);
        }
    }

    private static IPAddress Address(HttpContext context) => context.Connection.RemoteIpAddress ?? IPAddress.None;
}
