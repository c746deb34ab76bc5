using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>
/// Before control is given back and the run says that every member runs its version, it looks: a shard that was finished and has left its version since (somebody wrote the template, and a Pod took it) is
/// no success. A person finds out who did it; Retry opens the shard again.
/// </summary>
internal sealed class StillOnTarget(DecisionBuilder b, PlanIndex index)
{
    private const string Rule = "PlanDiverged";

    /// <summary>True when nobody has left. While everything is held a shard can be opened again; once giving back has begun it is too late for that, and <see cref="Ended"/> has the last word.</summary>
    public bool Check()
    {
        if (b.Plan.Components.Any(c => b.Ledger.Step(StepIds.Release(c.Name)) is not null))
            return true;
        var left = Gone().ToList();
        if (left.Count == 0)
            return true;
        var (what, first) = (Sentence(left), left[0].Shard);
        if (b.Ledger.OpenSteps.Select(id => b.Ledger.Steps[id]).FirstOrDefault(s => s is { Kind: StepKind.Resume, Last.Status: null }) is { } giving)
        {
            b.Progress(giving.Id, new Reason($"Waiting for the answer to “{giving.Title}”. After it: {what}"));
            return false;
        }
        if (b.Ledger.LastPause is { } told && told.Reason.Text == what && b.Ledger.RetriedSeq > b.Ledger.LastPauseSeq)
            foreach (var (stage, s, _) in left)
                b.Record(new ShardReopened(s.Component.Name, stage.Name, s.Baseline.Name));
        else
            b.Pause(Said(left, $"Find out who wrote it (GitOps?), then press Retry to bring {first.Name} to {first.Component.To} once more; or roll back."), diverged: true);
        return false;
    }

    /// <summary>True when the run may say that every member runs its version.</summary>
    public bool Ended()
    {
        var left = Gone().ToList();
        if (left.Count > 0)
            b.Pause(Said(left, "Control has been given back already. Find out who wrote it, then abort this run and make a new plan; or roll back."), diverged: true);
        return left.Count == 0;
    }

    private IEnumerable<(PlannedStage Stage, ShardContext Shard, Instance Member)> Gone() =>
        from c in b.Plan.Components
        from stage in c.Stages
        from name in stage.Shards
        let s = index.Shard(b.State, c.Name, name)
        let member = s?.Members.FirstOrDefault(m => Left(s, stage, m))
        where member is not null
        select (stage, s, member);

    private static string Sentence(List<(PlannedStage Stage, ShardContext Shard, Instance Member)> left)
    {
        var (_, s, gone) = left[0];
        var asks = WorkloadOf(s, gone)?.TargetVersion;
        var what = ShardContext.RunsVersion(gone, s.Component.To) ? $"the template of {gone.Name} asks for {asks}, not for {s.Component.To}" : $"{gone.Name} runs {gone.Version}, not {s.Component.To}, and its template asks for {asks}";
        return $"{s.Name} was finished, but {what}{(left.Count > 1 ? $" (and {left.Count - 1} more like it)" : "")}.";
    }

    private Reason Said(List<(PlannedStage Stage, ShardContext Shard, Instance Member)> left, string next) => new(Sentence(left), Rule)
    {
        Evidence = [left[0].Shard.ReadyEvidence(left[0].Member), new Evidence($"{left[0].Member.Name} runs", left[0].Member.Version, "API server", b.State.Topology!.ObservedAt)], Next = next,
    };

    /// <summary>This stage brought it to its version, and it runs another, or would when its Pod is created anew.</summary>
    private bool Left(ShardContext s, PlannedStage stage, Instance m) =>
        m.Uid.Length > 0 && m.Phase is not ("Missing" or "Terminating") && !(ShardContext.RunsVersion(m, s.Component.To) && (WorkloadOf(s, m) is not { } w || ShardContext.AsksFor(w, s.Component.To))) && ShardWatch.Done(b.Ledger, s.Component, stage, s.Baseline.Name)
        && (stage.Roles == "all" || b.Ledger.Step(StepIds.Replace(s.Component.Name, s.Baseline.Name, m.Name)) is { Done: true } step && step.Stage == stage.Name);

    private static Workload? WorkloadOf(ShardContext s, Instance m) => s.Workloads.FirstOrDefault(w => m.Workload.Length == 0 || w.Name == m.Workload);
}
