namespace Rollcall.Simulator.Databases.Postgres;

/// <summary>
/// PostgreSQL under Patroni: one leader that holds a lock, replicas that stream from it, a failover to the most advanced replica when
/// the lock runs out (at once when the leader shut down cleanly), a planned switchover, a new timeline at each promotion.
/// </summary>
internal sealed class PatroniDatabase(string name, DatabaseTimings timings) : IDatabase
{
    /// <summary>Patroni's maximum_lag_on_failover, 1 MiB by default.</summary>
    public const long MaximumLagOnFailover = 1_048_576;

    private readonly SortedDictionary<string, PostgresMember> _members = new(StringComparer.Ordinal);
    private readonly ReplicationStream _wal = new(timings.BytesPerSecond, 0x3000000 + StableHash.Of(name) % 0x8000000);
    private readonly HashSet<PostgresMember> _touched = [];
    private string? _firstLeader;
    private DateTimeOffset? _electAt;
    private Switchover? _switchover;

    private sealed record Switchover(PostgresMember Target, DateTimeOffset At, TaskCompletionSource<bool> Done);

    public string Name => name;

    public bool HandoversFail { get; set; }

    public int Timeline { get; private set; } = 1;

    public PostgresMember? Leader { get; private set; }

    public IReadOnlyCollection<PostgresMember> Members => _members.Values;

    public DateTimeOffset? NextEvent =>
        _members.Values.Select(m => m.DoneAt).Append(_electAt).Append(_switchover?.At).Where(at => at is not null).Min();

    public void Declare(GroupDeclaration group) => _firstLeader = group.FirstLeader;

    public PostgresMember? Find(string pod) => _members.GetValueOrDefault(pod);

    public bool Leads(PostgresMember member) => member == Leader && member.State is PostgresState.Running;

    public long PositionOf(PostgresMember member, DateTimeOffset now) => member switch
    {
        { State: PostgresState.Streaming } => Math.Max(0, _wal.At(now) - _wal.BytesBehind(member.Pod, member.InjectedLag, now)),
        _ when member == Leader => _wal.At(now),
        _ => member.FrozenPosition,
    };

    public string? Start(MemberStart start, DateTimeOffset now)
    {
        Advance(now);
        if (!_members.TryGetValue(start.Pod, out var member))
            _members[start.Pod] = member = new PostgresMember(start.Pod);
        (member.Ip, member.Version, member.Usurper) = (start.Ip, start.Version, false);
        if (member.DataMajor != 0 && member.DataMajor != member.Major)
        {
            return "FATAL:  database files are incompatible with server\n"
                + $"DETAIL:  The data directory was initialized by PostgreSQL version {member.DataMajor}, which is not compatible with this version {member.Version}.\n";
        }
        if (Leader is null && (_firstLeader ?? start.Pod) == start.Pod)
        {
            Leader = member;
            member.HasData = true;
        }
        (member.State, member.DoneAt) = (PostgresState.Starting, now + timings.Load);
        return null;
    }

    public void Stop(string pod, bool clean, DateTimeOffset now)
    {
        Advance(now);
        if (Find(pod) is not { State: not PostgresState.Stopped } member)
            return;
        member.FrozenPosition = PositionOf(member, now);
        (member.State, member.DoneAt, member.Usurper) = (PostgresState.Stopped, null, false);
        _touched.Add(member);
        if (_switchover is { } planned && (planned.Target == member || member == Leader))
            End(planned, done: false);
        if (member != Leader)
            return;
        foreach (var replica in Streaming())
        {
            // A clean shutdown waits until the replicas have the last record.
            replica.FrozenPosition = clean && replica.InjectedLag == 0 ? member.FrozenPosition : PositionOf(replica, now);
            replica.State = PostgresState.Running;
        }
        _wal.Halt(now);
        _electAt = now + (clean ? timings.Handover : timings.LeaderTimeout);
    }

    public bool Ready(string pod) => Find(pod) is { State: PostgresState.Running or PostgresState.Streaming };

    public string? RoleOf(string pod) => Find(pod) is { State: not PostgresState.Stopped } member
        ? (Leads(member) || member.Usurper ? "primary" : "secondary")
        : null;

    public void Advance(DateTimeOffset now)
    {
        while (NextEvent is { } at && at <= now)
        {
            foreach (var member in _members.Values.Where(m => m.DoneAt <= at))
                Finish(member, at);
            if (_switchover is { } planned && planned.At <= at)
                Perform(planned, at);
            if (_electAt <= at)
                Elect(at);
        }
    }

    public Task<CommandResult?> RunAsync(string pod, IReadOnlyList<string> words, DateTimeOffset now)
    {
        Advance(now);
        return Find(pod) is { } member ? PostgresCommands.RunAsync(this, member, words, now) : Task.FromResult<CommandResult?>(null);
    }

