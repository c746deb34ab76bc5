namespace Rollcall.Engine.Kubernetes.Probing;

/// <summary>At most so many per second, with a second's worth in hand: each permit pushes the time at which the supply is full again.</summary>
internal sealed class Pace(int perSecond, TimeProvider time)
{
    private readonly TimeSpan _each = TimeSpan.FromSeconds(1.0 / perSecond);
    private readonly Lock _gate = new();
    private DateTimeOffset _full = DateTimeOffset.MinValue;

    /// <summary>Waits its turn.</summary>
    public async Task TakeAsync(CancellationToken ct)
    {
        TimeSpan wait;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            _full = (_full > now ? _full : now) + _each;
            wait = _full - now - TimeSpan.FromSeconds(1);
        }
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, ct).ConfigureAwait(false);
    }

    /// <summary>Takes a permit only while half of the supply stays for those who cannot wait.</summary>
    public bool TryTakeSpare()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var from = _full > now ? _full : now;
            if (from + _each - now > TimeSpan.FromSeconds(0.5))
                return false;
            _full = from + _each;
            return true;
        }
    }
}
