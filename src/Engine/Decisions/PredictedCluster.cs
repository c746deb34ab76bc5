using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>
/// What the cluster would do if everything went well and took as long as it did before, or as the profile expects. It knows nothing of Kubernetes and shares no code with the simulator:
/// a preview that merely replayed the simulator would prove nothing.
/// </summary>
internal sealed class PredictedCluster
{
    public const string Run = "preview";

    private readonly Plan _plan;
    private readonly PriorityQueue<Action, (DateTimeOffset, long)> _effects = new();
    private readonly Dictionary<string, Places> _positions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private long _order;
    private int _uids;

    private readonly MeasuredTimes _measured;

    public PredictedCluster(Plan plan, TopologySnapshot live, DateTimeOffset now, MeasuredTimes? measured = null)
    {
        _plan = plan;
        _measured = measured ?? MeasuredTimes.None;
        Now = now;
        Topology = live with { Connected = true, Operations = [], Components = [.. live.Components.Select(Healthy)] };
        foreach (var c in Topology.Components)
            _positions[c.Name] = new Places([.. c.Shards], [.. c.Workloads]);
        Show();
    }

    public DateTimeOffset Now { get; private set; }
    public TopologySnapshot Topology { get; private set; }

    /// <summary>Goes to the next effect or to the given time, whichever is first; false when there is neither.</summary>
    public bool Advance(DateTimeOffset? wakeAt)
    {
        if (!_effects.TryPeek(out _, out var next) || (wakeAt is { } w && w < next.Item1))
        {
            if (wakeAt is not { } at || at <= Now)
                return false;
            Now = at;
            return true;
        }
        Now = next.Item1;
        while (_effects.TryPeek(out _, out var due) && due.Item1 <= Now)
            _effects.Dequeue()();
        return true;
    }

    /// <summary>Answers probes at once; false when every answer asked for is of this very moment already.</summary>
    public bool Answer(ImmutableArray<ProbeRequest> probes)
    {
        var changed = false;
        foreach (var group in probes.GroupBy(p => (p.Component, p.Shard)))
        {
            var names = group.Select(g => g.Instance).ToHashSet(StringComparer.Ordinal);
            Shard(group.Key.Component, group.Key.Shard, s => s with
            {
                Instances = [.. s.Instances.Select(m =>
                {
                    if (!names.Contains(m.Name) || m.Probe?.At == Now)
                        return m;
                    changed = true;
                    return m with { Probe = m.Probe! with { At = Now, Uid = m.Uid } };
                })],
            });
        }
        return changed;
    }

    public void Do(Act act)
    {
        var t = _plan.Profile.For(act.Component).Estimates;
        var past = _measured.Components.GetValueOrDefault(act.Component);
        switch (act)
        {
            case HoldAct h:
                After(TimeSpan.FromSeconds(0.2), () => Workloads(h.Component, h.Workloads, w => w with { Strategy = "OnDelete", Held = new Custody("preview", Run, Now), Observed = true }));
                break;
            case ReleaseAct r:
                After(TimeSpan.FromSeconds(0.5), () => Workloads(r.Component, r.Workloads, w => w with { Strategy = "RollingUpdate", Held = null, Settled = true }));
                break;
            case RetargetAct r:
                After(TimeSpan.FromSeconds(0.2), () => Retarget(r));
                break;
            case ReplaceAct r:
                Member(r.Component, r.Shard, r.Instance, m => m with { Ready = false, Phase = "Terminating" });
                Resign(r);
                After(Max(past?.Replace ?? t.Terminate + t.Start, TimeSpan.FromMilliseconds(100)), () => Back(r));
                break;
            case SwitchoverAct s:
                After(Max(past?.Switchover ?? t.Switchover, TimeSpan.FromMilliseconds(100)), () => Switch(s));
                break;
        }
    }

