namespace Rollcall.Engine.Kubernetes.Telling;

/// <summary>How often something may be said of one object: some at once, and one more for every while that passes. What client-go's own recorder does (25, and one in five minutes), so that nobody's etcd is filled by us.</summary>
internal sealed class Allowance(TimeProvider time)
{
    public const int AtOnce = 25;
    public static readonly TimeSpan OneMore = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, (double Left, DateTimeOffset At)> _left = new(StringComparer.Ordinal);

    public bool Take(string what)
    {
        var now = time.GetUtcNow();
        var (left, at) = _left.GetValueOrDefault(what, (AtOnce, now));
        left = Math.Min(AtOnce, left + (now - at) / OneMore);
        var may = left >= 1;
        _left[what] = (may ? left - 1 : left, now);
        return may;
    }
}
