using System.Collections.Immutable;
using Rollcall.Engine.Documents;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>
/// From the stages of a specification to concrete shards of one component. Shards are taken in the order of their sorted names; a count or percentage takes the next ones that no earlier stage has, a
/// percentage is of all shards and rounded up, and "rest" is whatever is left. Every shard must be covered, followers and leader both, and none twice.
/// </summary>
internal sealed class StageResolver
{
    private readonly string _component;
    private readonly EngineProfile _profile;
    private readonly PlanErrors _errors;
    private readonly ImmutableArray<string> _shards;
    private readonly HashSet<string> _known;
    private readonly bool _shared;
    private bool _lenient;
    private readonly Dictionary<string, string> _followersIn = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _leaderIn = new(StringComparer.Ordinal);
    private readonly List<PlannedStage> _stages = [];
    private readonly List<(string Shard, int Stage, string Roles)> _takes = [];
    private int _percent;

    /// <param name="component">Whose shards these are.</param>
    /// <param name="shards">Names of all its shards.</param>
    /// <param name="shared">
    /// Stages that name no component were not written for this one alone (the profile's own, or one list for several components), so one that finds no shard left is dropped; its gate moves to the stage before.
    /// </param>
    public StageResolver(string component, IEnumerable<string> shards, EngineProfile profile, bool shared, PlanErrors errors)
    {
        (_component, _shards, _profile, _shared, _errors) = (component, [.. shards.Order(StringComparer.Ordinal)], profile, shared, errors);
        _known = _shards.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Which stage takes which shard, in the order of the stages; a stage by its place in the list.</summary>
    public IReadOnlyList<(string Shard, int Stage, string Roles)> Takes => _takes;

    /// <summary>Sorted.</summary>
    public ImmutableArray<string> All => _shards;

    /// <param name="pointers">The pointer of each stage, for errors; empty for stages that are not in the text.</param>
    public ImmutableArray<PlannedStage> Resolve(ImmutableArray<StageSpec> stages, Func<int, string> pointers)
    {
        for (var i = 0; i < stages.Length; i++)
            if (stages[i].Component is null || stages[i].Component == _component)
                Add(stages[i], i, pointers(i));
        Covered(pointers(-1));
        return [.. _stages];
    }

    private void Add(StageSpec stage, int index, string pointer)
    {
        _lenient = _shared && stage.Component is null;
        if (stage.Roles != "all" && !_profile.HasLeader)
            _errors.Add(Pointer.Child(pointer, "roles"), $"The profile {_profile.Name} knows no leader, so a stage cannot be for '{stage.Roles}'.", "all");
        if (stage.Gate?.At == "BeforeSwitchover" && !_profile.HasLeader)
            _errors.Add($"{pointer}/gate/at", $"The profile {_profile.Name} knows no leader, so there is no switchover to ask before.", "BeforeStage");
        if (stage.ShardsAtOnce is { } atOnce && atOnce > Math.Max(1, _shards.Length))
            _errors.Add($"{pointer}/shardsAtOnce", $"Component {_component} has {Shards(_shards.Length)}, so {atOnce} cannot be in flight at once.", $"1 to {_shards.Length}");
        var chosen = Choose(stage, pointer);
        if (chosen.IsEmpty)
        {
            FoldGate(stage);
            return;
        }
        foreach (var shard in chosen)
        {
            Take(shard, stage, pointer);
            _takes.Add((shard, index, stage.Roles));
        }
        _stages.Add(new PlannedStage
        {
            Name = stage.Name,
            Shards = chosen,
            Roles = stage.Roles,
            ShardsAtOnce = stage.ShardsAtOnce ?? _profile.ShardsAtOnce,
            Gate = stage.Gate,
            Soak = stage.Soak,
            Hooks = stage.Hooks,
            Analyses = stage.Analyses,
        });
    }

    private ImmutableArray<string> Choose(StageSpec stage, string pointer)
    {
        var free = _shards.RemoveAll(s => Taken(s, stage.Roles));
        var selector = stage.Shards;
        if (!selector.Names.IsEmpty)
            return Named(selector.Names, pointer);
        if (selector.Count is { } count)
        {
            if (count > free.Length && !_lenient)
                _errors.Add($"{pointer}/shards/count", $"Stage '{stage.Name}' wants {Shards(count)} of component {_component}, but {(free.Length == _shards.Length ? "it has" : "earlier stages leave")} {Shards(free.Length)}.",
                    free.IsEmpty ? "leave the stage out" : $"1 to {free.Length}");
            return [.. free.Take(count)];
        }
        if (selector.Percent is { } percent)
        {
            if (stage.Roles != "leader")
                _percent += percent;
            if (_percent > 100 && !_lenient)
                _errors.Add($"{pointer}/shards/percent", $"With stage '{stage.Name}' the percentages of component {_component} add up to {_percent}.", "at most 100 in all");
            // Rounding up may ask for more than is left (3 x 34 % of 4 shards); the last stage then takes what there is.
            return NotNone([.. free.Take((int)(((long)_shards.Length * percent + 99) / 100))], stage, pointer);
        }
        return NotNone(free, stage, pointer);
    }

    private ImmutableArray<string> Named(ImmutableArray<string> names, string pointer)
    {
        var unknown = names.RemoveAll(_known.Contains);
        // One list of stages for several components: a name is in one of them. PlanBuilder checks that it is in any.
        if (!unknown.IsEmpty && !_lenient)
            _errors.Add($"{pointer}/shards/names", $"Component {_component} has no shard {string.Join(", ", unknown)}.", _shards.AsSpan());
        return [.. names.Where(_known.Contains).Order(StringComparer.Ordinal)];
    }

    private ImmutableArray<string> NotNone(ImmutableArray<string> chosen, StageSpec stage, string pointer)
    {
        if (chosen.IsEmpty && !_lenient)
            _errors.Add($"{pointer}/shards", $"Stage '{stage.Name}' has no shard of component {_component}: earlier stages have all {_shards.Length}.", "leave the stage out, or let an earlier one take fewer");
        return chosen;
    }

    /// <summary>A stage that falls away must not take its gate with it: somebody wanted to be asked before the last shards.</summary>
    private void FoldGate(StageSpec stage)
    {
        if (stage.Gate is not null && _stages.Count > 0 && _stages[^1].Gate is null)
            _stages[^1] = _stages[^1] with { Gate = stage.Gate };
    }

    private bool Taken(string shard, string roles) => roles switch
    {
        "followers" => _followersIn.ContainsKey(shard),
        "leader" => _leaderIn.ContainsKey(shard),
        _ => _followersIn.ContainsKey(shard) || _leaderIn.ContainsKey(shard),
    };

    private void Take(string shard, StageSpec stage, string pointer)
    {
        var (followers, leader) = (stage.Roles != "leader", stage.Roles != "followers");
        if (followers && _followersIn.TryGetValue(shard, out var first) || leader && _leaderIn.TryGetValue(shard, out first))
            _errors.Add($"{pointer}/shards", $"Shard {shard} of component {_component} is in stage '{first}' and again in stage '{stage.Name}'.", "each shard once");
        else if (leader && !followers && !_followersIn.ContainsKey(shard))
            _errors.Add($"{pointer}/roles", $"Stage '{stage.Name}' updates the leader of shard {shard} before any stage has updated its followers.", "a stage with roles: followers before it, or roles: all");
        if (followers)
            _followersIn.TryAdd(shard, stage.Name);
        if (leader)
            _leaderIn.TryAdd(shard, stage.Name);
    }

    private void Covered(string pointer)
    {
        Missing(_shards.RemoveAll(s => _followersIn.ContainsKey(s) || _leaderIn.ContainsKey(s)), "in no stage", pointer);
        Missing(_shards.RemoveAll(s => !_followersIn.ContainsKey(s) || _leaderIn.ContainsKey(s)), "in a stage for followers, but none updates the leader", pointer);
    }

    private void Missing(ImmutableArray<string> shards, string how, string pointer)
    {
        if (!shards.IsEmpty)
            _errors.Add(pointer, $"{(shards.Length == 1 ? "Shard" : "Shards")} {string.Join(", ", shards)} of component {_component} {(shards.Length == 1 ? "is" : "are")} {how}.", "a last stage with shards: rest");
    }

    private static string Shards(int count) => count == 1 ? "1 shard" : $"{count} shards";
}
