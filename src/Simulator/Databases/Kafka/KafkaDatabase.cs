namespace Rollcall.Simulator.Databases.Kafka;

/// <summary>
/// A Kafka in KRaft mode: controllers that elect one active by majority, brokers that hold partitions with in-sync replicas. A graceful
/// stop hands leadership over first; a dead broker is missed for its session time-out; who returns catches up and joins the ISRs again.
/// </summary>
internal sealed class KafkaDatabase(string name, DatabaseTimings timings) : IDatabase
{
    /// <summary>source: kafka.apache.org, replica.lag.time.max.ms: 30 s.</summary>
    private const double LagOutOfIsr = 30;

    /// <summary>How long preferred leaders wait for their partitions; leader.imbalance.check.interval.seconds is 300, shortened so that a demo shows it.</summary>
    private const double RebalanceSeconds = 20;

    private static readonly (string Topic, int Partitions)[] Topics = [("__consumer_offsets", 10), ("clicks", 12), ("orders", 6), ("payments", 3)];

    private readonly SortedDictionary<int, KafkaNode> _nodes = [];
    private readonly Dictionary<string, KafkaNode> _byPod = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _shards = new(StringComparer.Ordinal);
    private readonly HashSet<KafkaNode> _touched = [];
    private List<KafkaTopic>? _topics;
    private string? _firstActive;
    private DateTimeOffset? _electAt;
    private DateTimeOffset? _rebalanceAt;
    private DateTimeOffset? _haltedAt;
    private DateTimeOffset? _began;

    public bool HandoversFail { get; set; }

    public string ClusterId { get; } = Uuid($"{name}/cluster");

    public IReadOnlyCollection<KafkaNode> Nodes => _nodes.Values;

    public IEnumerable<KafkaNode> Controllers => _nodes.Values.Where(n => n.IsController);

    public IEnumerable<KafkaNode> Brokers => _nodes.Values.Where(n => n.IsBroker);

    public KafkaNode? Active { get; private set; }

    public int Epoch { get; private set; }

    /// <summary>Finalised metadata.version; 0 until the first node has started.</summary>
    public int Level { get; private set; }

    public SortedDictionary<string, int> Features { get; } = new(StringComparer.Ordinal) { ["kraft.version"] = 1 };

    public long FeaturesEpoch { get; private set; } = 5;

    public IReadOnlyList<KafkaTopic> AllTopics => _topics ??= MakeTopics();

    /// <summary>Brokers that the controller believes alive.</summary>
    public IEnumerable<int> LiveBrokers => Brokers.Where(b => b.Up || b.FenceAt is not null).Select(b => b.Id);

    public bool HasQuorum => Controllers.Count(c => c.Up) >= Controllers.Count() / 2 + 1;

    public DateTimeOffset? NextEvent => _nodes.Values.SelectMany(n => new[] { n.DoneAt, n.RejoinAt, n.FenceAt, n.CatchUpUntil })
        .Append(_electAt).Append(_rebalanceAt).Where(at => at is not null).Min();

    public static bool IsController(string component) => component.Contains("controller", StringComparison.OrdinalIgnoreCase);

    public void Declare(GroupDeclaration group)
    {
        foreach (var pod in group.Members)
            NodeOf(pod, group.Component, group.Shard);
        if (!group.Component.Contains("broker", StringComparison.OrdinalIgnoreCase))
            _firstActive ??= group.FirstLeader;
    }

    public KafkaNode? Find(string pod) => _byPod.GetValueOrDefault(pod);

    public string? Start(MemberStart start, DateTimeOffset now)
    {
        Advance(now);
        _began ??= now;
        var node = NodeOf(start.Pod, start.Component, start.Shard);
        var (min, max) = MetadataVersions.Of(start.Version);
        if (Level == 0)
            Level = max;
        if (node.HasLog && (Level < min || Level > max))
        {
            return $"ERROR Encountered fatal fault: Error starting node (org.apache.kafka.server.fault.ProcessTerminatingFaultHandler)\n"
                + $"java.lang.IllegalArgumentException: No MetadataVersion with feature level {Level}. Valid feature levels are from {min} to {max}.\n";
        }
        (node.Version, node.Port, node.StartedAt, node.HasLog) = (start.Version, start.Port > 0 ? start.Port : node.IsController && !node.IsBroker ? 9093 : 9092, now, true);
        (node.State, node.DoneAt) = (KafkaState.Starting, now + timings.Load);
        return null;
    }

