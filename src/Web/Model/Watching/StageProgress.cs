using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

/// <summary>One box of the stage strip.</summary>
public sealed record StageProgress(int Number, string Title, string Detail, StepState State, int Replaced, int ToReplace)
{
    /// <summary>The plan's stages in order, and the giving back at the end as the last of them, because a run is not over before it.</summary>
    public static ImmutableArray<StageProgress> Of(RunView run)
    {
        var many = run.Stages.Select(s => s.Component).Distinct(StringComparer.Ordinal).Skip(1).Any();
        var strip = ImmutableArray.CreateBuilder<StageProgress>();
        var seen = Timeline.AsSeen(run);
        foreach (var stage in run.Stages)
        {
            var steps = seen.Where(s => s.Stage == stage.Name && s.Component == stage.Component).ToArray();
            var replacements = steps.Where(s => s.Kind is StepKind.Replace).ToArray();
            strip.Add(new StageProgress(
                strip.Count + 1,
                many ? $"{stage.Component} · {stage.Name}" : stage.Name,
                Describe(stage, run.Gates.FirstOrDefault(g => g.Stage == stage.Name && g.Component == stage.Component)),
                steps.Length == 0 ? StepState.Skipped : Timeline.StateOf([.. steps.Select(s => s.State)], run.State),
                replacements.Count(s => s.State is StepState.Succeeded),
                replacements.Length));
        }
        var releases = seen.Where(s => s.Kind is StepKind.Release).ToArray();
        if (releases.Length > 0)
            strip.Add(new StageProgress(strip.Count + 1, "Release", "give control back", Timeline.StateOf([.. releases.Select(s => s.State)], run.State), 0, 0));
        return strip.ToImmutable();
    }

    private static string Describe(PlanStageView stage, GateView? gate)
    {
        var parts = new List<string> { stage.Shards.Length == 1 ? stage.Shards[0] : stage.Shards.IsEmpty ? "whole cluster" : Words.Count(stage.Shards.Length, "shard") };
        if (stage.Roles != "all")
            parts.Add(stage.Roles == "leader" ? "leaders only" : "followers only");
        if (stage.SoakSeconds > 0)
            parts.Add($"soak {Durations.Format(stage.SoakSeconds)}");
        if (gate is not null)
        {
            var given = gate.Approvals.Where(a => !a.Void).Select(a => a.By).Distinct(StringComparer.Ordinal).Count();
            parts.Add(gate.State is GateState.Rejected or GateState.Bypassed ? gate.State.ToString().ToLowerInvariant() : $"{given} of {gate.Required} approved");
        }
        else if (stage.Gate is { } planned)
        {
            parts.Add(Words.Count(planned.Approvals, "approval"));
        }
        return string.Join(" · ", parts);
    }
}