    private void Retarget(RetargetAct r)
    {
        Workloads(r.Component, r.Workloads, w => w with
        {
            TargetVersion = r.To.Version, Observed = true,
            Images = w.Images.SetItems(r.To.Images), ComponentDefinition = r.To.ComponentDef.Length > 0 ? r.To.ComponentDef : w.ComponentDefinition,
        });
        var places = _positions[r.Component];
        foreach (var w in r.Workloads.Select(name => places.Workloads[places.WorkloadAt[name]]))
            foreach (var shard in w.Shards)
                Shard(r.Component, shard, s => s with { Instances = [.. s.Instances.Select(m => m.Workload.Length == 0 || m.Workload == w.Name ? m with { Updated = ShardContext.RunsVersion(m, r.To) } : m)] });
    }

    private void Back(ReplaceAct r)
    {
        var c = _plan.Components.First(c => c.Name == r.Component);
        var uid = $"predicted-{++_uids}";
        Member(r.Component, r.Shard, r.Instance, m => m with
        {
            Uid = uid, Version = c.To.Version, Images = m.Images.SetItems(c.To.Images), Updated = true, Ready = true, ReadySince = Now, StartedAt = Now, Phase = "Running", Dead = false, Problem = null,
            LagTrack = null, LabelRoleSince = Now, Probe = m.Probe is null ? null : m.Probe with { At = Now, Uid = uid, Linked = false },
        });
        After(Max(_measured.Components.GetValueOrDefault(r.Component)?.Sync ?? _plan.Profile.For(r.Component).Estimates.Sync, TimeSpan.FromMilliseconds(100)), () => Member(r.Component, r.Shard, r.Instance, m => m.Uid != uid ? m : m with
        {
            LagBytes = m.LagBytes is null ? null : 0, LagTrack = InSync(_plan.Profile.For(r.Component)), Probe = m.Probe is null ? null : m.Probe with { At = Now, Linked = true },
        }));
    }

    /// <summary>Where leadership is handed over by stopping, another member has it as soon as the leader goes.</summary>
    private void Resign(ReplaceAct r)
    {
        var profile = _plan.Profile.For(r.Component);
        var shard = _positions[r.Component].Shards[_positions[r.Component].ShardAt[r.Shard]];
        if (!profile.HandsOverByStopping || profile.Role(shard.Instances.First(m => m.Name == r.Instance).Role) is not { Leads: true })
            return;
        var next = shard.Instances.Where(m => m.Name != r.Instance && m.Ready && profile.Role(m.Role) is { Electable: true }).OrderByDescending(m => m.Updated).FirstOrDefault();
        if (next is not null)
            Switch(new SwitchoverAct(r.Step, r.Component, r.Shard, r.Instance, next.Name));
    }

    private void Switch(SwitchoverAct s)
    {
        var profile = _plan.Profile.For(s.Component);
        var leads = profile.Roles.First(r => r.Leads).Name;
        var follows = profile.Roles.Where(r => !r.Leads).OrderByDescending(r => r.Electable).Select(r => r.Name).FirstOrDefault() ?? leads;
        Shard(s.Component, s.Shard, shard => shard with
        {
            Instances = [.. shard.Instances.Select(m => As(m with { Probe = m.Probe is null ? null : m.Probe with { At = Now } }, m.Name == s.To ? leads : m.Name == s.From ? follows : m.Role))],
        });
    }

    /// <summary>As many good answers in a row as the profile asks for: in a preview everything goes well.</summary>
    private LagTrack? InSync(EngineProfile profile) => profile.Lag.Consecutive < 2 ? null : new LagTrack([.. Enumerable.Repeat(new LagSample(Now, 0, 0, true), profile.Lag.Consecutive)], null);

    private static Instance As(Instance m, string? role) =>
        m with { Role = role, LabelRole = role, LabelRoleSince = DateTimeOffset.MinValue, Probe = m.Probe is null ? null : m.Probe with { Role = role } };

    /// <summary>The component as it would be if every member were well; what is not well now is a finding of its own.</summary>
    private Component Healthy(Component c)
    {
        var profile = _plan.Profile.For(c.Name);
        return c with
        {
            Workloads = [.. c.Workloads.Select(w => w with { Observed = true, Settled = true, Held = null, Strategy = "RollingUpdate" })],
            Shards = [.. c.Shards.Select(s => s with { Budget = null, Instances = WithLeader(profile, [.. s.Instances.Select(m => Healthy(profile, m))]) })],
        };
    }

