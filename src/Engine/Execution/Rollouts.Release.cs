using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

public sealed partial class Rollouts
{
    /// <summary>
    /// Gives held update strategies of a cluster back, and starts the movers again that a run of ours left stopped; also after the database was lost, for what is held is written on the objects. Members that do not run what their template asks for will restart:
    /// unless <paramref name="evenIfMixed"/>, that is a refusal that lists them. The answer lists them too.
    /// </summary>
    public async Task<Result<ImmutableArray<string>>> ReleaseAsync(ClusterKey cluster, bool evenIfMixed, string reason, Caller caller, CancellationToken ct)
    {
        if (Deny(caller, Caller.Operator, "release clusters") is { } denied)
            return Refused(caller, AuditActions.Release, $"cluster {cluster}", denied, cluster);
        if (OutOfReach(caller, cluster) is { } outOfReach)
            return Refused(caller, AuditActions.Release, $"cluster {cluster}", outOfReach, cluster);
        if (await MayByHandAsync(caller, AuditActions.Release, cluster, ct) is { } byHand)
            return byHand;
        using var alone = await AloneOnAsync(cluster, ct);
        if (_library.ActiveOn(cluster) is { } active)
            return new Refusal(RefusalKind.Conflict, $"{cluster} has an active run: {active.Id}. Abort it first.") { RunId = active.Id };
        var seen = InSight(cluster);
        if (!seen.Ok)
            return seen.Refusal;
        var topology = seen.Value;
        var movers = OwedMovers(topology);
        var held = topology.Components.Select(c => (Component: c, Workloads: c.Workloads.Where(w => w.Held is not null).ToImmutableArray())).Where(c => !c.Workloads.IsEmpty).ToList();
        if (held.Count == 0 && movers.IsEmpty)
            return new Refusal(RefusalKind.Conflict, $"Nothing of {cluster} is held.");
        var restart = held.SelectMany(h => WillRestart(h.Component, h.Workloads)).ToImmutableArray();
        if (!restart.IsEmpty && !evenIfMixed)
            return new Refusal(RefusalKind.Conflict, $"{restart.Length} {(restart.Length == 1 ? "member does" : "members do")} not run what the template asks for and will restart, in the controller's order: {string.Join(", ", restart.Take(12))}{(restart.Length > 12 ? " …" : "")}.") { Changed = restart };
        if (_tools.Driver(topology.Kind) is not { } driver)
            return new Refusal(RefusalKind.Unavailable, $"There is no driver for {topology.Kind}.");
        if (await TakeCustodyAsync(cluster, held.Count > 0 ? held[0].Workloads[0].Held!.Run : movers[0].Book.Id, ct) is { } refused)
            return refused;
        // Before the act, like every intent: what follows may restart Pods.
        await _audit.WriteAsync(AuditEntry.By(caller, AuditActions.Release, $"cluster {cluster}") with
        {
            Cluster = cluster.ToString(), Reason = Why(reason, restart.Length),
        });
        foreach (var (component, workloads) in held)
        {
            var custody = workloads[0].Held!;
            var context = new ActContext(cluster, custody.Run, 1, custody.Owner, _planning.Profile(topology.Profile) ?? Nameless(topology.Profile), topology);
            var result = await driver.ExecuteAsync(new ReleaseAct(StepIds.Release(component.Name), component.Name, [.. workloads.Select(w => w.Name)]), context, ct);
            if (result.Status != ActStatus.Accepted)
                return new Refusal(result.Status == ActStatus.Refused ? RefusalKind.Conflict : RefusalKind.Unavailable, $"{component.Name} could not be released: {result.Reason.Text}");
        }
        // Under the same Lease, after the hold: a balancer that does not start must not keep a cluster held.
        if (await ReturnMoversAsync(cluster, caller, ct) is { } left)
        {
            await SettleObligationsAsync(held.SelectMany(h => h.Workloads).Select(w => w.Held!.Run), caller, ct);
            await _tools.Custody.ReleaseAsync(cluster, _identity.Owner, ct);
            return left;
        }
        await SettleObligationsAsync(held.SelectMany(h => h.Workloads).Select(w => w.Held!.Run), caller, ct);
        await _tools.Custody.ReleaseAsync(cluster, _identity.Owner, ct);
        LogCommand(_tools.Log, caller.Name, "Release", cluster.ToString(), evenIfMixed ? $"even if mixed; {reason}" : reason);
        return restart;
    }

