namespace Rollcall.Simulator.Databases.Redis;

/// <summary>
/// Redis Cluster: one master and its replicas per shard, elections by a majority of masters after the node time-out, planned hand-over
/// by CLUSTER FAILOVER, a full copy after each restart. With <paramref name="formatBreaking"/> a member's files take the format of a
/// newer major once that major leads the shard, and an older binary ends on them.
/// </summary>
internal sealed class RedisClusterDatabase(string name, DatabaseTimings timings, bool formatBreaking) : IDatabase
{
    /// <summary>How long CLUSTER FAILOVER keeps clients paused for a candidate that does not catch up.</summary>
    private const double HandoverPatienceSeconds = 5;

    private readonly SortedDictionary<string, RedisShard> _shards = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RedisMember> _members = new(StringComparer.Ordinal);
    private readonly PriorityQueue<RedisShard, DateTimeOffset> _due = new();
    private readonly HashSet<RedisMember> _touched = [];
    private readonly HashSet<RedisShard> _leaderless = [];

    public bool HandoversFail { get; set; }

    public IReadOnlyCollection<RedisShard> Shards => _shards.Values;

    public IReadOnlyCollection<RedisMember> Members => _members.Values;

    public long Epoch { get; private set; }

    public DateTimeOffset? NextEvent => _due.TryPeek(out _, out var at) ? at : null;

    /// <summary>Makes a shard known before its members start, so that slots and the first master do not depend on the order of starts.</summary>
    public void Declare(GroupDeclaration group) => ShardOf(group.Shard).FirstMaster = group.FirstLeader;

    public RedisMember? Find(string pod) => _members.GetValueOrDefault(pod);

    /// <summary>A majority of the masters that own slots votes; without it nobody is promoted.</summary>
    public bool HasMajority => _shards.Count - _leaderless.Count >= _shards.Count / 2 + 1;

    /// <summary>Every slot is served, or its master has been gone for less than the node time-out.</summary>
    public bool IsOk => HasMajority && _leaderless.All(s => s.MasterDownSince is { } since && Latest - since < timings.LeaderTimeout);

    /// <summary>Whether the peers call a node failed that has been silent for so long.</summary>
    public bool HasFailed(TimeSpan silent) => silent >= timings.LeaderTimeout;

    /// <summary>The latest time any call has named.</summary>
    public DateTimeOffset Latest { get; private set; }

    public string? Start(MemberStart start, DateTimeOffset now)
    {
        Advance(now);
        var shard = ShardOf(start.Shard);
        if (!_members.TryGetValue(start.Pod, out var member))
        {
            member = new RedisMember(start.Pod, shard, StableHash.Hex($"{name}/{start.Pod}", 40));
            _members[start.Pod] = shard.Members[start.Pod] = member;
        }
        (member.Ip, member.Version, member.Usurper) = (start.Ip, start.Version, false);
        if (formatBreaking && member.Format > member.Major)
            return $"# Can't handle RDB format version of Redis {member.Format}\n# Fatal error loading the DB, check server logs. Exiting.\n";

        if (shard.Master is null && (shard.FirstMaster ?? start.Pod) == start.Pod)
        {
            shard.ConfigEpoch = ++Epoch;
            shard.Master = member;
            member.HasData = true;
            shard.MasterDownSince = now;
        }
        (member.State, member.StateSince, member.Link, member.LinkSince) = (RedisState.Loading, now, RedisLink.Down, now);
        Schedule(member, now + timings.Load);
        return null;
    }

    public void Stop(string pod, bool clean, DateTimeOffset now)
    {
        Advance(now);
        if (Find(pod) is not { } member || member.State is RedisState.Down)
            return;
        member.FrozenOffset = member.Shard.OffsetOf(member, now);
        (member.State, member.StateSince, member.DoneAt, member.Usurper) = (RedisState.Down, now, null, false);
        SetLink(member, RedisLink.Down, now);
        var shard = member.Shard;
        if (shard.Master == member)
        {
            shard.Stream.Halt(now);
            shard.MasterDownSince = now;
            _leaderless.Add(shard);
            shard.Handover = null;
            foreach (var replica in shard.Members.Values.Where(m => m != member && m.Link is not RedisLink.Down))
            {
                replica.FrozenOffset = replica.Link is RedisLink.Up ? shard.OffsetOf(replica, now) : 0;
                SetLink(replica, RedisLink.Down, now);
            }
            _due.Enqueue(shard, now + timings.LeaderTimeout);
        }
        _touched.Add(member);
    }

    public bool Ready(string pod) => Find(pod) is { State: RedisState.Up };

    public string? RoleOf(string pod) => Find(pod) is { State: RedisState.Up } member ? (member.IsMaster ? "primary" : "secondary") : null;

    public void Advance(DateTimeOffset now)
    {
        while (_due.TryPeek(out var shard, out var at) && at <= now)
        {
            _due.Dequeue();
            Latest = at > Latest ? at : Latest;
            Step(shard, at);
        }
        Latest = now > Latest ? now : Latest;
    }

