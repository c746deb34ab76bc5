using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>Draws a run as people see it, from its plan, its ledger and the last decision. Pure.</summary>
internal static class RunProjection
{
    /// <summary>What the projection looks at.</summary>
    /// <param name="Decision">Null before the first, and for runs that are not driven.</param>
    /// <param name="Standstill">Why the run is not driven at all (read-only, another cluster), or null.</param>
    public sealed record Sources(RunRow Row, Plan Plan, Ledger Ledger, Decision? Decision, TopologySnapshot? Topology, Obstacle? Obstacle, string? RolledBackBy, RollbackOutlook? Rollback, Reason? Standstill, DateTimeOffset Now, bool SelfApproval)
    {
        /// <summary>Change freezes of the whole Rollcall.</summary>
        public ImmutableArray<WindowSpec> Freeze { get; init; } = [];
        /// <summary>What actions say that run now.</summary>
        public ImmutableDictionary<string, ActionOutput> Said { get; init; } = ImmutableDictionary<string, ActionOutput>.Empty;
    }

    public static RunView View(Sources s)
    {
        ArgumentNullException.ThrowIfNull(s);
        var (state, reason) = Standing(s);
        return new RunView
        {
            Id = s.Row.Id,
            PlanId = s.Plan.Id,
            PlanHash = s.Ledger.PlanHash.Length > 0 ? s.Ledger.PlanHash : s.Plan.Hash,
            PlanName = s.Plan.Spec.Name,
            Cluster = s.Row.Cluster,
            State = state,
            Reason = reason,
            Components = PlanProjection.Components(s.Plan),
            Stages = PlanProjection.Stages(s.Plan),
            Steps = StepProjection.Steps(s.Plan, s.Ledger, s.Decision, s.Obstacle, s.Said),
            Gates = GateProjection.Gates(s.Plan, s.Ledger, s.SelfApproval, s.Now),
            Obligations = [.. s.Ledger.Obligations.Values.OrderBy(o => o.Object, StringComparer.Ordinal).Select(o => new ObligationView(o.Kind, o.Object, o.Owner, o.Since, o.ReturnedAt is not null, o.Note))],
            Calendar = CalendarProjection.Of(s.Plan, s.Ledger, s.Freeze, s.Now),
            Totals = RunTotalsOf.Count(s.Plan, s.Ledger, s.Topology, s.Now),
            RollbackOf = s.Row.RollbackOf,
            Backwards = s.Plan.Direction == Direction.Rollback,
            Partial = s.Plan.Partial,
            RolledBackBy = s.RolledBackBy,
            Rollback = s.Rollback,
            StartedBy = s.Row.StartedBy,
            CreatedAt = s.Row.CreatedAt,
            StartedAt = s.Ledger.StartedAt,
            EndedAt = s.Ledger.EndedAt,
            Seq = s.Ledger.Seq,
            StopAfterMember = s.Ledger.Stop is not null,
        };
    }

    private static (RunState, Reason?) Standing(Sources s)
    {
        var ledger = s.Ledger;
        if (ledger.Final is { } final)
            return (final, ledger.FinalReason);
        if (s.Standstill is { } still)
            return (RunState.Waiting, still);
        if (ledger.Abort is null && ledger.Pause is { } pause)
            return (RunState.Paused, pause.Reason);
        if (s.Obstacle is { } obstacle)
            return (RunState.Waiting, obstacle.Reason);
        if (s.Decision is not { } decision)
            return ledger.StartedAt is null ? (RunState.Pending, null) : (RunState.Waiting, new Reason("Rollcall is looking at the cluster."));
        var state = decision.State is RunState.Pending ? RunState.Running : decision.State;
        return (state, decision.Reason ?? (state is RunState.Waiting or RunState.Paused ? new Reason("Nothing can start at the moment.") : null));
    }
}
