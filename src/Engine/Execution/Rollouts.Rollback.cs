using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

public sealed partial class Rollouts
{
    /// <summary>What a rollback would do now, step by step.</summary>
    /// <param name="only">"component/shard": only this shard; null for all.</param>
    public Task<Result<PlanView>> RollbackPreviewAsync(string runId, string? only, Caller caller, CancellationToken ct)
    {
        // Looking changes nothing: a token that only reads may.
        if (Deny(caller with { Scope = caller.Scope with { ReadOnly = false } }, Caller.Operator, "roll back") is { } denied)
            return Task.FromResult<Result<PlanView>>(denied);
        if (_library.Find(runId) is not { } book)
            return Task.FromResult<Result<PlanView>>(new Refusal(RefusalKind.NotFound, $"There is no run {runId}."));
        if (OutOfReach(caller, book.Plan.Cluster) is { } outOfReach)
            return Task.FromResult<Result<PlanView>>(outOfReach);
        return Task.Run<Result<PlanView>>(() =>
        {
            if (NoWayBack(book, only) is { } refusal)
                return refusal;
            var seen = InSight(book.Plan.Cluster);
            if (!seen.Ok)
                return seen.Refusal;
            var plan = _planning.Rollback(Request(book, book.Ledger, seen.Value, "", only, caller));
            return plan.Ok ? PlanProjection.View(plan.Value, stored: false) with { WayBack = WayBackBrief.Of(book.Plan, plan.Value, seen.Value) } : plan.Refusal;
        }, ct);
    }

    /// <summary>Takes back all that the run did.</summary>
    public Task<Result<RunView>> RollbackAsync(string runId, string reason, Caller caller, CancellationToken ct) => RollbackAsync(runId, null, reason, caller, ct);

    /// <summary>
    /// Takes back what the run did, at any point of it or after it. An active run ends as Aborted; its Lease, holds and obligations pass to the new run in the same transaction. Asking twice gives the
    /// same rollback run. A rollback is taken back by the first plan again, gates included. With <paramref name="only"/> ("component/shard") one shard goes back and the others stay where they are.
    /// </summary>
    public async Task<Result<RunView>> RollbackAsync(string runId, string? only, string reason, Caller caller, CancellationToken ct)
    {
        if (Deny(caller, Caller.Operator, "roll back") is { } denied)
            return Refused(caller, AuditActions.RollBack, $"run {runId}", denied);
        if (_library.Find(runId) is not { } book)
            return new Refusal(RefusalKind.NotFound, $"There is no run {runId}.");
        if (OutOfReach(caller, book.Plan.Cluster) is { } outOfReach)
            return Refused(caller, AuditActions.RollBack, $"run {runId}", outOfReach, book.Plan.Cluster);
        if (NoWayBack(book, only) is { } noWay)
            return noWay;
        if (await MayByHandAsync(caller, AuditActions.RollBack, book.Plan.Cluster, ct) is { } byHand)
            return byHand;
        using var alone = await AloneOnAsync(book.Plan.Cluster, ct);
        if (_journal.RollbacksOf(runId).Where(r => r.EndedAt is null || r.Final == RunState.Succeeded).Select(r => _library.Find(r.Id)).FirstOrDefault(b => b is not null && SameScope(b.Plan, only)) is { } running)
            return _library.View(running);
        if (Occupied(book.Plan.Cluster, except: book) is { } occupied)
            return occupied;
        var seen = InSight(book.Plan.Cluster);
        if (!seen.Ok)
            return seen.Refusal;
        if (HeldByOthers(seen.Value) is { } foreign)
            return foreign;
        if (await TakeCustodyAsync(book.Plan.Cluster, runId, ct) is { } refused)
            return refused;
        return await HandOverAsync(book, seen.Value, only, reason, caller, ct);
    }