    public IReadOnlyList<string> TakeRoleChanges()
    {
        List<string> changed = [];
        foreach (var member in _touched)
        {
            var role = RoleOf(member.Pod);
            if (role == member.LastSeenRole)
                continue;
            member.LastSeenRole = role;
            changed.Add(member.Pod);
        }
        _touched.Clear();
        return changed;
    }

    public bool FailOver(string shard, DateTimeOffset now)
    {
        Advance(now);
        if (Best(now) is not { } best)
            return false;
        Promote(best, PositionOf(best, now), now);
        return true;
    }

    public void SetLag(string pod, double seconds, DateTimeOffset now)
    {
        Advance(now);
        if (Find(pod) is { } member)
            member.InjectedLag = seconds;
    }

    public bool SplitBrain(string shard, DateTimeOffset now)
    {
        Advance(now);
        if (Streaming().FirstOrDefault() is not { } second)
            return false;
        second.FrozenPosition = PositionOf(second, now);
        (second.State, second.Usurper) = (PostgresState.Running, true);
        _touched.Add(second);
        return true;
    }

    /// <summary>Asks the leader to step down for <paramref name="target"/>. The answer comes when it is over: whether the target leads.</summary>
    public Task<bool> BeginSwitchover(PostgresMember target, DateTimeOffset now)
    {
        if (HandoversFail || _switchover is not null)
            return Task.FromResult(false);
        _switchover = new Switchover(target, now + timings.Handover, new(TaskCreationOptions.RunContinuationsAsynchronously));
        return _switchover.Done.Task;
    }

    public long LagOf(PostgresMember member, DateTimeOffset now) => Math.Max(0, _wal.At(now) - PositionOf(member, now));

    private IEnumerable<PostgresMember> Streaming() => _members.Values.Where(m => m.State is PostgresState.Streaming);

    private void Finish(PostgresMember member, DateTimeOffset now)
    {
        member.DoneAt = null;
        _touched.Add(member);
        if (member == Leader)
        {
            member.State = PostgresState.Running;
            Lead(member, now);
        }
        else if (member.State is PostgresState.Starting)
        {
            member.State = PostgresState.Running;
            Follow(member, timings.Resync, now);
        }
        else if (Leader is { State: PostgresState.Running })
        {
            (member.State, member.HasData, member.Timeline) = (PostgresState.Streaming, true, Timeline);
            member.DataMajor = Leader.DataMajor;
        }
    }

    private void Perform(Switchover planned, DateTimeOffset now)
    {
        var possible = planned.Target.State is PostgresState.Streaming && LagOf(planned.Target, now) <= MaximumLagOnFailover;
        if (possible)
            Promote(planned.Target, _wal.At(now), now);
        End(planned, possible);
    }

    private void End(Switchover planned, bool done)
    {
        _switchover = null;
        planned.Done.TrySetResult(done);
    }

    private void Elect(DateTimeOffset now)
    {
        _electAt = null;
        if (Leader is { State: PostgresState.Running })
            return;
        if (Best(now) is { } best)
            Promote(best, best.FrozenPosition, now);
    }

    private PostgresMember? Best(DateTimeOffset now) =>
        _members.Values
            .Where(m => m != Leader && m is { HasData: true, Usurper: false, State: PostgresState.Running or PostgresState.Streaming })
            .Where(m => LagOf(m, now) <= MaximumLagOnFailover)
            .OrderByDescending(m => PositionOf(m, now))
            .ThenBy(m => m.Pod, StringComparer.Ordinal)
            .FirstOrDefault();

    private void Promote(PostgresMember member, long position, DateTimeOffset now)
    {
        var old = Leader;
        foreach (var other in Streaming().Where(m => m != member).ToList())
        {
            other.FrozenPosition = Math.Min(PositionOf(other, now), position);
            other.State = PostgresState.Running;
        }
        Leader = member;
        Timeline++;
        (member.State, member.Usurper, member.InjectedLag, member.DoneAt) = (PostgresState.Running, false, 0, null);
        _wal.Restart(position, now);
        Lead(member, now);
        if (old is { State: PostgresState.Running })
        {
            // The old leader restarts as a replica.
            old.FrozenPosition = position;
            (old.State, old.DoneAt) = (PostgresState.Starting, now + timings.Load);
        }
        _touched.UnionWith(_members.Values);
    }

    private void Lead(PostgresMember member, DateTimeOffset now)
    {
        _electAt = null;
        (member.Timeline, member.DataMajor) = (Timeline, member.Major);
        _wal.Run(now);
        foreach (var replica in _members.Values.Where(m => m != member && m is { State: PostgresState.Running, DoneAt: null, Usurper: false }))
            Follow(replica, timings.PartialResync, now);
    }

    private void Follow(PostgresMember replica, TimeSpan wait, DateTimeOffset now)
    {
        if (Leader is { State: PostgresState.Running })
            replica.DoneAt = now + wait;
        else if (_electAt is null && Leader is { State: PostgresState.Stopped } && replica.HasData)
            _electAt = now + timings.LeaderTimeout;
    }
}
