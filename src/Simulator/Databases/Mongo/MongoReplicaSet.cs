namespace Rollcall.Simulator.Databases.Mongo;

/// <summary>
/// One replica set: an oplog that grows while a primary has a majority behind it, elections by votes, priorities and optimes, planned
/// step-downs that wait for a candidate that has everything, and the time-out before a dead primary is replaced.
/// </summary>
internal sealed class MongoReplicaSet(string name, bool configServer, DatabaseTimings timings)
{
    /// <summary>source: MongoDB manual, replSetStepDown: secondaryCatchUpPeriodSecs is 10 unless said otherwise.</summary>
    public const double CatchUpSeconds = 10;

    private readonly SortedDictionary<string, MongoMember> _members = new(StringComparer.Ordinal);
    private readonly List<PendingStepDown> _stepDowns = [];
    private DateTimeOffset? _haltedAt;
    private DateTimeOffset? _electAt;
    private DateTimeOffset? _takeoverAt;
    private (MongoMember Candidate, DateTimeOffset At, TaskCompletionSource<MongoRefusal?> Done)? _stepUp;

    private sealed record PendingStepDown(MongoMember Primary, double Seconds, DateTimeOffset Deadline, TaskCompletionSource<MongoRefusal?> Done);

    public string Name => name;

    public bool ConfigServer => configServer;

    public string? FirstPrimary { get; set; }

    public MongoMember? Primary { get; private set; }

    public long Term { get; private set; }

    public int ConfigVersion { get; set; } = 1;

    public DateTimeOffset ElectedAt { get; private set; }

    /// <summary>featureCompatibilityVersion; empty until the set has elected its first primary.</summary>
    public string Fcv { get; private set; } = "";

    public bool HandoversFail { get; set; }

    public HashSet<MongoMember> Touched { get; } = [];

    public IReadOnlyCollection<MongoMember> Members => _members.Values;

    public int VotingMembers => _members.Values.Count(m => m.Votes > 0);

    public int Majority => VotingMembers / 2 + 1;

    /// <summary>A primary without a majority steps down by itself; until then writes go on.</summary>
    public bool HasMajority => _members.Values.Count(m => m is { Votes: > 0, Answers: true }) >= Majority;

    public DateTimeOffset? NextEvent => _members.Values.Select(m => m.DoneAt)
        .Concat(_members.Values.Select(m => m.CatchUp?.Until))
        .Concat(_stepDowns.Select(s => (DateTimeOffset?)s.Deadline))
        .Append(_electAt).Append(_takeoverAt).Append(_stepUp?.At)
        .Where(at => at is not null).Min();

    public MongoMember Add(string pod)
    {
        if (!_members.TryGetValue(pod, out var member))
            _members[pod] = member = new MongoMember(pod, _members.Count, this);
        return member;
    }

    /// <summary>The primary's last entry: now while it writes, else when it stopped.</summary>
    public DateTimeOffset LastWrite(DateTimeOffset now) => _haltedAt ?? now;

    public DateTimeOffset OpTimeOf(MongoMember member, DateTimeOffset now)
    {
        if (member.Leads && !member.Usurper)
            return LastWrite(now);
        if (member.State is not MongoState.Secondary || Primary is not { State: MongoState.Primary } || member.Usurper)
            return member.FrozenAt;
        var live = LastWrite(now) - TimeSpan.FromSeconds(member.InjectedLag) - Wobble(member, now);
        if (member.CatchUp is not var (from, until) || now >= until)
            return live;
        var part = (now - from) / (until - from);
        var reached = member.FrozenAt + (live - member.FrozenAt) * part;
        return reached > live ? live : reached;
    }

    public void Start(MongoMember member, string version, DateTimeOffset now)
    {
        (member.Version, member.StartedAt, member.Usurper, member.NotBefore) = (version, now, false, null);
        if (Primary is null && !member.ArbiterOnly && (FirstPrimary ?? member.Pod) == member.Pod)
        {
            if (Fcv.Length == 0)
                Fcv = FeatureVersion.Of(version);
            (member.HasData, member.Fcv) = (true, Fcv);
            member.FrozenAt = now;
        }
        (member.State, member.Starting, member.DoneAt) = (MongoState.Startup2, true, now + timings.Load);
        Touched.Add(member);
    }

