using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

public sealed partial class Rollouts
{
    /// <summary>
    /// Starts a plan. A cluster that is still held by an ended run of ours (aborted) is taken over with its obligations: that is how such a run is finished.
    /// </summary>
    /// <param name="bypassFreeze">Why an admin starts it in spite of a change freeze.</param>
    public async Task<Result<RunView>> StartRunAsync(string planId, Caller caller, CancellationToken ct, string? bypassFreeze = null)
    {
        if (Deny(caller, Caller.Operator, "start runs") is { } denied)
            return Refused(caller, AuditActions.Start, $"plan {planId}", denied);
        if (_journal.FindPlan(planId) is not { } plan)
            return new Refusal(RefusalKind.NotFound, $"There is no plan {planId}.");
        if (OutOfReach(caller, plan.Cluster) is { } outOfReach)
            return Refused(caller, AuditActions.Start, $"plan {planId}", outOfReach, plan.Cluster);
        if (await MayByHandAsync(caller, AuditActions.Start, plan.Cluster, ct) is { } byHand)
            return byHand;
        using var alone = await AloneOnAsync(plan.Cluster, ct);
        if (Occupied(plan.Cluster, except: null) is { } occupied)
            return occupied;
        var seen = InSight(plan.Cluster);
        if (!seen.Ok)
            return seen.Refusal;
        if (Outdated(plan, seen.Value) is { } outdated)
            return outdated;
        if (HeldByOthers(seen.Value) is { } foreign)
            return foreign;
        var thawed = Thawed(plan, bypassFreeze, caller);
        if (!thawed.Ok)
            return thawed.Refusal;

        var row = NewRun(plan, caller, plan.RollbackOf);
        if (await TakeCustodyAsync(plan.Cluster, row.Id, ct) is { } refused)
            return refused;
        var holder = Holder(seen.Value);
        var holderTurn = holder is null ? null : await holder.TakeTurnAsync(ct);
        try
        {
            var (taken, given) = PassOn(holderTurn?.Ledger, row.Id, plan);
            var first = new JournalBatch(row.Id, 1, row.CreatedAt, [new RunStarted(plan.Id, plan.Hash) { Actor = caller.Name }, .. thawed.Value, .. taken]) { By = caller };
            var last = holderTurn is null || given.IsEmpty ? null : holderTurn.Prepare(given);
            if (await _journal.CreateRunAsync(row, first, last) is { } other)
                return OccupiedBy(plan.Cluster, other);
            if (last is not null)
                holderTurn!.Fold(last);
            return _library.View(Launch(row, plan, first, Task.CompletedTask));
        }
        finally
        {
            holderTurn?.Dispose();
        }
    }

    public Task<Result<RunView>> PauseAsync(string runId, string reason, Caller caller, CancellationToken ct) =>
        CommandAsync(runId, caller, Caller.Operator, "pause runs", reason, ledger => ledger.Pause is not null
            ? Say()
            : Say(new RunPaused(new Reason($"Paused by {caller.Name}{Because(reason)}") { Next = "Press Resume to go on." })), ct);

    public Task<Result<RunView>> ResumeAsync(string runId, string reason, Caller caller, CancellationToken ct) =>
        CommandAsync(runId, caller, Caller.Operator, "resume runs", reason, ledger => ledger.Pause is null
            ? new Refusal(RefusalKind.Conflict, "The run is not paused; there is nothing to resume.")
            : Say(new RunResumed(Retry: false, reason)), ct);

    /// <summary>Goes on, and what failed may be attempted again.</summary>
    public Task<Result<RunView>> RetryAsync(string runId, string reason, Caller caller, CancellationToken ct) =>
        CommandAsync(runId, caller, Caller.Operator, "retry runs", reason, ledger => ledger.Pause is null
            ? new Refusal(RefusalKind.Conflict, "The run is not paused; there is nothing to retry.")
            : Say(new RunResumed(Retry: true, reason)), ct);

    /// <summary>Ends the run. What is held is given back only if every member runs one version and is Ready; otherwise it stays held, and says so.</summary>
    public Task<Result<RunView>> AbortAsync(string runId, string reason, Caller caller, CancellationToken ct) =>
        CommandAsync(runId, caller, Caller.Operator, "abort runs", reason, ledger => ledger.Abort is not null ? Say() : Say(new AbortRequested(reason)), ct);

    /// <summary>Finish the member in hand, then pause.</summary>
    public Task<Result<RunView>> StopAfterMemberAsync(string runId, bool on, string reason, Caller caller, CancellationToken ct) =>
        CommandAsync(runId, caller, Caller.Operator, "stop runs", reason, ledger => ledger.Stop is not null == on ? Say() : Say(new StopAfterMemberRequested(on, reason.Trim())), ct);

