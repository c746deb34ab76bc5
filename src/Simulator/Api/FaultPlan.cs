using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api;

/// <summary>What goes wrong on a <see cref="SimulatedApiServer"/>, changed while it runs. Thread-safe.</summary>
public sealed class FaultPlan
{
    private readonly Lock _lock = new();
    private readonly List<ActiveRule> _rules = [];
    private readonly List<AccessRule> _denied;
    private readonly Action<WatchFault> _watches;
    private readonly Action _expire;
    private readonly Action _abortConnections;
    private int _down;

    internal FaultPlan(IEnumerable<AccessRule> denied, Action<WatchFault> watches, Action expire, Action abortConnections)
    {
        _denied = [.. denied];
        _watches = watches;
        _expire = expire;
        _abortConnections = abortConnections;
    }

    internal bool IsDown => Volatile.Read(ref _down) > 0;

    /// <summary>Puts a rule in force until the result is disposed or its <see cref="FaultRule.Times"/> are used up. The oldest matching rule wins.</summary>
    public IDisposable Add(FaultRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var active = new ActiveRule(rule);
        lock (_lock)
            _rules.Add(active);
        return new Subscription(() =>
        {
            lock (_lock)
                _rules.Remove(active);
        });
    }

    /// <summary>Takes permissions away until the result is disposed: 403, and so told by SelfSubjectAccessReviews.</summary>
    public IDisposable Deny(AccessRule rule)
    {
        lock (_lock)
            _denied.Add(rule);
        return new Subscription(() =>
        {
            lock (_lock)
                _denied.Remove(rule);
        });
    }

    /// <summary>Breaks the connection of every open watch.</summary>
    public void DropWatches() => _watches(WatchFault.Drop);

    /// <summary>Silences every open watch without closing it, as a half-open connection would; <see cref="DropWatches"/> ends them. New watches work.</summary>
    public void FreezeWatches() => _watches(WatchFault.Freeze);

    /// <summary>Makes every resourceVersion and continue token given out so far too old: open watches and lists that go on get 410.</summary>
    public void ExpireResourceVersions() => _expire();

    /// <summary>Breaks every connection and refuses new ones until the result is disposed.</summary>
    public IDisposable TakeServerDown()
    {
        Interlocked.Increment(ref _down);
        _abortConnections();
        return new Subscription(() => Interlocked.Decrement(ref _down));
    }

    internal bool IsDenied(string verb, string resource, string? ns)
    {
        lock (_lock)
            return _denied.Exists(r => r.Matches(verb, resource, ns));
    }

    internal FaultRule? Take(string verb, string resource, string? ns, string? name)
    {
        lock (_lock)
        {
            var active = _rules.Find(r => r.Rule.Matches(verb, resource, ns, name));
            if (active is not null && active.Rule.Times is { } times && ++active.Used >= times)
                _rules.Remove(active);
            return active?.Rule;
        }
    }

    private sealed class ActiveRule(FaultRule rule)
    {
        public FaultRule Rule { get; } = rule;

        public int Used { get; set; }
    }
}

internal enum WatchFault
{
    Drop,
    Freeze,
}
