using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>Finds plan and topology entries by name without searching each time. Belongs to one plan; what it caches of a topology is keyed by the snapshot's own parts.</summary>
internal sealed class PlanIndex
{
    private readonly Dictionary<string, int> _components = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, int>> _shards = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Component Live, Dictionary<string, int> Positions)> _live = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (ImmutableArray<Workload> Of, Dictionary<string, ImmutableArray<Workload>> Map)> _workloads = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<Workload>> _heldAsSeen = new(StringComparer.Ordinal);

    public PlanIndex(Plan plan)
    {
        Plan = plan;
        for (var i = 0; i < plan.Components.Length; i++)
        {
            _components[plan.Components[i].Name] = i;
            var shards = new Dictionary<string, int>(StringComparer.Ordinal);
            for (var j = 0; j < plan.Components[i].Shards.Length; j++)
                shards[plan.Components[i].Shards[j].Name] = j;
            _shards[plan.Components[i].Name] = shards;
        }
    }

    public Plan Plan { get; }

    public PlannedComponent Component(string name) => Plan.Components[_components[name]];

    public PlannedStage Stage(string component, string stage) => Component(component).Stages.First(s => s.Name == stage);

    public static Component? Live(DecisionState state, string component)
    {
        foreach (var c in state.Topology!.Components)
            if (c.Name == component)
                return c;
        return null;
    }

    public static ImmutableArray<Workload> Workloads(DecisionState state, string component) => Live(state, component)?.Workloads ?? [];

    public ShardContext? Shard(DecisionState state, string component, string shard)
    {
        if (Live(state, component) is not { } live || !_shards[component].TryGetValue(shard, out var planned))
            return null;
        var positions = Positions(live);
        if (!positions.TryGetValue(shard, out var at) || at >= live.Shards.Length || live.Shards[at].Name != shard)
            return null;
        var c = Component(component);
        return new ShardContext(state, c, c.Shards[planned], live, live.Shards[at], WorkloadsOf(live, shard));
    }

    private ImmutableArray<Workload> WorkloadsOf(Component live, string shard)
    {
        if (!_workloads.TryGetValue(live.Name, out var had) || had.Of != live.Workloads)
        {
            var map = new Dictionary<string, ImmutableArray<Workload>>(StringComparer.Ordinal);
            foreach (var w in live.Workloads)
                foreach (var name in w.Shards)
                    map[name] = map.TryGetValue(name, out var others) ? others.Add(w) : [w];
            had = (live.Workloads, map);
            _workloads[live.Name] = had;
        }
        return had.Map.GetValueOrDefault(shard, []);
    }

    /// <summary>True when these very workload objects were already found held; saves looking again at thousands.</summary>
    public bool HeldAsSeen(Component live) => _heldAsSeen.TryGetValue(live.Name, out var seen) && seen == live.Workloads;

    public void SawHeld(Component live) => _heldAsSeen[live.Name] = live.Workloads;

    public IEnumerable<ShardContext> Shards(DecisionState state, string component)
    {
        foreach (var s in Component(component).Shards)
            if (Shard(state, component, s.Name) is { } context)
                yield return context;
    }

    /// <summary>Shard name → position. The positions of the last snapshot are taken over as long as they still fit, which they do while membership stands.</summary>
    private Dictionary<string, int> Positions(Component live)
    {
        if (_live.TryGetValue(live.Name, out var had) && (ReferenceEquals(had.Live, live) || had.Positions.Count == live.Shards.Length))
        {
            if (!ReferenceEquals(had.Live, live) && live.Shards.Length > 0 && (had.Live.Shards[0].Name != live.Shards[0].Name || had.Live.Shards[^1].Name != live.Shards[^1].Name))
                _live.Remove(live.Name);
            else
            {
                _live[live.Name] = (live, had.Positions);
                return had.Positions;
            }
        }
        var positions = new Dictionary<string, int>(live.Shards.Length, StringComparer.Ordinal);
        for (var i = 0; i < live.Shards.Length; i++)
            positions[live.Shards[i].Name] = i;
        _live[live.Name] = (live, positions);
        return positions;
    }
}
