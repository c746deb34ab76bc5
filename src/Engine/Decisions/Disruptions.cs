using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>Who is away or about to be, in the whole cluster: what the topology shows, what this run has asked for, and what this very decision offers. For rule ZoneExclusive.</summary>
internal sealed class Disruptions(DecisionBuilder b, PlanIndex index, ShardWatch watch)
{
    private List<ZoneExclusive.Down>? _seen;

    public IReadOnlyCollection<ZoneExclusive.Down> All => [.. _seen ??= Seen(), .. Offered()];

    private List<ZoneExclusive.Down> Seen()
    {
        var ours = new Dictionary<string, StepEntry>(StringComparer.Ordinal);
        foreach (var id in b.Ledger.OpenSteps)
            if (b.Ledger.Steps[id] is { Kind: StepKind.Replace or StepKind.WaitInSync, Instance: { } member } step)
                ours[member] = step;
        var down = new List<ZoneExclusive.Down>();
        foreach (var live in b.State.Topology!.Components)
            foreach (var name in watch.Broken(live, b.State, index))
                if (index.Position(live, name) is { } at)
                    foreach (var m in live.Shards[at].Instances)
                        if (ShardContext.Unavailable(m))
                            down.Add(new ZoneExclusive.Down(m.Name, m.Zone ?? ours.GetValueOrDefault(m.Name)?.Zone, ours.ContainsKey(m.Name)));
        down.AddRange(ours.Values.Where(s => s.Kind == StepKind.Replace && down.TrueForAll(d => d.Instance != s.Instance)).Select(s => new ZoneExclusive.Down(s.Instance!, s.Zone, true)));
        return down;
    }

    private IEnumerable<ZoneExclusive.Down> Offered()
    {
        foreach (var act in b.Replacements)
            if (index.Shard(b.State, act.Component, act.Shard)?.Find(act.Instance) is { } m)
                yield return new ZoneExclusive.Down(m.Name, m.Zone, true);
    }
}