    public void Stop(string pod, bool clean, DateTimeOffset now)
    {
        Advance(now);
        if (Find(pod) is not { State: not KafkaState.Down } node)
            return;
        node.FrozenAt = HasEverything(node, now) ? LogTime(now) : node.FrozenAt;
        (node.State, node.DoneAt, node.RejoinAt, node.CatchUpUntil) = (KafkaState.Down, null, null, null);
        _touched.Add(node);
        var graceful = clean && !HandoversFail;
        if (node.IsBroker)
        {
            // Controlled shutdown asks the controller to move leadership; a dead broker is fenced when its session is over.
            if (graceful && Active is not null && Active != node)
                Leave(node);
            else
                node.FenceAt = now + timings.LeaderTimeout;
        }
        if (node == Active || (node.IsController && !HasQuorum))
        {
            Halt(now);
            _electAt = now + (graceful ? timings.Handover : timings.LeaderTimeout);
        }
    }

    public bool Ready(string pod) => Find(pod) is { Up: true };

    public string? RoleOf(string pod) => Find(pod) is not { Up: true } node ? null
        : node == Active ? "leader"
        : node.IsController ? "follower" : "broker";

    public void Advance(DateTimeOffset now)
    {
        while (NextEvent is { } at && at <= now)
            Step(at);
    }

    public Task<CommandResult?> RunAsync(string pod, IReadOnlyList<string> words, DateTimeOffset now)
    {
        Advance(now);
        return Task.FromResult(Find(pod) is { } node ? KafkaTools.Run(this, node, words, now) : null);
    }

    public IReadOnlyList<string> TakeRoleChanges()
    {
        List<string> changed = [];
        foreach (var node in _touched.Where(n => RoleOf(n.Pod) != n.LastSeenRole))
        {
            node.LastSeenRole = RoleOf(node.Pod);
            changed.Add(node.Pod);
        }
        _touched.Clear();
        return changed;
    }

    public bool FailOver(string shard, DateTimeOffset now)
    {
        Advance(now);
        if (Active is not { } old || _shards.GetValueOrDefault(old.Pod) != shard || Controllers.FirstOrDefault(c => c != old && Votes(c, now)) is not { } next)
            return false;
        Lead(next, now);
        _touched.Add(old);
        return true;
    }

    public void SetLag(string pod, double seconds, DateTimeOffset now)
    {
        Advance(now);
        if (Find(pod) is not { } node)
            return;
        node.InjectedLag = seconds;
        if (!node.IsBroker || !node.Up)
            return;
        if (seconds > LagOutOfIsr)
        {
            node.RejoinAt = null;
            foreach (var partition in Partitions().Where(p => p.Leader != node.Id && p.Isr.Count > 1))
                partition.Isr.Remove(node.Id);
        }
        else if (Partitions().Any(p => p.Replicas.Contains(node.Id) && !p.Isr.Contains(node.Id)))
        {
            node.RejoinAt ??= now + timings.PartialResync;
        }
    }

    /// <summary>A second active controller has the older epoch, and nobody listens to it: KRaft cannot show two.</summary>
    public bool SplitBrain(string shard, DateTimeOffset now) => false;

    /// <summary>End of the metadata log: two records a second, as the active controller writes no-ops.</summary>
    public long LogEnd(DateTimeOffset now) => 2000 + (long)((LogTime(now) - (_began ?? now)).TotalSeconds * 2 * timings.Speed);

    public long LogEndOf(KafkaNode node, DateTimeOffset now)
    {
        if (node == Active)
            return LogEnd(now);
        var behind = (long)(SecondsBehind(node, now) * 2);
        return Math.Max(0, LogEnd(now) - behind);
    }