    private Instance Healthy(EngineProfile profile, Instance m)
    {
        var uid = m.Uid.Length > 0 ? m.Uid : $"predicted-{++_uids}";
        return As(m with
        {
            Uid = uid, Ready = true, Phase = "Running", Dead = false, Problem = null, StartedAt = m.StartedAt ?? Now, Claims = "", LagTrack = InSync(profile), LagBytes = profile.Lag.MaxBytes is null ? null : 0, LagSeconds = null,
            Probe = profile.Probe is null ? null : new Reading { At = Now, Uid = uid, Source = "preview", Linked = true, Healthy = true, Values = NoneBlocked(profile.Probe) },
        }, m.Role);
    }

    private static ImmutableSortedDictionary<string, string> NoneBlocked(ProbeSpec probe) =>
        probe.Copies is { } key ? ImmutableSortedDictionary<string, string>.Empty.Add(key, "") : ImmutableSortedDictionary<string, string>.Empty;

    private static ImmutableArray<Instance> WithLeader(EngineProfile profile, ImmutableArray<Instance> members)
    {
        if (members.IsEmpty || !profile.HasRoles)
            return members;
        var follows = profile.Roles.Where(r => !r.Leads).OrderByDescending(r => r.Electable).Select(r => r.Name).FirstOrDefault();
        if (!profile.HasLeader)
            return [.. members.Select(m => As(m, profile.Role(m.Role)?.Name ?? follows))];
        var leader = members.FirstOrDefault(m => profile.Role(m.Role) is { Leads: true }) ?? members[0];
        var leads = profile.Roles.First(r => r.Leads).Name;
        return [.. members.Select(m => As(m, m.Name == leader.Name ? leads : profile.Role(m.Role) is { Leads: false } r ? r.Name : follows ?? leads))];
    }

    public void After(TimeSpan delay, Action effect) => _effects.Enqueue(effect, (Now + delay, ++_order));

    private void Member(string component, string shard, string instance, Func<Instance, Instance> change) =>
        Shard(component, shard, s => s with { Instances = [.. s.Instances.Select(m => m.Name == instance ? change(m) : m)] });

    private void Shard(string component, string shard, Func<Shard, Shard> change)
    {
        var places = _positions[component];
        var at = places.ShardAt[shard];
        places.Shards[at] = change(places.Shards[at]);
        _changed.Add(Ledger.ShardKey(component, shard));
    }

    private void Workloads(string component, ImmutableArray<string> names, Func<Workload, Workload> change)
    {
        var places = _positions[component];
        foreach (var name in names)
        {
            var at = places.WorkloadAt[name];
            places.Workloads[at] = change(places.Workloads[at]);
            foreach (var shard in places.Workloads[at].Shards)
                _changed.Add(Ledger.ShardKey(component, shard));
        }
    }

    /// <summary>The shards that changed since this was last asked.</summary>
    public IReadOnlyCollection<string> TakeChanges()
    {
        var changes = _changed.ToArray();
        _changed.Clear();
        return changes;
    }

    /// <summary>
    /// The snapshot looks into our own arrays, which change under it: nobody but this preview ever sees it, and copying ten thousand shards for each of a hundred thousand changes would be most of the work.
    /// </summary>
    private void Show() => Topology = Topology with
    {
        Components = [.. Topology.Components.Select(c => c with { Shards = ImmutableCollectionsMarshal.AsImmutableArray(_positions[c.Name].Shards), Workloads = ImmutableCollectionsMarshal.AsImmutableArray(_positions[c.Name].Workloads) })],
    };

    private sealed class Places(Shard[] shards, Workload[] workloads)
    {
        public Shard[] Shards { get; } = shards;
        public Workload[] Workloads { get; } = workloads;
        public Dictionary<string, int> ShardAt { get; } = shards.Select((s, i) => (s.Name, i)).ToDictionary(p => p.Name, p => p.i, StringComparer.Ordinal);
        public Dictionary<string, int> WorkloadAt { get; } = workloads.Select((w, i) => (w.Name, i)).ToDictionary(p => p.Name, p => p.i, StringComparer.Ordinal);
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
