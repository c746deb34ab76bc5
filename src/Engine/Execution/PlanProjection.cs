using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>A plan as people see it.</summary>
internal static class PlanProjection
{
    /// <param name="stored">False for a preview: it has no id that could be asked for.</param>
    public static PlanView View(Plan plan, bool stored) => new()
    {
        Id = stored ? plan.Id : "",
        Hash = plan.Hash,
        Cluster = plan.Cluster.ToString(),
        Name = plan.Spec.Name,
        Components = Components(plan),
        Stages = Stages(plan),
        Steps = plan.Steps,
        Findings = plan.Findings,
        Totals = plan.Totals,
        EstimatedFrom = plan.EstimatedFrom,
        Quorum = plan.Quorum.IsDefault ? [] : plan.Quorum,
        Spec = plan.SpecText,
        Profile = plan.Profile.Name,
        RollbackOf = plan.RollbackOf,
        RollbackNotes = RollbackNotes(plan),
        CreatedBy = stored ? plan.CreatedBy : null,
        CreatedAt = stored ? plan.CreatedAt : null,
    };

    public static ImmutableArray<PlanComponentView> Components(Plan plan) => [.. plan.Components.Select(c => new PlanComponentView(c.Name, c.From.Version, c.To.Version) { Writes = Writes(plan, c) })];

    private static ImmutableArray<PlannedWrite> Writes(Plan plan, PlannedComponent component) =>
    [
        .. component.Targets.SelectMany(t => Writes(plan, t).Select(w => (Write: w, t.Workload))).GroupBy(w => w.Write)
            .Select(g => new PlannedWrite(g.Key.What, g.Key.From, g.Key.To, [.. g.Select(w => w.Workload).Order(StringComparer.Ordinal)])),
    ];

    private static IEnumerable<(string What, string From, string To)> Writes(Plan plan, WorkloadTarget target)
    {
        var (from, to) = (target.From, target.To);
        if (plan.Kind == ClusterKind.Cluster)
        {
            if (from.Version != to.Version)
                yield return ("serviceVersion", from.Version, to.Version);
            if (to.ComponentDef.Length > 0 && from.ComponentDef != to.ComponentDef)
                yield return ("componentDef", from.ComponentDef, to.ComponentDef);
        }
        foreach (var (container, image) in to.Images)
            if (from.Images.GetValueOrDefault(container) is var old && old != image)
                yield return ($"image {container}", old ?? "", image);
    }

    public static ImmutableArray<PlanStageView> Stages(Plan plan) =>
        [.. plan.Components.SelectMany(c => c.Stages.Select(s => new PlanStageView { Name = s.Name, Component = c.Name, Shards = s.Shards, Gate = s.Gate, SoakSeconds = s.Soak.TotalSeconds, Roles = s.Roles, Hooks = s.Hooks, Analyses = s.Analyses }))];

    private static ImmutableArray<string> RollbackNotes(Plan plan)
    {
        if (plan.Direction == Direction.Rollback)
            return [];
        var notes = ImmutableArray.Create("L0, before a shard's switchover: replaced followers go back, leadership has not moved.");
        return [.. notes.Concat(plan.Components.Select(c => plan.Profile.For(c.Name)).Where(p => p.HasLeader || plan.Components.Length == 1).SelectMany(p => Notes(p.Rollback))).Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Notes(RollbackPolicy policy)
    {
        yield return policy.AfterSwitchover switch
        {
            "no" => $"L1, after a shard's switchover: no way back. {policy.Alternative}",
            "ifReadable" => "L1, after a shard's switchover: back only where the older version reads the newer one's files.",
            _ => "L1, after a shard's switchover: every member goes back; the leader is handed over first.",
        };
        if (policy.Note.Length > 0)
            yield return policy.Note;
    }
}