    private async Task<Result<RunView>> CommandAsync(string runId, Caller caller, string role, string what, string comment, Func<Ledger, Result<ImmutableArray<RunEvent>>> command, CancellationToken ct)
    {
        if (Deny(caller, role, what) is { } denied)
            return Refused(caller, ActionOf(what), $"run {runId}", denied);
        if (_library.Find(runId) is not { } book)
            return new Refusal(RefusalKind.NotFound, $"There is no run {runId}.");
        if (OutOfReach(caller, book.Plan.Cluster) is { } outOfReach)
            return Refused(caller, ActionOf(what), $"run {runId}", outOfReach, book.Plan.Cluster);
        if (ActionOf(what) is var action and (AuditActions.Resume or AuditActions.Retry) && await MayByHandAsync(caller, action, book.Plan.Cluster, ct) is { } byHand)
            return byHand;
        if (book.Row.Origin != _identity.Origin)
            return new Refusal(RefusalKind.Conflict, $"Run {runId} belongs to the clusters of {book.Row.Origin}; start Rollcall with them first.");
        using (var turn = await book.TakeTurnAsync(ct))
        {
            if (turn.Ledger.Final is { } final)
                return new Refusal(RefusalKind.Conflict, $"Run {runId} has ended ({final}).") { RunId = runId };
            var events = command(turn.Ledger);
            if (!events.Ok)
                return Refused(caller, ActionOf(what), $"run {runId}", events.Refusal, book.Plan.Cluster);
            if (!events.Value.IsEmpty)
            {
                await turn.AppendAsync(caller, [.. events.Value.Select(e => e with { Actor = caller.Name })]);
                LogCommand(_tools.Log, caller.Name, events.Value[0].GetType().Name, runId, comment);
            }
        }
        return _library.View(book);
    }

    private RunBook Launch(RunRow row, Plan plan, JournalBatch first, Task predecessor)
    {
        var book = _library.Add(row, plan, Ledger.Fold(first.Events.Select((e, i) => (first.FirstSeq + i, first.At, e))));
        book.Tell(Ledger.Empty, first);
        _supervisor.Launch(book, predecessor);
        return book;
    }

    private RunRow NewRun(Plan plan, Caller caller, string? rollbackOf) => new()
    {
        Id = Ids.New('r'), PlanId = plan.Id, Cluster = plan.Cluster.ToString(), Origin = _identity.Origin, RollbackOf = rollbackOf, StartedBy = caller.Name, CreatedAt = _tools.Time.GetUtcNow(),
    };

    private Refusal? Occupied(ClusterKey cluster, RunBook? except) =>
        _library.ActiveOn(cluster) is { } active && active != except ? OccupiedBy(cluster, active.Id) : null;

    private static Refusal OccupiedBy(ClusterKey cluster, string run) =>
        new(RefusalKind.Conflict, $"{cluster} has an active run already: {run}.") { RunId = run };

    private Result<TopologySnapshot> InSight(ClusterKey cluster) => _tools.Catalog.Find(cluster) switch
    {
        null => new Refusal(RefusalKind.Unavailable, $"{cluster} is not to be seen now."),
        { Current.Connected: false } store => new Refusal(RefusalKind.Unavailable, $"The Kubernetes API has not been heard since {store.Current.ObservedAt:HH:mm:ss} UTC; nothing can be started on {cluster} now."),
        { } store => store.Current,
    };

    private Refusal? Outdated(Plan plan, TopologySnapshot now)
    {
        var changed = PlanDrift.Since(plan, now);
        if (changed.IsEmpty)
            return null;
        var rebuilt = _planning.Profile(now.Profile) is { } profile && plan.Direction == Direction.Forward ? _planning.Build(new PlanRequest(plan.Spec, plan.SpecText, now, profile, "", plan.CreatedBy, plan.CreatedAt)) : default;
        return new Refusal(RefusalKind.Conflict, $"{plan.Cluster} is not as it was when the plan was made; make the plan again.") { Changed = changed, PlanHash = rebuilt.Value?.Hash };
    }

    private Refusal? HeldByOthers(TopologySnapshot now) => now.Held is { } held && held.Owner != _identity.Owner
        ? new Refusal(RefusalKind.Conflict, $"{now.Cluster} is held by {held.Owner} (run {held.Run}{(held.Since is { } since ? $", since {since:yyyy-MM-dd HH:mm} UTC" : "")}). Finish or release it there, or release it here.")
        : null;

    private async Task<Refusal?> TakeCustodyAsync(ClusterKey cluster, string run, CancellationToken ct)
    {
        using var keeper = new CustodyKeeper(_tools.Custody, cluster, _identity.Owner, run, _tools.Time, _tools.Log);
        var taken = await keeper.RenewAsync(ct);
        return taken.Status switch
        {
            ActStatus.Accepted => null,
            ActStatus.Refused => new Refusal(RefusalKind.Conflict, taken.Reason.Text),
            _ => new Refusal(RefusalKind.Unavailable, taken.Reason.Text),
        };
    }

    /// <summary>The ended run of ours whose hold is still on the cluster.</summary>
    private RunBook? Holder(TopologySnapshot now) =>
        now.Held is { } held && held.Owner == _identity.Owner && _library.Find(held.Run) is { Ledger.Terminal: true } book ? book : null;

    private (ImmutableArray<RunEvent> Taken, ImmutableArray<RunEvent> Given) PassOn(Ledger? from, string to, Plan plan)
    {
        if (from is null)
            return ([], []);
        // What a plan for one shard does not touch stays with the run that took it.
        var ours = plan.Partial ? plan.Components.SelectMany(c => c.Targets.Select(t => Obligations.Object(plan.Kind, plan.Cluster, t.Workload))).ToHashSet(StringComparer.Ordinal) : null;
        var open = Obligations.Outstanding(from).Where(o => ours?.Contains(o.Object) != false).ToList();
        return ([.. open.Select(o => (RunEvent)new ObligationTaken(o.Kind, o.Object, _identity.Owner))], [.. open.Select(o => (RunEvent)new ObligationReturned(o.Kind, o.Object, $"Passed on to run {to}."))]);
    }

    private static ImmutableArray<RunEvent> Say(params ImmutableArray<RunEvent> events) => events;

    private static string Because(string reason) => string.IsNullOrWhiteSpace(reason) ? "." : $": {reason.Trim().TrimEnd('.')}.";
}
