using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>
/// Before control is given back and the run says that every member runs its version, it looks: a shard that was finished and has left its version since (somebody wrote the template, and a Pod took it) is
/// no success. A person finds out who did it; Retry opens the shard again.
/// </summary>
internal sealed class StillOnTarget(DecisionBuilder b, PlanIndex index)
{
    private const string Rule = "PlanDiverged";

    /// <summary>True when nobody has left. Asked only as long as the cluster is held: what its owner does afterwards is his affair.</summary>
    public bool Check()
    {
        if (b.Plan.Components.All(c => b.Ledger.Step(StepIds.Release(c.Name)) is { Done: true }))
            return true;
        var left = new List<(PlannedStage Stage, ShardContext Shard, Instance Member)>();
        foreach (var c in b.Plan.Components)
            foreach (var stage in c.Stages)
                foreach (var name in stage.Shards)
                    if (index.Shard(b.State, c.Name, name) is { } s && s.Members.FirstOrDefault(m => Left(s, stage, m)) is { } member)
                        left.Add((stage, s, member));
        if (left.Count == 0)
            return true;
        var (_, first, gone) = left[0];
        var asks = WorkloadOf(first, gone)?.TargetVersion;
        var what = ShardContext.RunsVersion(gone, first.Component.To) ? $"The template of {gone.Name} asks for {asks}, not for {first.Component.To}" : $"{gone.Name} runs {gone.Version}, not {first.Component.To}, and its template asks for {asks}";
        var reason = new Reason($"{what}, although {first.Name} was finished{(left.Count > 1 ? $" (and {left.Count - 1} more like it)" : "")}.", Rule)
        {
            Evidence = [first.ReadyEvidence(gone), new Evidence($"{gone.Name} runs", gone.Version, "API server", b.State.Topology!.ObservedAt)],
            Next = $"Find out who wrote it (GitOps?), then press Retry to bring {first.Name} to {first.Component.To} once more; or roll back.",
        };
        if (b.Ledger.LastPause is { } told && told.Reason.Text == reason.Text && b.Ledger.RetriedSeq > b.Ledger.LastPauseSeq)
            foreach (var (stage, s, _) in left)
                b.Record(new ShardReopened(s.Component.Name, stage.Name, s.Baseline.Name));
        else
            b.Pause(reason, diverged: true);
        return false;
    }

    /// <summary>This stage brought it to its version, and it runs another, or would when its Pod is created anew.</summary>
    private bool Left(ShardContext s, PlannedStage stage, Instance m) =>
        m.Uid.Length > 0 && m.Phase is not ("Missing" or "Terminating") && !(ShardContext.RunsVersion(m, s.Component.To) && (WorkloadOf(s, m) is not { } w || ShardContext.AsksFor(w, s.Component.To))) && ShardWatch.Done(b.Ledger, s.Component, stage, s.Baseline.Name)
        && (stage.Roles == "all" || b.Ledger.Step(StepIds.Replace(s.Component.Name, s.Baseline.Name, m.Name)) is { Done: true } step && step.Stage == stage.Name);

    private static Workload? WorkloadOf(ShardContext s, Instance m) => s.Workloads.FirstOrDefault(w => m.Workload.Length == 0 || w.Name == m.Workload);
}
