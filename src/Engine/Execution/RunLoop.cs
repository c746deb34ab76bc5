using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>What a run is driven with.</summary>
internal sealed record RunTools(
    ClusterCatalog Catalog,
    Func<ClusterKind, IWorkloadDriver?> Driver,
    ICustody Custody,
    IProber Prober,
    Func<Func<DecisionState, Decision>> Decider,
    string Owner,
    TimeSpan LeaseRenewal,
    TimeProvider Time,
    ILogger Log)
{
    /// <summary>Null: nothing but the drivers' own verbs can be done here.</summary>
    public IActionRunner? Actions { get; init; }
    /// <summary>Change freezes that hold for every run.</summary>
    public ImmutableArray<WindowSpec> Freeze { get; init; } = [];
}

/// <summary>
/// Drives one run: look, decide, write down what is evident, do what may be done, wait until something moves. It never fails the run: what keeps it from going on is a Reason, and it tries again.
/// </summary>
internal sealed partial class RunLoop : IDisposable
{
    /// <summary>A decision that records this often without coming to rest is a bug in the decision, not a state of the cluster.</summary>
    private const int MostRecordings = 10_000;
    /// <summary>Timers do not notice that the clock was set or the machine slept; a gate's deadline must not be an hour late for it.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly RunBook _book;
    private readonly RunTools _tools;
    private readonly Func<DecisionState, Decision> _decide;
    private readonly CustodyKeeper _custody;
    private readonly ProbeDesk _probes;
    private readonly Cursor _wake = new();
    private readonly ActDesk _acts;
    private readonly Func<RunBook, Reason, Task> _rollBack;
    private bool _rollbackAsked;
    private volatile Rest? _resting;

    /// <param name="rollBack">Asks for the rollback that the plan itself orders.</param>
    public RunLoop(RunBook book, RunTools tools, Func<RunBook, Reason, Task> rollBack)
    {
        (_book, _tools, _rollBack) = (book, tools, rollBack);
        _decide = tools.Decider();
        _custody = new CustodyKeeper(tools.Custody, book.Plan.Cluster, tools.Owner, book.Id, tools.Time, tools.Log);
        _probes = new ProbeDesk(tools.Prober, book.Plan.Cluster, _wake.Bump, tools.Log);
        _acts = new ActDesk(book, tools, _custody, SettleAsync, _wake.Bump);
    }

    /// <summary>It waits, and nothing it waits for has happened: only time, or somebody else, moves it. Tests advance their clock on this.</summary>
    public bool Idle => _resting is { } rest && _acts.Running == 0 && _wake.Value == rest.Woken && _book.Written.Value == rest.Written && _tools.Catalog.Version == rest.CatalogVersion
        && (rest.Store is null || rest.Store.Revision == rest.Revision) && (rest.WakeAt is null || _tools.Time.GetUtcNow() < rest.WakeAt);

    /// <summary>Completes when no act of this run is with a driver any more.</summary>
    public Task DrainAsync() => _acts.DrainAsync();

    /// <param name="predecessor">What the run before on this cluster still has in hand; nothing is done before that has come back.</param>
    public async Task RunAsync(Task predecessor, CancellationToken ct)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var beat = KeepLeaseAsync(end.Token);
        try
        {
            await DriveAsync(predecessor, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            LogStopped(_tools.Log, _book.Id);
        }
        finally
        {
            await end.CancelAsync();
            await beat;
            await _acts.DrainAsync();
        }
        // A rollback that took over holds the same Lease under the same owner.
        if (_book.Ledger.Terminal && _book.Ledger.Rollback is null)
            await _custody.GiveUpAsync(CancellationToken.None);
    }

    public void Dispose()
    {
        _acts.Dispose();
        _custody.Dispose();
    }

    private async Task DriveAsync(Task predecessor, CancellationToken ct)
    {
        for (var failures = 0; ;)
        {
            try
            {
                var rest = await RoundAsync(predecessor.IsCompleted, ct);
                if (rest is null)
                    return;
                if (failures > 0)
                    _book.Meet(null);
                failures = 0;
                await RestAsync(rest, predecessor, ct);
            }
#pragma warning disable CA1031 // The run must not die of a fault, silently or otherwise: it is logged, shown, and tried again.
            catch (Exception e) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
            {
                failures++;
                var pause = Backoff.After(failures, Random.Shared.NextDouble());
                LogFault(_tools.Log, e, _book.Id, failures);
                _book.Meet(new Obstacle(new Reason($"Rollcall met a fault of its own: {e.Message.TrimEnd('.')}.") { Next = "It tries again by itself; nothing is touched until then. The log has the details." }, _tools.Time.GetUtcNow() + pause, failures));
                await Task.Delay(pause, _tools.Time, ct);
            }
        }
    }

    /// <summary>What to wait for after a round; the values are those the round began with, so that nothing is missed between look and wait.</summary>
    private sealed record Rest(long Woken, long Written, long CatalogVersion, TopologyStore? Store, long Revision, DateTimeOffset? WakeAt);

