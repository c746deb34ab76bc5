using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>The backup that a plan wants before a component is touched: found fresh enough, taken, or waited for. Once it is there the run goes on, however long it then takes.</summary>
internal sealed class Backups(DecisionBuilder b, Settling settling)
{
    /// <summary>True when the component may be touched.</summary>
    public bool Ready(PlannedComponent c, PlannedStage stage)
    {
        if (b.Plan.Spec.Safety.Backup is not { } spec || b.Plan.Direction == Direction.Rollback)
            return true;
        var id = StepIds.Backup(c.Name);
        var step = b.Ledger.Step(id);
        if (step is { Done: true })
            return true;
        if (step is { Open: true } && !settling.MayRetry(id) || step is null && !b.MayBegin(id))
            return false;
        var fresh = BackupFresh.Check(b.State, c.Name);
        if (spec.MaxAge is not null && fresh.Allows)
        {
            var newest = BackupFresh.Newest(b.State.Topology!, c.Name)!;
            if (step is null)
                b.Record(new StepStarted(id, StepKind.Backup, c.Name, stage.Name, null, null, 1, null) { Title = $"Backup of {c.Name} is fresh" });
            b.Record(new StepFinished(id, step?.Last.Number ?? 1, StepState.Succeeded, new Reason($"{newest.Name} is {ShardContext.Duration(b.Now - newest.CompletedAt!.Value)} old.", BackupFresh.Name)) { Evidence = [BackupFresh.Evidence(newest)] });
            return false;
        }
        if (spec.Take is not { } take)
        {
            b.Wait(id, fresh.Reason!, fresh.WakeAt);
            return false;
        }
        if (NoConcurrentOps.Check(b.State) is { Allows: false } busy)
        {
            b.Wait(id, busy.Reason!, busy.WakeAt);
            return false;
        }
        var act = new ActionAct(id, c.Name, null, null, take) { Stage = stage.Name, Point = "Backup" };
        b.Offer(new StepStarted(id, StepKind.Backup, c.Name, stage.Name, null, null, (step?.Last.Number ?? 0) + 1, act)
        {
            Title = $"Back {c.Name} up by {take.Backup!.Method}",
            Evidence = fresh.Reason is { } why ? [.. why.Evidence] : [],
        }, act);
        return false;
    }
}