    private static string Why(string reason, int restart) => string.Join("; ", new[] { reason.Trim(), restart == 0 ? "" : $"although {restart} {(restart == 1 ? "member" : "members")} will restart" }.Where(w => w.Length > 0));

    private async Task SettleObligationsAsync(IEnumerable<string> runs, Caller caller, CancellationToken ct)
    {
        foreach (var book in runs.Distinct(StringComparer.Ordinal).Select(_library.Find).OfType<RunBook>())
        {
            using (var turn = await book.TakeTurnAsync(ct))
                await turn.AppendAsync([.. Obligations.Outstanding(turn.Ledger).Where(o => o.Kind == Obligations.UpdateStrategy).Select(o => (RunEvent)new ObligationReturned(o.Kind, o.Object, $"Released by {caller.Name}.") { Actor = caller.Name })]);
            await _library.StoreSummaryAsync(book);
        }
    }

    /// <summary>Balancers and their like that an ended run on this cluster stopped and could not start again.</summary>
    private ImmutableArray<(RunBook Book, MoverSpec Mover)> OwedMovers(TopologySnapshot topology)
    {
        var cluster = topology.Cluster.ToString();
        var ended = _library.List().Where(r => r.Cluster == cluster && r.Terminal && r.Obligations.Any(o => !o.Returned && o.Kind == Movers.Kind)).Select(r => _library.Find(r.Id)).OfType<RunBook>().Where(b => b.Row.Origin == _identity.Origin);
        return [.. ended.SelectMany(b => b.Plan.Profile.Movers.Where(m => b.Ledger.Obligations.GetValueOrDefault(Movers.Object(b.Plan, m)) is { ReturnedAt: null }).Select(m => (b, m)))];
    }

    /// <summary>Null when all of them say themselves that they run. One that does not stays owed, and asking again tries again.</summary>
    internal async Task<Refusal?> ReturnMoversAsync(ClusterKey cluster, Caller caller, CancellationToken ct)
    {
        if (_tools.Catalog.Find(cluster)?.Current is not { } topology)
            return new Refusal(RefusalKind.Unavailable, $"{cluster} is not to be seen now.");
        Refusal? left = null;
        foreach (var (book, mover) in OwedMovers(topology))
        {
            if (await new MoverReturn(_tools.Actions, _tools.Time, _identity.Owner).StartAsync(mover, book.Plan.Profile, book.Id, topology, ct) is { } why)
            {
                left ??= new Refusal(RefusalKind.Unavailable, $"Control is given back, but {why} Release again to try again, or start it by hand: {string.Join(' ', mover.Resume)}") { RunId = book.Id };
                continue;
            }
            using (var turn = await book.TakeTurnAsync(ct))
                await turn.AppendAsync(new ObligationReturned(Movers.Kind, Movers.Object(book.Plan, mover), $"Started again by {caller.Name}; it says itself that it runs.") { Actor = caller.Name });
            await _library.StoreSummaryAsync(book);
        }
        return left;
    }

    private static IEnumerable<string> WillRestart(Component component, ImmutableArray<Workload> workloads) =>
        component.Shards.Where(s => workloads.Any(w => w.Shards.Contains(s.Name))).SelectMany(s => s.Instances).Where(i => i.Uid.Length > 0 && !i.Updated && (i.Workload.Length == 0 || workloads.Any(w => w.Name == i.Workload))).Select(i => i.Name);

    /// <summary>Releasing needs nothing of a profile; one that is not installed any more must not keep a cluster held.</summary>
    private static Profiles.EngineProfile Nameless(string name) => new() { Name = name, Title = name, Text = "" };
}