    /// <summary>Seconds since the node's metadata log had everything.</summary>
    public double SecondsBehind(KafkaNode node, DateTimeOffset now)
    {
        if (node == Active)
            return 0;
        var reference = LogTime(now);
        if (!node.Up)
            return Math.Max(0, (reference - node.FrozenAt).TotalSeconds) * timings.Speed;
        if (node.CatchUpUntil is { } until && now < until)
            return Math.Max(0, (until - now) / timings.PartialResync) * Math.Max(0, (reference - node.FrozenAt).TotalSeconds) * timings.Speed;
        return node.InjectedLag;
    }

    public void Finalise(int level, DateTimeOffset now)
    {
        Level = level;
        FeaturesEpoch = LogEnd(now);
    }

    public void Finalise(string feature, int level, DateTimeOffset now)
    {
        Features[feature] = level;
        FeaturesEpoch = LogEnd(now);
    }

    /// <summary>As Kafka prints its UUIDs: URL-safe base64 of 16 bytes.</summary>
    public static string Uuid(string seed) =>
        Convert.ToBase64String(Convert.FromHexString(StableHash.Hex(seed, 32))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public string DirectoryOf(KafkaNode node) => Uuid($"{name}/{node.Pod}/metadata");

    private IEnumerable<KafkaPartition> Partitions() => AllTopics.SelectMany(t => t.Partitions);

    private DateTimeOffset LogTime(DateTimeOffset now) => _haltedAt ?? now;

    private bool HasEverything(KafkaNode node, DateTimeOffset now) => node == Active || (node.Up && node.InjectedLag <= 0 && !(node.CatchUpUntil > now));

    private bool Votes(KafkaNode node, DateTimeOffset now) => node is { IsController: true, Up: true } && (HasEverything(node, now) || Active is null);

    private void Step(DateTimeOffset now)
    {
        foreach (var node in _nodes.Values)
        {
            if (node.DoneAt <= now)
                Finish(node, now);
            if (node.CatchUpUntil <= now)
                node.CatchUpUntil = null;
            if (node.RejoinAt <= now)
                Rejoin(node, now);
            if (node.FenceAt <= now)
            {
                node.FenceAt = null;
                if (!node.Up && Active is not null)
                    Leave(node);
            }
        }
        if (_rebalanceAt <= now)
            Rebalance();
        if (_electAt <= now)
            Elect(now);
    }

    private void Finish(KafkaNode node, DateTimeOffset now)
    {
        (node.DoneAt, node.State, node.FenceAt) = (null, KafkaState.Up, null);
        _touched.Add(node);
        if (node.FrozenAt != default)
            node.CatchUpUntil = now + timings.PartialResync;
        if (node.IsBroker)
        {
            // What it led when it died is led by others, or waits for it.
            foreach (var partition in Partitions().Where(p => p.Leader is null && p.Isr.Contains(node.Id)))
                partition.Leader = node.Id;
            foreach (var other in Brokers.Where(b => b != node && b is { Up: true, RejoinAt: null } && Partitions().Any(p => p.Leader == node.Id && p.Replicas.Contains(b.Id) && !p.Isr.Contains(b.Id))))
                other.RejoinAt = now + timings.PartialResync;
            node.RejoinAt = now + (Partitions().Any(p => p.Replicas.Contains(node.Id) && p.Isr.Count > 0 && !p.Isr.Contains(node.Id)) ? timings.Resync : TimeSpan.Zero);
        }
        if (node.IsController && Active is null)
            _electAt ??= now;
    }

    private void Rejoin(KafkaNode node, DateTimeOffset now)
    {
        node.RejoinAt = null;
        if (!node.Up || node.InjectedLag > LagOutOfIsr)
            return;
        if (Active is null)
        {
            // Only the controller can change an ISR; the leader of the partition asks again.
            node.RejoinAt = now + timings.PartialResync + TimeSpan.FromMilliseconds(1);
            return;
        }
        // Without a leader there is nobody to copy from: only the last replica in sync may lead again.
        foreach (var partition in Partitions().Where(p => p.Replicas.Contains(node.Id) && (p.Leader is not null || p.Isr.Count == 0)))
        {
            if (!partition.Isr.Contains(node.Id))
                partition.Isr.Add(node.Id);
            partition.Leader ??= node.Id;
        }
        // A new cluster places its leaders as it makes the topics.
        var isNew = _began is { } began && now - began < timings.LeaderTimeout;
        if (Partitions().Any(p => p.Leader != p.Replicas[0]))
            _rebalanceAt = now + (isNew ? TimeSpan.Zero : timings.Seconds(RebalanceSeconds));
    }

    /// <summary>Takes a broker out of the ISRs and gives what it led to others in sync. The last one in sync stays in: it alone has everything.</summary>
    private void Leave(KafkaNode node)
    {
        foreach (var partition in Partitions().Where(p => p.Isr.Contains(node.Id)))
        {
            if (partition.Isr.Count > 1)
                partition.Isr.Remove(node.Id);
            if (partition.Leader == node.Id)
                partition.Leader = partition.Replicas.Where(r => r != node.Id && partition.Isr.Contains(r) && _nodes[r].Up).Select(r => (int?)r).FirstOrDefault();
        }
    }

    private void Rebalance()
    {
        _rebalanceAt = null;
        foreach (var partition in Partitions().Where(p => p.Isr.Contains(p.Replicas[0]) && _nodes[p.Replicas[0]].Up))
            partition.Leader = partition.Replicas[0];
    }

    private void Halt(DateTimeOffset now)
    {
        _haltedAt ??= now;
        if (Active is { } old)
            _touched.Add(old);
        Active = null;
    }

    private void Elect(DateTimeOffset now)
    {
        _electAt = null;
        if (Active is not null || !HasQuorum)
            return;
        // The longest log wins; the first election is decided by the scenario.
        var next = (Epoch == 0 ? Controllers.FirstOrDefault(c => c.Up && c.Pod == _firstActive) : null)
            ?? Controllers.Where(c => Votes(c, now) && (Epoch > 0 || _firstActive is null || Find(_firstActive) is null)).OrderBy(c => SecondsBehind(c, now)).FirstOrDefault();
        if (next is not null)
            Lead(next, now);
    }

    private void Lead(KafkaNode node, DateTimeOffset now)
    {
        (Active, _haltedAt, _electAt) = (node, null, null);
        (node.CatchUpUntil, node.InjectedLag) = (null, 0);
        Epoch++;
        _touched.Add(node);
        // What happened to brokers meanwhile is settled now.
        foreach (var broker in Brokers.Where(b => b is { State: KafkaState.Down, FenceAt: null }))
            Leave(broker);
    }

    private KafkaNode NodeOf(string pod, string component, string shard)
    {
        if (_byPod.TryGetValue(pod, out var node))
            return node;
        var (controller, broker) = (!component.Contains("broker", StringComparison.OrdinalIgnoreCase), !IsController(component));
        var ordinal = int.TryParse(pod[(pod.LastIndexOf('-') + 1)..], System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : _nodes.Count;
        // Controllers from 0, brokers from 100, as charts do where both have nodes of their own.
        var id = ordinal + (controller ? 0 : 100);
        while (_nodes.ContainsKey(id))
            id += 10;
        node = new KafkaNode(pod, id, controller, broker);
        _shards[pod] = shard;
        if (broker && _topics?.TrueForAll(t => t.Partitions.All(p => p.Isr.Count == 0)) == true)
            _topics = null;
        return _nodes[id] = _byPod[pod] = node;
    }

    private List<KafkaTopic> MakeTopics()
    {
        var brokers = Brokers.Select(b => b.Id).ToList();
        if (brokers.Count == 0)
            return [];
        var copies = Math.Min(3, brokers.Count);
        return
        [
            .. Topics.Select(t => new KafkaTopic(t.Topic, Math.Max(1, copies - 1),
            [
                .. Enumerable.Range(0, t.Partitions).Select(p => new KafkaPartition(t.Topic, p, [.. Enumerable.Range(0, copies).Select(r => brokers[(p + r) % brokers.Count])])),
            ])),
        ];
    }
}