    public void Stop(MongoMember member, bool clean, DateTimeOffset now)
    {
        if (member.State is MongoState.Down)
            return;
        member.FrozenAt = OpTimeOf(member, now);
        var led = Primary == member && member.State is MongoState.Primary;
        (member.State, member.Starting, member.DoneAt, member.CatchUp, member.Usurper) = (MongoState.Down, false, null, null, false);
        Touched.Add(member);
        if (_stepUp is { } asked && asked.Candidate == member)
            EndStepUp(asked, false);
        foreach (var waiting in _stepDowns.Where(s => s.Primary == member).ToList())
            End(waiting, new MongoRefusal(11600, "InterruptedAtShutdown", "interrupted at shutdown"));
        if (led)
        {
            // SIGTERM: the primary steps down first and lets the best secondary stand at once (shutdownTimeoutMillisForSignaledShutdown).
            Halt(now, clean);
            _electAt = now + (clean && !HandoversFail && Candidate(now) is not null ? timings.Handover : timings.LeaderTimeout);
        }
        else if (!HasMajority && Primary is { State: MongoState.Primary } lonely)
        {
            Yield(lonely, now, TimeSpan.Zero);
        }
    }

    public void Advance(DateTimeOffset now)
    {
        while (NextEvent is { } at && at <= now)
            Step(at);
    }

    /// <summary>Asks the primary to step down. Null when it has; the answer comes at the latest when the catch-up period is over.</summary>
    public Task<MongoRefusal?> StepDown(MongoMember member, double seconds, double catchUp, bool force, DateTimeOffset now)
    {
        if (!member.Leads)
            return Task.FromResult<MongoRefusal?>(MongoRefusal.NotPrimary("not primary so can't step down"));
        if (seconds <= catchUp && !force)
            return Task.FromResult<MongoRefusal?>(MongoRefusal.BadValue("stepdown period must be longer than secondaryCatchUpPeriodSecs"));
        if (member.Usurper)
        {
            member.Usurper = false;
            Touched.Add(member);
            return Task.FromResult<MongoRefusal?>(null);
        }
        if (!HandoversFail && (force || Candidate(now) is { IsCaughtUp: true }))
        {
            Yield(member, now, timings.Seconds(seconds));
            return Task.FromResult<MongoRefusal?>(null);
        }
        PendingStepDown pending = new(member, seconds, now + timings.Seconds(catchUp), new(TaskCreationOptions.RunContinuationsAsynchronously));
        _stepDowns.Add(pending);
        return pending.Done.Task;
    }

    /// <summary>Asks a secondary to stand for election now. Null when it leads.</summary>
    public Task<MongoRefusal?> StepUp(MongoMember member, DateTimeOffset now)
    {
        if (member.Leads)
            return Task.FromResult<MongoRefusal?>(null);
        if (HandoversFail || _stepUp is not null || !Electable(member, now) || !HasMajority || member.InjectedLag > CatchUpSeconds)
            return Task.FromResult<MongoRefusal?>(new MongoRefusal(125, "CommandFailed", "Election failed."));
        _stepUp = (member, now + timings.Handover, new(TaskCreationOptions.RunContinuationsAsynchronously));
        return _stepUp.Value.Done.Task;
    }

    public MongoRefusal? Freeze(MongoMember member, double seconds, DateTimeOffset now)
    {
        if (member.Leads)
            return new MongoRefusal(95, "NotSecondary", "cannot freeze node when primary or running for election. state: Primary");
        member.NotBefore = seconds > 0 ? now + timings.Seconds(seconds) : null;
        return null;
    }

    /// <summary>After new priorities: a member of a higher priority than the primary's takes over once it has everything.</summary>
    public void Reconfigured(DateTimeOffset now)
    {
        ConfigVersion++;
        _takeoverAt = now + timings.Handover;
    }

