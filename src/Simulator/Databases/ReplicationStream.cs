namespace Rollcall.Simulator.Databases;

/// <summary>The position of a shard's write stream: it moves with time while a leader accepts writes and stands still otherwise.</summary>
internal sealed class ReplicationStream(double bytesPerSecond, long start)
{
    private double _position = start;
    private DateTimeOffset? _runningSince;

    public long At(DateTimeOffset now) =>
        (long)(_runningSince is { } since ? _position + Math.Max(0, (now - since).TotalSeconds) * bytesPerSecond : _position);

    public void Run(DateTimeOffset now) => _runningSince ??= now;

    public void Halt(DateTimeOffset now)
    {
        _position = At(now);
        _runningSince = null;
    }

    /// <summary>A leader that had less takes over: what the old one had beyond is lost.</summary>
    public void Restart(long position, DateTimeOffset now)
    {
        _position = position;
        _runningSince = now;
    }

    /// <summary>Seconds of work behind, as bytes; the small wobble of a healthy replica is a pure function of its name and the time.</summary>
    public long BytesBehind(string pod, double injectedSeconds, DateTimeOffset now)
    {
        var phase = StableHash.Of(pod) % 628 / 100.0;
        var wobble = 0.02 + 0.05 * (1 + Math.Sin(now.ToUnixTimeMilliseconds() / 2600.0 + phase));
        return (long)((injectedSeconds + wobble) * bytesPerSecond);
    }
}

/// <summary>A hash that is the same in every process; string.GetHashCode is not.</summary>
internal static class StableHash
{
    public static uint Of(string text)
    {
        var hash = 2166136261u;
        foreach (var c in text)
            hash = (hash ^ c) * 16777619u;
        return hash;
    }

    /// <summary>Hexadecimal digits drawn from the text, as many as asked for.</summary>
    public static string Hex(string text, int length)
    {
        var bytes = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text));
        return Convert.ToHexStringLower(bytes)[..length];
    }
}
