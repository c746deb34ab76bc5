namespace Rollcall.Simulator.Databases.Mongo;

/// <summary>
/// A MongoDB: one replica set, or a sharded cluster of a config server replica set, shards and mongos, told apart by the names of
/// their components. Its tool is mongosh, which runs the scripts that it is given.
/// </summary>
internal sealed class MongoDatabase(string space, string name, DatabaseTimings timings) : IDatabase
{
    public const int DefaultPort = 27017;

    private readonly SortedDictionary<string, MongoReplicaSet> _sets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MongoMember> _members = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, MongoRouter> _routers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _ports = new(StringComparer.Ordinal);
    private readonly HashSet<string> _touchedRouters = [];
    private readonly List<(DateTimeOffset At, TaskCompletionSource Done)> _waits = [];
    private bool _handoversFail;

    public string Name => name;

    public DatabaseTimings Timings => timings;

    public MongoBalancer Balancer { get; } = new(name, timings);

    public IReadOnlyCollection<MongoReplicaSet> Sets => _sets.Values;

    public IReadOnlyCollection<MongoRouter> Routers => _routers.Values;

    public MongoReplicaSet? ConfigServers => _sets.Values.FirstOrDefault(s => s.ConfigServer);

    public bool HandoversFail
    {
        get => _handoversFail;
        set
        {
            _handoversFail = value;
            foreach (var set in _sets.Values)
                set.HandoversFail = value;
        }
    }

    public DateTimeOffset? NextEvent => _sets.Values.Select(s => s.NextEvent)
        .Concat(_routers.Values.Select(r => r.DoneAt))
        .Concat(_waits.Select(w => (DateTimeOffset?)w.At))
        .Where(at => at is not null).Min();

    public static bool IsConfigServer(string component) => component.Contains("config", StringComparison.OrdinalIgnoreCase) || component.Contains("csrs", StringComparison.OrdinalIgnoreCase);

    public static bool IsRouter(string component) => component.Contains("mongos", StringComparison.OrdinalIgnoreCase) || component.Contains("router", StringComparison.OrdinalIgnoreCase);

    public void Declare(GroupDeclaration group)
    {
        if (IsRouter(group.Component))
        {
            foreach (var pod in group.Members)
                RouterOf(pod);
            return;
        }
        var set = SetOf(group.Component, group.Shard);
        set.FirstPrimary = group.FirstLeader;
        foreach (var pod in group.Members)
        {
            var member = MemberOf(set, pod);
            if (group.Arbiters.Contains(pod))
                (member.ArbiterOnly, member.Priority) = (true, 0);
            else if (group.Hidden.Contains(pod))
                (member.Hidden, member.Priority) = (true, 0);
        }
    }

    public MongoMember? Find(string pod) => _members.GetValueOrDefault(pod);

    public MongoRouter? FindRouter(string pod) => _routers.GetValueOrDefault(pod);

    public int PortOf(string pod) => _ports.GetValueOrDefault(pod, DefaultPort);

    /// <summary>As the members know each other: the name that the headless Service gives the Pod.</summary>
    public string HostOf(string pod) => $"{pod}.{pod[..Math.Max(0, pod.LastIndexOf('-'))]}.{space}.svc.cluster.local:{PortOf(pod)}";

    public string? Start(MemberStart start, DateTimeOffset now)
    {
        Advance(now);
        _ports[start.Pod] = start.Port > 0 ? start.Port : DefaultPort;
        if (IsRouter(start.Component))
        {
            var router = RouterOf(start.Pod);
            if (ConfigServers is { Fcv.Length: > 0 } config && FeatureVersion.IsNewer(config.Fcv, FeatureVersion.Of(start.Version)))
            {
                return $"{{\"s\":\"F\",\"c\":\"SHARDING\",\"ctx\":\"mongosMain\",\"msg\":\"Error during initialization\",\"attr\":{{\"error\":\"IncompatibleServerVersion: "
                    + $"the cluster's featureCompatibilityVersion is {config.Fcv}, this mongos is {start.Version}\"}}}}\n";
            }
            (router.Version, router.StartedAt, router.DoneAt) = (start.Version, now, now + timings.Load);
            return null;
        }
        var member = MemberOf(SetOf(start.Component, start.Shard), start.Pod);
        if (member.HasData && !FeatureVersion.Reads(start.Version, member.Fcv))
            return FeatureVersion.Refusal(start.Version, member.Fcv);
        member.Set.Start(member, start.Version, now);
        return null;
    }

    public void Stop(string pod, bool clean, DateTimeOffset now)
    {
        Advance(now);
        if (Find(pod) is { } member)
        {
            member.Set.Stop(member, clean, now);
        }
        else if (FindRouter(pod) is { } router)
        {
            (router.Up, router.DoneAt) = (false, null);
            _touchedRouters.Add(pod);
        }
    }

