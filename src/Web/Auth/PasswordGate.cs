namespace Rollcall.Web.Auth;

/// <summary>
/// Counts wrong passwords by name: from the fifth in a row that name waits, 30 seconds and twice as long after each further one, an hour at most. Names that do not exist wait just the same, so that waiting tells nobody which do.
/// In memory: whoever can restart the process needs no password.
/// </summary>
public sealed class PasswordGate(TimeProvider time)
{
    public const int Free = 4;
    public static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private const int MostNames = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Failures, DateTimeOffset Until)> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long the name has to wait still; zero when it may try.</summary>
    public TimeSpan WaitOf(string name)
    {
        lock (_gate)
            return _names.TryGetValue(name, out var n) && n.Until > time.GetUtcNow() ? n.Until - time.GetUtcNow() : TimeSpan.Zero;
    }

    public void Failed(string name)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_names.Count >= MostNames)
                foreach (var old in _names.Where(n => n.Value.Until + LongestWait < now).Select(n => n.Key).ToArray())
                    _names.Remove(old);
            if (_names.Count >= MostNames && !_names.ContainsKey(name))
                return;
            var failures = _names.GetValueOrDefault(name).Failures + 1;
            _names[name] = (failures, now + Wait(failures));
        }
    }

    public void Forget(string name)
    {
        lock (_gate)
            _names.Remove(name);
    }

    public static TimeSpan Wait(int failures)
    {
        if (failures <= Free)
            return TimeSpan.Zero;
        var doublings = Math.Min(failures - Free - 1, 20);
        var wait = FirstWait * Math.Pow(2, doublings);
        return wait > LongestWait ? LongestWait : wait;
    }
}