    public void SetFcv(string fcv)
    {
        Fcv = fcv;
        foreach (var member in _members.Values.Where(m => m is { HasData: true, State: MongoState.Primary or MongoState.Secondary }))
            member.Fcv = fcv;
    }

    public void SetLag(MongoMember member, double seconds, DateTimeOffset now)
    {
        member.InjectedLag = seconds;
        foreach (var waiting in _stepDowns.ToList())
            Settle(waiting, now);
    }

    public bool FailOver(DateTimeOffset now)
    {
        if (Candidate(now) is not { } candidate || Primary is not { State: MongoState.Primary } old)
            return false;
        Halt(now, clean: false);
        (old.State, old.NotBefore) = (MongoState.Secondary, now + timings.LeaderTimeout);
        Promote(candidate, now);
        return true;
    }

    public bool SplitBrain(DateTimeOffset now)
    {
        if (Candidate(now) is not { } second)
            return false;
        second.FrozenAt = OpTimeOf(second, now);
        second.Usurper = true;
        Touched.Add(second);
        return true;
    }

    private void Step(DateTimeOffset now)
    {
        foreach (var member in _members.Values)
        {
            if (member.DoneAt <= now)
                Finish(member, now);
            if (member.CatchUp?.Until <= now)
                (member.CatchUp, member.Fcv) = (null, Fcv);
        }
        if (_stepUp is { } asked && asked.At <= now)
        {
            var possible = Electable(asked.Candidate, now) && HasMajority;
            if (possible)
            {
                Surrender(now);
                Promote(asked.Candidate, now);
            }
            EndStepUp(asked, possible);
        }
        foreach (var waiting in _stepDowns.ToList())
            Settle(waiting, now);
        if (_takeoverAt <= now)
            TakeOver(now);
        if (_electAt <= now)
            Elect(now);
    }

    private void Finish(MongoMember member, DateTimeOffset now)
    {
        (member.DoneAt, member.Starting) = (null, false);
        Touched.Add(member);
        if (member.ArbiterOnly)
        {
            member.State = MongoState.Arbiter;
        }
        else if (member.HasData)
        {
            member.State = MongoState.Secondary;
            Follow(member, timings.Resync, now);
        }
        else if (Primary is { State: MongoState.Primary })
        {
            // Initial sync: STARTUP2 until the copy is there, then a secondary that reads what came meanwhile.
            (member.HasData, member.FrozenAt, member.Fcv) = (true, LastWrite(now), Fcv);
            member.DoneAt = now + timings.Resync;
        }
        if (Primary is not { State: MongoState.Primary } && _electAt is null)
            _electAt = Primary is null ? now : now + timings.LeaderTimeout;
    }

    private void Settle(PendingStepDown waiting, DateTimeOffset now)
    {
        if (!waiting.Primary.Leads)
        {
            End(waiting, null);
        }
        else if (!HandoversFail && Candidate(now) is { IsCaughtUp: true })
        {
            Yield(waiting.Primary, now, timings.Seconds(waiting.Seconds));
            End(waiting, null);
        }
        else if (waiting.Deadline <= now)
        {
            End(waiting, new MongoRefusal(262, "ExceededTimeLimit", $"No electable secondaries caught up as of {now:yyyy-MM-ddTHH:mm:ss.fff}+0000. "
                + "Please use the replSetStepDown command with the argument {force: true} to force node to step down."));
        }
    }

    private void End(PendingStepDown waiting, MongoRefusal? refusal)
    {
        _stepDowns.Remove(waiting);
        waiting.Done.TrySetResult(refusal);
    }

    private void EndStepUp((MongoMember Candidate, DateTimeOffset At, TaskCompletionSource<MongoRefusal?> Done) asked, bool done)
    {
        _stepUp = null;
        asked.Done.TrySetResult(done ? null : new MongoRefusal(125, "CommandFailed", "Election failed."));
    }

    /// <summary>The primary steps down; whoever has everything stands at once.</summary>
    private void Yield(MongoMember primary, DateTimeOffset now, TimeSpan pause)
    {
        Halt(now, clean: true);
        (primary.State, primary.NotBefore) = (MongoState.Secondary, now + pause);
        Touched.Add(primary);
        _electAt = now + timings.Handover;
    }

