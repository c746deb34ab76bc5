using System.Collections.Immutable;
using System.Text.Json;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Unit.Decisions;

/// <summary>
/// A cluster with a mind of its own for property tests: Pods take random time, actions are refused, lost or answered late, leaders fail over, watches drop.
/// It checks every act against its own true state, not against what Decide was shown.
/// </summary>
public sealed class ToyCluster
{
    public sealed class Member
    {
        public required string Name;
        public required int Ordinal;
        public string Uid = "";
        public string Version = "7.2.4";
        public bool Leads;
        public bool Ready = true;
        public string Phase = "Running";
        public string? Problem;
        public long Lag;
        public DateTimeOffset ReadyAt = DateTimeOffset.MaxValue;
        public DateTimeOffset SyncedAt;
        public DateTimeOffset GoneAt = DateTimeOffset.MaxValue;
        public Reading? Told;
    }

    public sealed class Group
    {
        public required string Name;
        public required string Workload;
        public string Component = "redis";
        /// <summary>Routers elect nobody.</summary>
        public bool Elects = true;
        public string Template = "7.2.4";
        public string? HeldBy;
        public List<Member> Members = [];
        public DateTimeOffset ElectAt = DateTimeOffset.MaxValue;
        public (string To, DateTimeOffset At)? Switching;
        public DateTimeOffset MovedBehindOurBack = DateTimeOffset.MinValue;
    }

    private readonly Random _random;
    private double _faults;
    private readonly string? _bad;
    private int _uid;
    private TimeSpan _skew;
    private DateTimeOffset _clockSetAt = DateTimeOffset.MinValue;

    public ToyCluster(int seed, int shards, int members, double faults, string? bad)
    {
        _random = new Random(seed);
        _faults = faults;
        _bad = bad;
        for (var i = 0; i < shards; i++)
        {
            var g = new Group { Name = $"shard-{(char)('a' + i)}", Workload = $"orders-{(char)('a' + i)}" };
            var leader = _random.Next(members);
            for (var o = 0; o < members; o++)
                g.Members.Add(new Member { Name = $"{g.Workload}-{o}", Ordinal = o, Uid = $"u{++_uid}", Leads = o == leader });
            Groups.Add(g);
        }
    }

    /// <summary>An engine of several components.</summary>
    public ToyCluster(int seed, double faults, params ReadOnlySpan<(string Component, int Shards, int Members, bool Elects)> parts)
        : this(seed, 0, 0, faults, null)
    {
        foreach (var part in parts)
        {
            for (var i = 0; i < part.Shards; i++)
            {
                var g = new Group { Name = $"{part.Component}-{(char)('a' + i)}", Workload = $"orders-{part.Component}-{(char)('a' + i)}", Component = part.Component, Elects = part.Elects };
                var leader = _random.Next(part.Members);
                for (var o = 0; o < part.Members; o++)
                    g.Members.Add(new Member { Name = $"{g.Workload}-{o}", Ordinal = o, Uid = $"u{++_uid}", Leads = part.Elects && o == leader });
                Groups.Add(g);
            }
        }
    }

    /// <summary>The same cluster at this moment, to live on by itself: what a crashed engine finds when it comes back.</summary>
    public ToyCluster(ToyCluster other)
    {
        (_random, _faults, _bad, _uid, Now, Connected, Switchovers, Run) = (new Random(other._uid), other._faults, other._bad, other._uid, other.Now, other.Connected, other.Switchovers, other.Run);
        Replaced = new Dictionary<string, int>(other.Replaced, StringComparer.Ordinal);
        (Balancer, BalancerStarts, Level, WatchBalancer, Drains) = (other.Balancer, other.BalancerStarts, other.Level, other.WatchBalancer, other.Drains);
        Drained.UnionWith(other.Drained);
        Order.AddRange(other.Order);
        foreach (var g in other.Groups)
        {
            Groups.Add(new Group
            {
                Name = g.Name, Workload = g.Workload, Component = g.Component, Elects = g.Elects, Template = g.Template, HeldBy = g.HeldBy, ElectAt = g.ElectAt, Switching = g.Switching, MovedBehindOurBack = g.MovedBehindOurBack,
                Members = [.. g.Members.Select(m => new Member
                {
                    Name = m.Name, Ordinal = m.Ordinal, Uid = m.Uid, Version = m.Version, Leads = m.Leads, Ready = m.Ready, Phase = m.Phase, Problem = m.Problem, Lag = m.Lag, ReadyAt = m.ReadyAt,
                    SyncedAt = m.SyncedAt, GoneAt = m.GoneAt, Told = m.Told,
                })],
            });
        }
    }