    public Task<CommandResult?> RunAsync(string pod, IReadOnlyList<string> words, DateTimeOffset now)
    {
        Advance(now);
        return Task.FromResult(Find(pod) is { } member ? RedisCli.Run(this, member, words, now) : null);
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

    public bool FailOver(string shardName, DateTimeOffset now)
    {
        Advance(now);
        if (!_shards.TryGetValue(shardName, out var shard) || Candidate(shard, now) is not { } candidate)
            return false;
        Promote(shard, candidate, shard.OffsetOf(candidate, now), now);
        return true;
    }

    public void SetLag(string pod, double seconds, DateTimeOffset now)
    {
        Advance(now);
        if (Find(pod) is { } member)
            member.InjectedLag = seconds;
    }

    public bool SplitBrain(string shardName, DateTimeOffset now)
    {
        Advance(now);
        if (!_shards.TryGetValue(shardName, out var shard) || Candidate(shard, now) is not { } second)
            return false;
        second.FrozenOffset = shard.OffsetOf(second, now);
        second.Usurper = true;
        _touched.Add(second);
        return true;
    }

    /// <summary>CLUSTER FAILOVER: the master pauses its clients until the candidate has everything, then the masters vote.</summary>
    public void BeginHandover(RedisMember candidate, bool force, DateTimeOffset now)
    {
        var shard = candidate.Shard;
        if (HandoversFail || (!force && candidate.InjectedLag > HandoverPatienceSeconds))
            return;
        shard.Handover = (candidate, now + timings.Handover);
        _due.Enqueue(shard, now + timings.Handover);
    }

    private void Step(RedisShard shard, DateTimeOffset now)
    {
        foreach (var member in shard.Members.Values)
        {
            if (member.DoneAt is { } done && done <= now)
            {
                member.DoneAt = null;
                Finish(member, now);
            }
        }
        if (shard.Handover is { } handover && handover.At <= now)
        {
            shard.Handover = null;
            if (handover.Candidate is { State: RedisState.Up, HasData: true } candidate && HasMajority)
                Promote(shard, candidate, shard.Stream.At(now), now);
        }
        Elect(shard, now);
    }

    /// <summary>A load or a copy has ended.</summary>
    private void Finish(RedisMember member, DateTimeOffset now)
    {
        var shard = member.Shard;
        if (member.State is RedisState.Loading)
        {
            (member.State, member.StateSince) = (RedisState.Up, now);
            _touched.Add(member);
            if (shard.Master == member)
                Lead(shard, member, now);
            else
                Follow(member, full: true, now);
        }
        else if (member.Link is RedisLink.Syncing)
        {
            SetLink(member, RedisLink.Up, now);
            member.HasData = true;
            TakeFormat(shard);
        }
        if (!HasMajority)
            return;
        foreach (var waiting in _leaderless.Where(s => s.MasterDownSince is not null && s != shard).ToList())
            Elect(waiting, now);
    }

    private void Elect(RedisShard shard, DateTimeOffset now)
    {
        if (shard.Served || shard.MasterDownSince is not { } since || now - since < timings.LeaderTimeout || !HasMajority)
            return;
        if (Candidate(shard, now) is { } candidate)
            Promote(shard, candidate, candidate.FrozenOffset, now);
    }

    private static RedisMember? Candidate(RedisShard shard, DateTimeOffset now) =>
        shard.Members.Values
            .Where(m => m != shard.Master && m is { State: RedisState.Up, HasData: true, Usurper: false })
            .OrderByDescending(m => shard.OffsetOf(m, now))
            .ThenBy(m => m.Pod, StringComparer.Ordinal)
            .FirstOrDefault();

    private void Promote(RedisShard shard, RedisMember member, long offset, DateTimeOffset now)
    {
        var old = shard.Master;
        shard.Master = member;
        shard.ConfigEpoch = ++Epoch;
        shard.Stream.Restart(offset, now);
        member.Usurper = false;
        member.InjectedLag = 0;
        member.DoneAt = null;
        Lead(shard, member, now);
        foreach (var other in shard.Members.Values.Where(m => m != member && m.State is RedisState.Up))
        {
            other.FrozenOffset = Math.Min(other == old ? offset : other.FrozenOffset, offset);
            Follow(other, full: false, now);
        }
        _touched.Add(member);
        if (old is not null)
            _touched.Add(old);
    }

    private void Lead(RedisShard shard, RedisMember master, DateTimeOffset now)
    {
        shard.MasterDownSince = null;
        _leaderless.Remove(shard);
        shard.Stream.Run(now);
        SetLink(master, RedisLink.Down, now);
        TakeFormat(shard);
        foreach (var replica in shard.Members.Values.Where(m => m != master && m is { State: RedisState.Up, Link: RedisLink.Down, DoneAt: null }))
            Follow(replica, full: !replica.HasData, now);
    }

    private void Follow(RedisMember replica, bool full, DateTimeOffset now)
    {
        SetLink(replica, RedisLink.Down, now);
        if (!replica.Shard.Served)
            return;
        // A full copy is in the format of the master's binary, which an older one cannot load.
        if (full && formatBreaking && replica.Shard.Master!.Major > replica.Major)
            return;
        SetLink(replica, RedisLink.Syncing, now);
        Schedule(replica, now + (full ? timings.Resync : timings.PartialResync));
    }

    private static void TakeFormat(RedisShard shard)
    {
        if (shard.Master is not { State: RedisState.Up } master)
            return;
        master.Format = Math.Max(master.Format, master.Major);
        foreach (var replica in shard.Members.Values.Where(m => m.Link is RedisLink.Up && m.Major >= master.Major))
            replica.Format = Math.Max(replica.Format, master.Major);
    }

    private static void SetLink(RedisMember member, RedisLink link, DateTimeOffset now)
    {
        if (member.Link == link)
            return;
        (member.Link, member.LinkSince) = (link, now);
    }

    private void Schedule(RedisMember member, DateTimeOffset at)
    {
        member.DoneAt = at;
        _due.Enqueue(member.Shard, at);
    }

    private RedisShard ShardOf(string shard)
    {
        if (!_shards.TryGetValue(shard, out var found))
        {
            _shards[shard] = found = new RedisShard(shard, new ReplicationStream(timings.BytesPerSecond, 40_000_000 + StableHash.Of(name + shard) % 90_000_000));
            _leaderless.Add(found);
        }
        return found;
    }
}
