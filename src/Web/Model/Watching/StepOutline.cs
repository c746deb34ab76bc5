using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

/// <summary>Steps in the order they happen, folded the way people talk about them: stage, then shard, then the single step.</summary>
/// <param name="Key">Stable across updates: component, stage and position.</param>
public sealed record StageGroup<TStep>(string Key, string Component, string Stage, ImmutableArray<ShardGroup<TStep>> Shards)
{
    public IEnumerable<TStep> Steps => Shards.SelectMany(shard => shard.Steps);
}

/// <param name="Shard">Null for steps that belong to no shard: hold, gate, soak, release.</param>
public sealed record ShardGroup<TStep>(string Key, string? Shard, ImmutableArray<TStep> Steps);

/// <summary>Folds a flat list of steps; the same for a plan's prediction and a run's record, so that the two read alike.</summary>
public static class StepOutline
{
    public static ImmutableArray<StageGroup<PlanStep>> Of(IEnumerable<PlanStep> steps) => Fold(steps, s => (s.Component, s.Stage, s.Shard));

    public static ImmutableArray<StageGroup<StepView>> Of(IEnumerable<StepView> steps) => Fold(steps, s => (s.Component, s.Stage, s.Shard));

    /// <summary>"3 replaced, 1 switchover": what a group does, in words.</summary>
    public static string Summary(IEnumerable<StepKind> kinds)
    {
        int replaced = 0, switchovers = 0;
        foreach (var kind in kinds)
        {
            replaced += kind is StepKind.Replace ? 1 : 0;
            switchovers += kind is StepKind.Switchover ? 1 : 0;
        }
        return (replaced, switchovers) switch
        {
            (0, 0) => "",
            (_, 0) => Words.Count(replaced, "member"),
            (0, _) => Words.Count(switchovers, "switchover"),
            _ => $"{Words.Count(replaced, "member")}, {Words.Count(switchovers, "switchover")}",
        };
    }

    private static ImmutableArray<StageGroup<TStep>> Fold<TStep>(IEnumerable<TStep> steps, Func<TStep, (string Component, string Stage, string? Shard)> where)
    {
        var stages = new List<(string Component, string Stage, List<(string? Shard, List<TStep> Steps)> Shards)>();
        foreach (var step in steps)
        {
            var (component, stage, shard) = where(step);
            // Something unplanned may stand between two steps of a stage; the stage is still one.
            var shards = stages.FirstOrDefault(s => s.Component == component && s.Stage == stage).Shards;
            if (shards is null)
                stages.Add((component, stage, shards = []));
            // Shards in flight together take turns in the list; each still reads as one story. A step without a shard stands where it happens.
            var home = shard is null ? null : shards.FirstOrDefault(s => s.Shard == shard).Steps;
            if (home is null)
                shards.Add((shard, home = []));
            home.Add(step);
        }
        return [.. stages.Select((s, i) => new StageGroup<TStep>(
            $"{i}/{s.Component}/{s.Stage}", s.Component, s.Stage,
            [.. s.Shards.Select((g, j) => new ShardGroup<TStep>($"{i}/{g.Shard ?? $"#{j}"}", g.Shard, [.. g.Steps]))]))];
    }
}