    public List<Group> Groups { get; } = [];
    public DateTimeOffset Now { get; private set; } = Make.Noon;
    public bool Connected { get; private set; } = true;
    /// <summary>What Rollcall's own clock says; it may be set, time itself goes on.</summary>
    public DateTimeOffset Clock => Now + _skew;
    public List<string> Violations { get; } = [];
    public Dictionary<string, int> Replaced { get; } = new(StringComparer.Ordinal);
    /// <summary>The component of each replacement, one after another.</summary>
    public List<string> Order { get; } = [];
    /// <summary>running, busy (asked to stop, still at it) or stopped: a balancer with a mind of its own.</summary>
    public string Balancer { get; set; } = "running";
    public int BalancerStarts { get; private set; }
    /// <summary>The level that a finaliser raises; null while it is the old one.</summary>
    public string Level { get; set; } = "7.2";
    public HashSet<string> Drained { get; } = new(StringComparer.Ordinal);
    public int Switchovers { get; private set; }
    public int OutsideFailovers { get; private set; }
    public int OutsideCrashes { get; private set; }
    public int OutsideDeletions { get; private set; }
    /// <summary>How often an act is forbidden, or a Pod deleted by somebody else. Only in nights that are bad on purpose.</summary>
    public double Malice { get; set; }

    /// <summary>Told of everything that happens to it before it happens; <see cref="Replay"/> makes another cluster live through the same.</summary>
    public Action<string>? Recorder { get; set; }
    public string LastStep { get; private set; } = "";