    private async Task<Result<RunView>> HandOverAsync(RunBook book, TopologySnapshot seen, string? only, string reason, Caller caller, CancellationToken ct)
    {
        // After an aborted attempt to finish, the hold is that attempt's, not the first run's.
        var holder = Holder(seen) is { } other && other != book ? other : null;
        var holderTurn = holder is null ? null : await holder.TakeTurnAsync(ct);
        try
        {
            using var turn = await book.TakeTurnAsync(ct);
            var built = _planning.Rollback(Request(book, turn.Ledger, seen, Ids.New('p'), only, caller));
            if (!built.Ok)
                return built.Refusal;
            var plan = built.Value;
            if (turn.Ledger.Terminal && Outdated(plan, seen) is { } outdated)
                return outdated;

            var row = NewRun(plan, caller, book.Id);
            var (taken, given) = PassOn(turn.Ledger, row.Id, plan);
            var (takenToo, givenToo) = PassOn(holderTurn?.Ledger, row.Id, plan);
            var first = new JournalBatch(row.Id, 1, row.CreatedAt, [new RunStarted(plan.Id, plan.Hash) { Actor = caller.Name }, .. taken, .. takenToo]) { By = caller };
            RunEvent[] end = turn.Ledger.Terminal
                ? [.. given]
                : [
                    new RollbackRequested(row.Id, reason) { Actor = caller.Name }, .. given,
                    new RunFinished(RunState.Aborted, new Reason($"{(only is null ? plan.Direction == Direction.Forward ? "Turned forward again" : "Rolled back" : $"Ended for the rollback of {only}")} by {caller.Name}{Because(reason)} Run {row.Id} {(plan.Direction == Direction.Forward ? "goes on" : "takes it back")}{(plan.Partial ? "; the other shards stay where they are" : "")}.")) { Actor = caller.Name },
                ];
            var last = turn.Prepare([.. end]) with { By = caller };
            var lastToo = holderTurn?.Prepare(givenToo);
            try
            {
                await _journal.HandOverAsync(plan, row, first, lastToo is null ? [last] : [last, lastToo]);
            }
            catch
            {
                turn.Tear();
                holderTurn?.Tear();
                throw;
            }
            // Before the end is to be seen: nobody shall read of an aborted run without what took it back.
            if (only is null)
                book.RolledBackBy = row.Id;
            turn.Fold(last);
            if (lastToo is not null)
                holderTurn!.Fold(lastToo);
            LogCommand(_tools.Log, caller.Name, "Rollback", book.Id, reason);
            var next = Launch(row, plan, first, _supervisor.DrainAsync(book.Id));
            return _library.View(next);
        }
        finally
        {
            holderTurn?.Dispose();
        }
    }

    private RollbackRequest Request(RunBook book, Ledger ledger, TopologySnapshot seen, string planId, string? only, Caller caller) =>
        new(book.Id, book.Plan, ledger, seen, planId, caller.Name, _tools.Time.GetUtcNow()) { Only = only, Original = book.Plan.Direction == Direction.Rollback ? Original(book)?.Plan : null };

    private RunBook? Original(RunBook rollback) => rollback.Plan.RollbackOf is { } first ? _library.Find(first) : null;

    private static bool SameScope(Plan plan, string? only) =>
        only is null ? !plan.Partial : plan.Components.SelectMany(c => c.Shards.Select(s => Ledger.ShardKey(c.Name, s.Name))).ToList() is [var one] && one == only;

    private Refusal? NoWayBack(RunBook book, string? only) => book.Plan.Direction switch
    {
        Direction.Rollback when Original(book) is null => new Refusal(RefusalKind.Conflict, $"The run that {book.Id} took back is not known any more; to go forward again, start a plan for the newer version."),
        Direction.Rollback when only is not null => new Refusal(RefusalKind.Conflict, "A rollback is taken back as a whole. To bring one shard forward, start a plan that names it."),
        _ => null,
    };

    /// <summary>rollback.automatic, or a gate's onDeadline: rollback. When it is refused, the pause says so; a person decides.</summary>
    private async Task RollBackByPlanAsync(RunBook book, Reason why)
    {
        var result = await RollbackAsync(book.Id, null, why.Text, Caller.System, CancellationToken.None);
        if (result.Ok)
            return;
        LogNoRollback(_tools.Log, book.Id, result.Refusal.Message);
        using var turn = await book.TakeTurnAsync(CancellationToken.None);
        if (!turn.Ledger.Terminal)
            await turn.AppendAsync(new RunPaused(why with { Text = $"{why.Text.TrimEnd('.')}. The plan orders a rollback, but: {result.Refusal.Message}" }));
    }
}
