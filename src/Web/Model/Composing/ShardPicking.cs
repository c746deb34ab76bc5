using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Composing;

/// <summary>
/// Shards of a form's stages, picked one by one on the graph. Which stage takes which shard is the planner's own account (<see cref="StageCoverage"/>); picking writes names into the stage, so that form, YAML and
/// graph stay one document. Made anew for every state of the form.
/// </summary>
public sealed class ShardPicking
{
    private const int MostNamed = 3;
    private const string None = "in no stage";
    private readonly ComposeForm _form;
    private readonly EngineProfile _profile;
    private readonly ImmutableArray<Component> _components;
    private readonly ImmutableArray<string> _others;

    public ShardPicking(ComposeForm form, TopologySnapshot cluster, EngineProfile profile)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(cluster);
        (_form, _profile) = (form, profile);
        var changed = form.Changed.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        // Before a version is chosen every component may be the one.
        _components = [.. cluster.Components.Where(c => changed.Count == 0 || changed.Contains(c.Name))];
        _others = [.. cluster.Components.Except(_components).Select(c => c.Name)];
        Places = Account();
    }

    /// <summary>A choice of shards is one only where there are several.</summary>
    public static bool Offered(TopologySnapshot cluster) => cluster?.Components.Any(c => c.Shards.Length > 1) is true;

    /// <summary>Every shard of what the plan changes, with the stages that take it.</summary>
    public ImmutableArray<ShardPlace> Places { get; private set; }

    /// <summary>Shards that the stage may take, of <see cref="Places"/>.</summary>
    public IEnumerable<ShardPlace> For(StageForm stage) => Places.Where(p => stage.Component.Length == 0 || p.Component == stage.Component);

    public int Taken(StageForm stage) => _form.Stages.IndexOf(stage) is var index ? Places.Count(p => p.Takes.Any(t => t.Stage == index)) : 0;

    /// <summary>Puts shards into the stage, or takes them out.</summary>
    /// <param name="lanes">component/shard; what the stage may not take is left alone.</param>
    public void Pick(StageForm stage, IEnumerable<string> lanes, bool on)
    {
        var wanted = lanes.ToHashSet(StringComparer.Ordinal);
        var shards = For(stage).Where(p => wanted.Contains($"{p.Component}/{p.Shard}")).Select(p => p.Shard).ToHashSet(StringComparer.Ordinal);
        var before = stage.By is ShardsBy.Names ? [.. stage.Names] : Of(stage);
        var after = on ? before.Union(shards, StringComparer.Ordinal).ToList() : [.. before.Where(s => !shards.Contains(s))];
        // What was in order stays in order, so that a pick that is taken back leaves no trace; another order was somebody's own.
        if (before.SequenceEqual(before.Order(StringComparer.Ordinal)))
            after.Sort(StringComparer.Ordinal);
        Take(stage, after);
    }

    public void PickAll(StageForm stage) => Take(stage, [.. For(stage).Select(p => p.Shard).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    public void PickNone(StageForm stage) => Take(stage, []);

    /// <summary>Whatever no earlier stage has, in the document's own word for it.</summary>
    public void PickRest(StageForm stage)
    {
        (stage.By, stage.PickedFrom) = (ShardsBy.Rest, null);
        Places = Account();
    }

    /// <summary>Shards that the plan would be refused for, in sentences; empty: every shard is in its stage once.</summary>
    public ImmutableArray<string> Troubles()
    {
        var found = ImmutableArray.CreateBuilder<string>();
        foreach (var (words, shards) in Places.Where(p => !p.Whole).GroupBy(InWords).Select(g => (g.Key, g.Select(p => _components.Length > 1 ? $"{p.Component} {p.Shard}" : p.Shard).ToArray())))
            found.Add($"{Words.Some(shards, MostNamed)} {(shards.Length == 1 ? "is" : "are")} {words}.");
        return found.ToImmutable();
    }

    /// <summary>As the graph draws it.</summary>
    public GraphPick Drawn()
    {
        var picking = _form.Picking;
        var words = new List<GraphPickWords>();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var lanes = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        foreach (var place in Places)
        {
            var text = InWords(place);
            var stages = place.Takes.Select(t => t.Stage + 1).ToImmutableArray();
            var key = $"{text} {string.Join(' ', stages)}";
            if (!known.TryGetValue(key, out var at))
            {
                known[key] = at = words.Count;
                words.Add(new GraphPickWords(InShort(place), text, place.Whole ? null : "bad", stages));
            }
            lanes[$"{place.Component}/{place.Shard}"] = at;
        }
        var closed = picking is { Component.Length: > 0 } ? _components.Select(c => c.Name).Where(c => c != picking.Component) : [];
        return new GraphPick(picking is null ? null : _form.Stages.IndexOf(picking) + 1, picking?.Name ?? "", [.. words], lanes.ToImmutable(), [.. _others, .. closed]);
    }

    private void Take(StageForm stage, List<string> names)
    {
        if (stage.By is not ShardsBy.Names)
            stage.PickedFrom = (stage.By, stage.Amount);
        if (stage.PickedFrom is { } from && names.Count > 0)
        {
            (stage.By, stage.Amount) = from;
            Places = Account();
            if (names.ToHashSet(StringComparer.Ordinal).SetEquals(Of(stage)))
                return;
        }
        stage.By = ShardsBy.Names;
        stage.Names.Clear();
        stage.Names.AddRange(names);
        Places = Account();
    }

    private List<string> Of(StageForm stage)
    {
        var index = _form.Stages.IndexOf(stage);
        return [.. Places.Where(p => p.Takes.Any(t => t.Stage == index)).Select(p => p.Shard).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private ImmutableArray<ShardPlace> Account() => StageCoverage.Of([.. _form.Stages.Select(s => s.Taking)], _components, _profile);

    private string NameOf(int stage) => _form.Stages[stage].Name is { Length: > 0 } name ? name : $"stage {stage + 1}";

    private string InShort(ShardPlace place)
    {
        var names = string.Join(", ", place.Takes.Select(t => NameOf(t.Stage)));
        return place switch
        {
            { Takes.IsEmpty: true } => None,
            { Twice: true } => $"twice: {names}",
            { LeaderMissing: true } => $"leader {None}",
            { Whole: false } => $"followers {None}",
            _ => names,
        };
    }

    // "in stage 1 canary", "in stage 1 canary and again in stage 2 rest"
    private string InWords(ShardPlace place)
    {
        var stages = place.Takes.Select(t => $"stage {t.Stage + 1}{(_form.Stages[t.Stage].Name is { Length: > 0 } name ? $" {name}" : "")}{t.Roles switch { "followers" => " with its followers", "leader" => " with its leader", _ => "" }}").ToArray();
        return place switch
        {
            { Takes.IsEmpty: true } => None,
            { Twice: true } => $"in {string.Join(" and again in ", stages)}",
            { LeaderMissing: true } => $"in {string.Join(" and ", stages)}, but its leader {None}",
            { Whole: false } => $"in {string.Join(" and ", stages)}, but its followers {None}",
            _ => $"in {string.Join(" and in ", stages)}",
        };
    }
}