    /// <summary>The usual probe is a ping: a member that still copies its data answers it.</summary>
    public bool Ready(string pod) => Find(pod)?.Answers ?? FindRouter(pod)?.Up ?? false;

    public string? RoleOf(string pod)
    {
        if (FindRouter(pod) is { } router)
            return router.Up ? "mongos" : null;
        return Find(pod) is not { Answers: true } member ? null
            : member.Leads ? "primary"
            : member.State switch { MongoState.Arbiter => "arbiter", MongoState.Secondary => member.Hidden ? "hidden" : "secondary", _ => null };
    }

    public void Advance(DateTimeOffset now)
    {
        foreach (var set in _sets.Values)
            set.Advance(now);
        foreach (var router in _routers.Values.Where(r => r.DoneAt <= now))
        {
            (router.Up, router.DoneAt) = (true, null);
            _touchedRouters.Add(router.Pod);
        }
        foreach (var wait in _waits.Where(w => w.At <= now).ToList())
        {
            _waits.Remove(wait);
            wait.Done.TrySetResult();
        }
    }

    public Task<CommandResult?> RunAsync(string pod, IReadOnlyList<string> words, DateTimeOffset now)
    {
        Advance(now);
        return Task.FromResult(words is ["mongosh", ..] && (Find(pod) is not null || FindRouter(pod) is not null) ? Mongosh.Run(this, pod, words, now) : null);
    }

    public IReadOnlyList<string> TakeRoleChanges()
    {
        List<string> changed = [];
        foreach (var set in _sets.Values)
        {
            foreach (var member in set.Touched.Where(m => RoleOf(m.Pod) != m.LastSeenRole))
            {
                member.LastSeenRole = RoleOf(member.Pod);
                changed.Add(member.Pod);
            }
            set.Touched.Clear();
        }
        foreach (var pod in _touchedRouters.Where(p => RoleOf(p) != _routers[p].LastSeenRole))
        {
            _routers[pod].LastSeenRole = RoleOf(pod);
            changed.Add(pod);
        }
        _touchedRouters.Clear();
        return changed;
    }

    public bool FailOver(string shard, DateTimeOffset now)
    {
        Advance(now);
        return _sets.GetValueOrDefault(shard)?.FailOver(now) ?? false;
    }

    public void SetLag(string pod, double seconds, DateTimeOffset now)
    {
        Advance(now);
        if (Find(pod) is { } member)
            member.Set.SetLag(member, seconds, now);
    }

    public bool SplitBrain(string shard, DateTimeOffset now)
    {
        Advance(now);
        return _sets.GetValueOrDefault(shard)?.SplitBrain(now) ?? false;
    }

    /// <summary>Over when the time has come.</summary>
    public Task WaitUntil(DateTimeOffset at)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _waits.Add((at, done));
        return done.Task;
    }

    private MongoReplicaSet SetOf(string component, string shard)
    {
        if (!_sets.TryGetValue(shard, out var set))
            _sets[shard] = set = new MongoReplicaSet(shard, IsConfigServer(component), timings) { HandoversFail = _handoversFail };
        return set;
    }

    private MongoMember MemberOf(MongoReplicaSet set, string pod) => _members.TryGetValue(pod, out var member) ? member : _members[pod] = set.Add(pod);

    private MongoRouter RouterOf(string pod) => _routers.TryGetValue(pod, out var router) ? router : _routers[pod] = new MongoRouter(pod);
}

/// <summary>The balancer: while it is on, it moves chunks in short rounds; a round that has begun is finished after it is switched off.</summary>
internal sealed class MongoBalancer(string name, DatabaseTimings timings)
{
    private const double EverySeconds = 20;
    private const double RoundSeconds = 2;

    private DateTimeOffset? _stoppedAt;

    public bool Stopped => _stoppedAt is not null;

    public void Start() => _stoppedAt = null;

    public void Stop(DateTimeOffset now) => _stoppedAt ??= now;

    /// <summary>End of the round that runs at that time; a pure function of the cluster's name and the time.</summary>
    public DateTimeOffset? RoundEnd(DateTimeOffset now)
    {
        var period = TimeSpan.FromSeconds(EverySeconds / timings.Speed);
        var phase = period * (StableHash.Of(name) % 100 / 100.0);
        var begun = now - TimeSpan.FromTicks((now.Ticks + phase.Ticks) % period.Ticks);
        var end = begun + TimeSpan.FromSeconds(RoundSeconds / timings.Speed);
        return now < end && !(_stoppedAt < begun) ? end : null;
    }

    public long Rounds(DateTimeOffset now) => (_stoppedAt ?? now).Ticks / TimeSpan.FromSeconds(EverySeconds / timings.Speed).Ticks % 100_000;
}
