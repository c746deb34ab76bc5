using System.Collections.Immutable;
using Rollcall.Shared;
using Rollcall.Web.Model.Watching;

namespace Rollcall.Web.Model.Composing;

/// <param name="Then">What a rollback means from this step on, where that changes.</param>
public sealed record PreviewStepLine(PlanStep Step, string? Then);

public sealed record PreviewShard(string Title, string Summary, ImmutableArray<PreviewStepLine> Steps, bool Open);

/// <summary>A stage of the preview, with every step on which a shard's rollback gets harder marked where it happens.</summary>
public sealed record PreviewStage(string Key, string Title, string Summary, ImmutableArray<PreviewShard> Shards)
{
    public static ImmutableArray<PreviewStage> Of(PlanView plan)
    {
        var many = plan.Components.Length > 1;
        var then = Changes(plan.Steps);
        var opened = false;
        var stages = ImmutableArray.CreateBuilder<PreviewStage>();
        foreach (var stage in StepOutline.Of(plan.Steps))
        {
            var shards = ImmutableArray.CreateBuilder<PreviewShard>();
            foreach (var shard in stage.Shards)
            {
                // One shard told in full is enough to see the pattern; the others are a click away.
                var open = !opened && shard.Steps.Length > 1;
                opened |= open;
                var what = StepOutline.Summary(shard.Steps.Select(s => s.Kind));
                var seconds = shard.Steps.Sum(s => s.EstimateSeconds);
                shards.Add(new PreviewShard(
                    shard.Shard ?? stage.Stage,
                    what.Length == 0 ? $"≈ {Durations.Format(seconds)}" : $"{what} · ≈ {Durations.Format(seconds)}",
                    [.. shard.Steps.Select(s => new PreviewStepLine(s, then.GetValueOrDefault(s.Id)))],
                    open));
            }
            stages.Add(new PreviewStage(stage.Key, many && stage.Component.Length > 0 ? $"{stage.Component} · {stage.Stage}" : stage.Stage, StepOutline.Summary(stage.Steps.Select(s => s.Kind)), shards.ToImmutable()));
        }
        return stages.ToImmutable();
    }

    private static Dictionary<string, string> Changes(IEnumerable<PlanStep> steps)
    {
        var level = new Dictionary<string, Reversibility>(StringComparer.Ordinal);
        var then = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var step in steps.Where(s => s.Shard is not null))
        {
            var shard = $"{step.Component}/{step.Shard}";
            if (step.Reversibility > level.GetValueOrDefault(shard))
                then[step.Id] = $"after this step rollback of {step.Shard} becomes {step.Reversibility}";
            level[shard] = step.Reversibility;
        }
        return then;
    }
}