    private void Surrender(DateTimeOffset now)
    {
        if (Primary is not { State: MongoState.Primary } old)
            return;
        Halt(now, clean: true);
        old.State = MongoState.Secondary;
        Touched.Add(old);
    }

    private void Halt(DateTimeOffset now, bool clean)
    {
        var last = LastWrite(now);
        foreach (var member in _members.Values.Where(m => m.State is MongoState.Secondary && !m.Usurper))
        {
            member.FrozenAt = clean && member.IsCaughtUp ? last : OpTimeOf(member, now);
            member.CatchUp = null;
        }
        if (Primary is { } primary && primary.State is not MongoState.Secondary)
            primary.FrozenAt = last;
        _haltedAt = last;
    }

    private void Elect(DateTimeOffset now)
    {
        _electAt = null;
        if (Primary is { State: MongoState.Primary })
            return;
        if (HasMajority && Candidate(now) is { } candidate)
            Promote(candidate, now);
        else if (_members.Values.Where(m => m.State is MongoState.Secondary && m.NotBefore > now).Min(m => m.NotBefore) is { } later)
            _electAt = later;
    }

    private void TakeOver(DateTimeOffset now)
    {
        _takeoverAt = null;
        if (HandoversFail || Primary is not { State: MongoState.Primary } primary
            || _members.Values.Where(m => m.Priority > primary.Priority && Electable(m, now)).MaxBy(m => m.Priority) is not { } better)
            return;
        if (better.IsCaughtUp)
        {
            Surrender(now);
            Promote(better, now);
        }
        else
        {
            _takeoverAt = now + timings.Handover;
        }
    }

    /// <summary>The one that a vote would choose: the newest optime, then the highest priority.</summary>
    private MongoMember? Candidate(DateTimeOffset now) => _members.Values
        .Where(m => Electable(m, now))
        .OrderByDescending(m => m.IsCaughtUp)
        .ThenByDescending(m => m.IsCaughtUp ? DateTimeOffset.MaxValue : OpTimeOf(m, now))
        .ThenByDescending(m => m.Priority)
        .ThenByDescending(m => m.FrozenAt)
        .ThenBy(m => m.Pod, StringComparer.Ordinal)
        .FirstOrDefault();

    private static bool Electable(MongoMember member, DateTimeOffset now) =>
        member is { State: MongoState.Secondary, HasData: true, Priority: > 0, Usurper: false, Starting: false } && !(member.NotBefore > now);

    private void Promote(MongoMember member, DateTimeOffset now)
    {
        var first = Primary is null;
        Primary = member;
        Term++;
        (ElectedAt, _electAt, _haltedAt) = (now, null, null);
        (member.State, member.Usurper, member.InjectedLag, member.CatchUp, member.NotBefore) = (MongoState.Primary, false, 0, null, null);
        Touched.Add(member);
        foreach (var other in _members.Values.Where(m => m != member))
        {
            if (other.State is MongoState.Secondary)
                Follow(other, timings.PartialResync, now);
            else if (other is { State: MongoState.Startup2, DoneAt: null })
                other.DoneAt = now + (first ? TimeSpan.Zero : timings.PartialResync);
        }
    }

    private void Follow(MongoMember member, TimeSpan wait, DateTimeOffset now)
    {
        if (Primary is not { State: MongoState.Primary } || member.Usurper)
            return;
        member.CatchUp = wait > TimeSpan.Zero ? (now, now + wait) : null;
        if (member.CatchUp is null)
            member.Fcv = Fcv;
    }

    /// <summary>The small lag of a healthy secondary: a pure function of its name and the time.</summary>
    private static TimeSpan Wobble(MongoMember member, DateTimeOffset now)
    {
        var phase = StableHash.Of(member.Pod) % 628 / 100.0;
        return TimeSpan.FromMilliseconds(20 + 50 * (1 + Math.Sin(now.ToUnixTimeMilliseconds() / 2600.0 + phase)));
    }
}
