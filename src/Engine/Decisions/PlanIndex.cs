using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>Finds plan and topology entries by name without searching each time. Belongs to one plan; what it caches of a topology is keyed by the snapshot's own parts.</summary>
internal sealed class PlanIndex
{
    private readonly Dictionary<string, int> _components = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, int>> _shards = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Component Live, Dictionary<string, int> Positions)> _live = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Count, Dictionary<string, ImmutableArray<int>> At)> _workloads = new(StringComparer.Ordinal);

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
        if (Live(state, component) is not { } live || !_shards.TryGetValue(component, out var names) || !names.TryGetValue(shard, out var planned))
            return null;
        var positions = Positions(live);
        if (!positions.TryGetValue(shard, out var at) || at >= live.Shards.Length || live.Shards[at].Name != shard)
            return null;
        var c = Component(component);
        return new ShardContext(state, c, c.Shards[planned], live, live.Shards[at], WorkloadsOf(live, shard));
    }

    /// <summary>Position of a shard in the live component, or null.</summary>
    public int? Position(Component live, string shard) => Positions(live).TryGetValue(shard, out var at) && at < live.Shards.Length && live.Shards[at].Name == shard ? at : null;

    /// <summary>The workloads that serve a shard. Their positions are kept as long as they still fit; templates and strategies change all the time, names do not.</summary>
    private ImmutableArray<Workload> WorkloadsOf(Component live, string shard)
    {
        if (!_workloads.TryGetValue(live.Name, out var had) || had.Count != live.Workloads.Length)
            had = Map(live);
        if (!had.At.TryGetValue(shard, out var at))
            return [];
        foreach (var i in at)
            if (!live.Workloads[i].Shards.Contains(shard))
                return Map(live).At.TryGetValue(shard, out at) ? [.. at.Select(x => live.Workloads[x])] : [];
        return at.Length == 1 ? [live.Workloads[at[0]]] : [.. at.Select(x => live.Workloads[x])];
    }

    private (int Count, Dictionary<string, ImmutableArray<int>> At) Map(Component live)
    {
        var at = new Dictionary<string, ImmutableArray<int>>(StringComparer.Ordinal);
        for (var i = 0; i < live.Workloads.Length; i++)
            foreach (var name in live.Workloads[i].Shards)
                at[name] = at.TryGetValue(name, out var others) ? others.Add(i) : [i];
        return _workloads[live.Name] = (live.Workloads.Length, at);
    }

    /// <summary>Shards whose hold has not been looked at since they changed. Everything was found held before; saves looking again at thousands.</summary>
    public Unseen Held { get; } = new();

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