    public void Replay(string line)
    {
        var (what, rest) = line.IndexOf(' ', StringComparison.Ordinal) is var at ? (line[..at], line[(at + 1)..]) : default;
        switch (what)
        {
            case "pass":
                Pass(TimeSpan.Parse(rest, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case "ask":
                Answer(JsonSerializer.Deserialize<ProbeRequest[]>(rest)!);
                break;
            default:
                Run = rest[..rest.IndexOf(' ', StringComparison.Ordinal)];
                Do(JsonSerializer.Deserialize<Act>(rest[(Run.Length + 1)..])!);
                break;
        }
    }

    /// <summary>From now on nothing goes wrong any more.</summary>
    public void Calm() => (_faults, Malice, Connected) = (0, 0, true);

    /// <summary>Somebody sets the clock of the machine that Rollcall runs on.</summary>
    public void SetClock(TimeSpan by)
    {
        _skew += by;
        _clockSetAt = Now;
    }

    public TopologySnapshot Show() => new()
    {
        Cluster = new ClusterKey("demo", "orders"), Version = "e-1", Kind = ClusterKind.StatefulSetGroup, Profile = "redis-cluster", Phase = "Running", ObservedAt = Clock, Connected = Connected,
        Components =
        [
            .. Groups.GroupBy(g => g.Component).Select(groups => new Component
            {
                Name = groups.Key, Version = "7.2.4",
                Workloads = [.. groups.Select(g => new Workload
                {
                    Name = g.Workload, Uid = g.Workload, Shards = [g.Name], Strategy = g.HeldBy is null ? "RollingUpdate" : "OnDelete", Held = g.HeldBy is null ? null : new Custody("me", g.HeldBy, Make.Noon),
                    TargetVersion = g.Template, Observed = true, Settled = true, Images = ImmutableSortedDictionary<string, string>.Empty.Add("redis", $"redis:{g.Template}"),
                })],
                Shards = [.. groups.Select(g => new Shard { Name = g.Name, Instances = [.. g.Members.Select(m => Show(g, m))] })],
            }),
        ],
    };

    private static Instance Show(Group g, Member m)
    {
        var told = m.Told is { } t && t.Uid == m.Uid ? t : null;
        return new Instance
        {
            Name = m.Name, Ordinal = m.Ordinal, Uid = m.Phase == "Missing" ? "" : m.Uid, Version = m.Version, Updated = m.Version == g.Template, Ready = m.Ready, Phase = m.Phase, Problem = m.Problem, Dead = m.Problem is not null,
            Workload = g.Workload, Images = ImmutableSortedDictionary<string, string>.Empty.Add("redis", $"redis:{m.Version}"), Probe = told, Role = Make.Redis.Normalise(told?.Role),
            LagBytes = told is null || told.Role == "master" ? null : m.Lag, StartedAt = Make.Noon,
        };
    }

    public void Answer(IEnumerable<ProbeRequest> asked)
    {
        asked = [.. asked];
        Recorder?.Invoke($"ask {JsonSerializer.Serialize(asked)}");
        foreach (var p in asked)
        {
            var m = Groups.SelectMany(g => g.Members).Single(m => m.Name == p.Instance);
            if (!m.Ready || Chance(_faults / 4))
                continue;
            if (!Groups.First(g => g.Members.Contains(m)).Elects)
                continue; // nobody has anything to ask a router
            m.Lag = Now >= m.SyncedAt ? 0 : 5 << 20;
            m.Told = new Reading { At = Clock, Uid = m.Uid, Source = $"redis-cli on {m.Name}", Role = m.Leads ? "master" : "slave", Linked = Now >= m.SyncedAt || _random.Next(2) == 0, Healthy = true, Position = 1 };
        }
    }

    /// <summary>Runs one of the engine's own commands: what it prints, or nothing where luck was bad.</summary>
    public (ActStatus Status, string Output) Execute(ActionAct act)
    {
        var luck = _random.NextDouble();
        if (luck < _faults / 6)
            return (ActStatus.Failed, "");
        var lost = luck < _faults / 3;
        var output = lost && Chance(0.5) ? "" : Effect(act);
        return lost ? (ActStatus.Unknown, "") : (ActStatus.Accepted, output);
    }

    private string Effect(ActionAct act)
    {
        switch (act.Spec.Exec!.Command)
        {
            case ["state"]:
                if (Balancer == "busy" && Chance(0.5))
                    Balancer = "stopped";
                return Balancer;
            case ["stop"]:
                Balancer = Balancer == "stopped" ? "stopped" : "busy";
                return "asked";
            case ["start"]:
                Balancer = "running";
                BalancerStarts++;
                return "asked";
            case ["level"]:
                return $"level {Level}.";
            case ["raise", var level]:
                if (Groups.SelectMany(g => g.Members).Any(m => m.Version != "7.2.5"))
                    Violations.Add("finalised while a member runs the old version");
                Level = level;
                return "ok";
            case ["lower", var level]:
                if (Groups.SelectMany(g => g.Members).Any(m => m.Version == "7.2.4"))
                    Violations.Add("members went back before the level was lowered");
                Level = level;
                return "ok";
            case ["drain"]:
                Drained.Add(act.Instance!);
                return "";
            case ["undrain"]:
                Drained.Remove(act.Instance!);
                return "";
            default:
                throw new InvalidOperationException($"no command {string.Join(' ', act.Spec.Exec.Command)}");
        }
    }

    /// <summary>Does the act (or not) and says what the driver would say.</summary>
    public ActStatus Do(Act act)
    {
        Recorder?.Invoke($"do {Run} {JsonSerializer.Serialize(act)}");
        LastStep = act.Step;
        Check(act);
        var luck = _random.NextDouble();
        if (luck < _faults / 4)
            return ActStatus.NotNow;
        if (luck < _faults / 3)
            return ActStatus.Failed;
        if (Malice > 0 && Chance(Malice))
            return ActStatus.Refused;
        var lost = luck < _faults / 2;
        if (!lost || Chance(0.5))
            Effect(act);
        return lost ? ActStatus.Unknown : ActStatus.Accepted;
    }

    private void Effect(Act act)
    {
        switch (act)
        {
            case HoldAct h:
                foreach (var g in Groups.Where(g => h.Workloads.Contains(g.Workload)))
                    g.HeldBy = Run;
                break;
            case ReleaseAct r:
                foreach (var g in Groups.Where(g => r.Workloads.Contains(g.Workload)))
                    g.HeldBy = null;
                break;
            case RetargetAct r:
                foreach (var g in Groups.Where(g => r.Workloads.Contains(g.Workload)))
                    g.Template = r.To.Version;
                break;
            case ReplaceAct r:
            {
                var (g, m) = Find(r.Instance);
                if (m.Uid != r.Uid || m.Phase == "Terminating")
                    break;
                Replaced[m.Name] = Replaced.GetValueOrDefault(m.Name) + 1;
                Order.Add(g.Component);
                Down(g, m);
                break;
            }
            case SwitchoverAct s:
            {
                var (g, to) = Find(s.To);
                if (Find(s.From).Member.Leads && to.Ready)
                    g.Switching = (s.To, Now + Seconds(1, 4));
                break;
            }
        }
    }

    private void Down(Group g, Member m)
    {
        m.Ready = false;
        m.Phase = "Terminating";
        m.GoneAt = Now + Seconds(1, 5);
        m.ReadyAt = DateTimeOffset.MaxValue;
        if (m.Leads && g.Members.Count > 1)
        {
            m.Leads = false;
            g.ElectAt = Now + Seconds(1, 8);
        }
    }

    /// <summary>The promises, held against the true state.</summary>
    private void Check(Act act)
    {
        switch (act)
        {
            case ReplaceAct r:
            {
                var (g, m) = Find(r.Instance);
                if (WatchBalancer && Balancer != "stopped")
                    Violations.Add($"{r.Instance} replaced while the balancer is {Balancer}");
                if (Drains && m.Ready && m.Uid == r.Uid && !Drained.Contains(r.Instance))
                    Violations.Add($"{r.Instance} replaced without a drain");
                if (g.HeldBy != Run)
                    Violations.Add($"{r.Instance} replaced while {g.Workload} is not held");
                if (m.Uid != r.Uid)
                    break;
                if (m.Version == g.Template && m.Ready)
                    Violations.Add($"{r.Instance} replaced although it runs {g.Template}");
                if (m.Ready && g.Members.Any(x => x != m && !x.Ready))
                    Violations.Add($"{r.Instance} replaced while {string.Join(",", g.Members.Where(x => x != m && !x.Ready).Select(x => x.Name))} is down");
                if (Now - g.MovedBehindOurBack <= TimeSpan.FromSeconds(5))
                    break; // a role may be as old as the profile's limit; nobody can know better
                if (m.Leads && g.Members.Any(x => x != m && x.Version != g.Template))
                    Violations.Add($"leader {r.Instance} replaced before {string.Join(",", g.Members.Where(x => x != m && x.Version != g.Template).Select(x => x.Name))}");
                if (m.Ready && m.Leads && g.Members.Count > 1)
                    Violations.Add($"leader {r.Instance} replaced without a switchover");
                break;
            }
            case SwitchoverAct s:
            {
                var (g, to) = Find(s.To);
                if (!to.Ready || to.Version != g.Template)
                    Violations.Add($"switchover to {s.To}, which is not ready on {g.Template}");
                break;
            }
            case ReleaseAct:
                foreach (var g in Groups)
                    foreach (var m in g.Members)
                        if (m.Version != g.Template)
                            Violations.Add($"released while {m.Name} runs {m.Version} and the template says {g.Template}");
                break;
        }
    }

    public string Run { get; set; } = "r1";
    public bool WatchBalancer { get; set; }
    public bool Drains { get; set; }

    /// <summary>Lets time pass and the controllers, the databases and bad luck do their part.</summary>
    public void Pass(TimeSpan time)
    {
        Recorder?.Invoke($"pass {time:c}");
        Now += time;
        Connected = Connected ? !Chance(_faults / 20) : Chance(0.5);
        foreach (var g in Groups)
        {
            foreach (var m in g.Members)
            {
                if (m.GoneAt <= Now)
                {
                    (m.GoneAt, m.Phase, m.Uid, m.Version, m.Problem) = (DateTimeOffset.MaxValue, "Pending", $"u{++_uid}", g.Template, null);
                    m.ReadyAt = Now + Seconds(1, 12);
                }
                else if (m.ReadyAt <= Now)
                {
                    m.ReadyAt = DateTimeOffset.MaxValue;
                    if (m.Version == _bad)
                    {
                        m.Problem = "ImagePullBackOff";
                        continue;
                    }
                    (m.Ready, m.Phase) = (true, "Running");
                    m.SyncedAt = Now + Seconds(0, 6);
                }
            }
            if (g.Switching is { } s && s.At <= Now)
            {
                g.Switching = null;
                var to = g.Members.Single(m => m.Name == s.To);
                if (to.Ready && g.Members.Any(m => m.Leads))
                {
                    foreach (var m in g.Members)
                        m.Leads = m == to;
                    Switchovers++;
                    if (s.At - _clockSetAt < TimeSpan.FromSeconds(5))
                        g.MovedBehindOurBack = Now; // by its own clock Rollcall has waited for it long enough
                }
            }
            if (g.Elects && (g.ElectAt <= Now || (g.ElectAt == DateTimeOffset.MaxValue && g.Members.All(m => !m.Leads))))
            {
                if (g.Members.FirstOrDefault(m => m.Ready) is { } elected)
                {
                    g.ElectAt = DateTimeOffset.MaxValue;
                    elected.Leads = true;
                    g.MovedBehindOurBack = Now;
                }
            }
            if (Chance(_faults / 120) && g.Members.All(m => m.Ready) && g.Members.Count(m => m.Leads) == 1 && g.Switching is null)
            {
                var (from, to) = (g.Members.Single(m => m.Leads), g.Members[_random.Next(g.Members.Count)]);
                (from.Leads, to.Leads) = (false, true);
                g.MovedBehindOurBack = Now;
                OutsideFailovers++;
            }
            if (Chance(_faults / 120) && g.Members.All(m => m.Ready))
            {
                var m = g.Members[_random.Next(g.Members.Count)];
                OutsideCrashes++;
                m.Ready = false;
                m.ReadyAt = Now + Seconds(2, 10);
                if (m.Leads && g.Members.Count > 1)
                {
                    m.Leads = false;
                    g.ElectAt = Now + Seconds(1, 6);
                }
            }
        }
    }

    /// <summary>Somebody deletes a Pod by hand.</summary>
    public void DeleteSomebody()
    {
        var g = Groups[_random.Next(Groups.Count)];
        Delete(g.Members[_random.Next(g.Members.Count)].Name);
    }

    public void Delete(string name)
    {
        var (g, m) = Find(name);
        if (m.Phase is "Terminating")
            return;
        OutsideDeletions++;
        Down(g, m);
    }

    private (Group Group, Member Member) Find(string name)
    {
        foreach (var g in Groups)
            foreach (var m in g.Members)
                if (m.Name == name)
                    return (g, m);
        throw new InvalidOperationException($"no member {name}");
    }

    private bool Chance(double p) => _random.NextDouble() < p;

    private TimeSpan Seconds(int from, int to) => TimeSpan.FromMilliseconds(_random.Next((from * 1000) + 1, (to * 1000) + 2));
}