    private async Task<Rest?> RoundAsync(bool mayAct, CancellationToken ct)
    {
        _acts.Reap();
        var (woken, written, catalog) = (_wake.Value, _book.Written.Value, _tools.Catalog.Version);
        var store = _tools.Catalog.Find(_book.Plan.Cluster) is { Vanished: false } found ? found : null;
        var (topology, revision) = ((TopologySnapshot?)null, 0L);
        Decision decision;
        using (var turn = await _book.TakeTurnAsync(ct))
        {
            // Looked at within the turn: an act that had it before may have recorded what a newer picture showed, and an older one would contradict that.
            if (store is not null)
                (topology, revision) = store.Read();
            decision = await SettleAsync(turn, topology);
            if (Refusals.Unwritten(decision, turn.Ledger) is { IsEmpty: false } refused)
                await turn.AppendAsync(refused);
            // What this round wrote is no reason for another.
            written = _book.Written.Value;
        }
        _book.Show(decision, topology);
        if (_book.Ledger.Terminal)
            return null; // the end of the run is the end of the loop
        if (decision.RollbackDue is not { } order)
            _rollbackAsked = false;
        else if (!_rollbackAsked)
        {
            _rollbackAsked = true;
            await _rollBack(_book, order);
        }

        var wake = decision.WakeAt;
        if (!decision.Probes.IsEmpty && topology is { Connected: true })
        {
            var now = _tools.Time.GetUtcNow();
            var (due, next) = ProbeDesk.Due(decision.Probes, topology, now);
            _probes.Ask(due, ct);
            wake = Earlier(wake, Earlier(next, now + (_book.Plan.Profile.Probe?.Period ?? TimeSpan.FromSeconds(5))));
        }
        if (mayAct && store is not null)
        {
            _acts.TakeUp(_book.Ledger, store, ct);
            wake = Earlier(wake, _acts.Start(decision.Acts, store, ct));
        }
        return new Rest(woken, written, catalog, store, revision, wake);
    }

    /// <summary>Decides, and writes down what is evident until nothing more is. Only under the run's turn.</summary>
    private async Task<Decision> SettleAsync(RunBook.Turn turn, TopologySnapshot? topology)
    {
        for (var recordings = 0; ; recordings++)
        {
            var decision = _decide(new DecisionState { RunId = _book.Id, Plan = _book.Plan, Topology = topology, Ledger = turn.Ledger, Now = _tools.Time.GetUtcNow(), Freeze = _tools.Freeze });
            if (decision.Record.IsEmpty || turn.Ledger.Terminal)
                return decision;
            if (recordings >= MostRecordings)
                throw new InvalidOperationException($"The decision does not come to rest: it still records {decision.Record[0].GetType().Name} after {recordings} times");
            await turn.AppendAsync(decision.Record);
        }
    }

    private async Task RestAsync(Rest rest, Task predecessor, CancellationToken ct)
    {
        using var round = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var now = _tools.Time.GetUtcNow();
        var wait = rest.WakeAt is { } at ? at - now : LongestWait;
        if (wait <= TimeSpan.Zero)
            wait = TimeSpan.FromMilliseconds(1);
        var signals = new List<Task>(6)
        {
            _wake.WhenAfterAsync(rest.Woken, round.Token),
            _book.Written.WhenAfterAsync(rest.Written, round.Token),
            _tools.Catalog.WhenAfterAsync(rest.CatalogVersion, round.Token),
            Task.Delay(wait < LongestWait ? wait : LongestWait, _tools.Time, round.Token),
        };
        if (rest.Store is { } store)
            signals.Add(store.WhenAfterAsync(rest.Revision, round.Token));
        if (!predecessor.IsCompleted)
            signals.Add(predecessor);
        _resting = rest;
        await Task.WhenAny(signals);
        _resting = null;
        await round.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }

    /// <summary>The beat of the Lease while the run is active, acts or not: a run that waits at a gate all night still owns its cluster.</summary>
    private async Task KeepLeaseAsync(CancellationToken ct)
    {
        try
        {
            while (!_book.Ledger.Terminal)
            {
                var result = await _custody.RenewAsync(ct);
                if (result.Status is ActStatus.Refused)
                    await _acts.LostCustodyAsync(result.Reason, ct);
                await Task.Delay(_tools.LeaseRenewal, _tools.Time, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            LogStopped(_tools.Log, _book.Id);
        }
#pragma warning disable CA1031 // Every act renews the Lease itself; the beat must not take the run down with it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFault(_tools.Log, e, _book.Id, 1);
        }
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null ? b : b is null || a < b ? a : b;

    [LoggerMessage(EventId = 1121, Level = LogLevel.Error, Message = "Run {Run} met a fault ({Failures} in a row); it tries again")]
    private static partial void LogFault(ILogger logger, Exception exception, string run, int failures);

    [LoggerMessage(EventId = 1122, Level = LogLevel.Debug, Message = "Run {Run} rests until the next start")]
    private static partial void LogStopped(ILogger logger, string run);
}
