using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>
/// Takes each act from offer to answer: custody renewed, the shard read afresh, Decide asked again, the intent committed, the driver called, the answer written. One act per step at a time.
/// </summary>
internal sealed partial class ActDesk(RunBook book, RunTools tools, CustodyKeeper custody, Func<RunBook.Turn, TopologySnapshot?, Task<Decision>> settle, Action wake) : IDisposable
{
    /// <summary>An act may be withdrawn by a fresh look a few times in a row; more often means that two views of the cluster disagree, and that costs reads.</summary>
    private const int FreeWithdrawals = 3;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);

    private readonly ActionDesk _actions = new(book, tools);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Times, DateTimeOffset NotBefore)> _held = new(StringComparer.Ordinal);

    public int Running { get { lock (_gate) return _running.Count; } }

    /// <summary>Starts what is not under way already. Returns when one that must wait may be tried again.</summary>
    public DateTimeOffset? Start(ImmutableArray<(StepStarted Intent, Act Act)> offered, TopologyStore store, CancellationToken ct)
    {
        DateTimeOffset? retry = null;
        lock (_gate)
        {
            var now = tools.Time.GetUtcNow();
            var idle = _running.Count == 0;
            foreach (var (_, act) in offered)
            {
                if (_running.ContainsKey(act.Step))
                    continue;
                if (_held.TryGetValue(act.Step, out var held) && held.NotBefore > now)
                    retry = retry is null || held.NotBefore < retry ? held.NotBefore : retry;
                else
                    _running[act.Step] = Begin(() => JourneyAsync(act, store, ct));
            }
            // What hindered an act that nobody offers any more hinders nothing.
            if (idle && retry is null && _running.Count == 0)
            {
                _held.Clear();
                book.Meet(null);
            }
        }
        return retry;
    }

    /// <summary>Actions that an earlier life of this Rollcall began and whose end it did not write: looked for under their own attempt, never begun anew. An abort ends what runs.</summary>
    public void TakeUp(Ledger ledger, TopologyStore store, CancellationToken ct)
    {
        if (ledger.Abort is not null)
            _actions.Stop();
        lock (_gate)
            foreach (var step in ledger.OpenSteps.Select(id => ledger.Steps[id]))
                if (step.Last is { Act: ActionAct act, Status: null } && !_running.ContainsKey(step.Id))
                    _running[step.Id] = Begin(() => ResumeAsync(act, step.Last.Number, store, ct));
    }

    /// <summary>The loop is woken once the task has ended, not from within: a round quicker than that end would find it still under way and rest with nothing left to wake it.</summary>
    private Task Begin(Func<Task> journey)
    {
        var running = Task.Run(journey, CancellationToken.None);
        _ = running.ContinueWith(_ => wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return running;
    }

    public void Dispose() => _actions.Dispose();

    /// <summary>Forgets what is through; a fault in one of them is the loop's.</summary>
    public void Reap()
    {
        List<Task> done;
        lock (_gate)
        {
            var ended = _running.Where(p => p.Value.IsCompleted).ToList();
            foreach (var (step, _) in ended)
                _running.Remove(step);
            done = [.. ended.Select(p => p.Value)];
        }
        foreach (var task in done.Where(t => t.IsFaulted))
            task.GetAwaiter().GetResult();
    }

    public async Task DrainAsync()
    {
        Task[] running;
        lock (_gate)
            running = [.. _running.Values];
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Somebody else owns the cluster: a person has to look.</summary>
    public async Task LostCustodyAsync(Reason reason, CancellationToken ct)
    {
        using var turn = await book.TakeTurnAsync(ct);
        if (turn.Ledger is { Terminal: false, Pause: null })
            await turn.AppendAsync(new RunPaused(reason with { Next = reason.Next ?? "Nothing is done until the cluster is ours again; then press Retry." }, Diverged: true));
    }

    private async Task JourneyAsync(Act act, TopologyStore store, CancellationToken ct)
    {
        try
        {
            await TakeAsync(act, store, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            LogLeft(tools.Log, book.Id, act.Step);
        }
    }

    private async Task ResumeAsync(ActionAct act, int attempt, TopologyStore store, CancellationToken ct)
    {
        try
        {
            var owned = await custody.RenewAsync(ct);
            if (owned.Status is ActStatus.Refused)
                await LostCustodyAsync(owned.Reason, ct);
            else if (owned.Status is not ActStatus.Accepted)
                await Task.Delay(Backoff.After(1, Random.Shared.NextDouble()), tools.Time, ct);
            else
                await _actions.RunAsync(act, new ActContext(book.Plan.Cluster, book.Id, attempt, tools.Owner, book.Plan.Profile.For(act.Component), store.Current) { Resumed = true }, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            LogLeft(tools.Log, book.Id, act.Step);
        }
    }

    private async Task TakeAsync(Act act, TopologyStore store, CancellationToken ct)
    {
        if (tools.Driver(book.Plan.Kind) is not { } driver)
        {
            Hinder(act, new Reason($"There is no driver for {book.Plan.Kind}."));
            return;
        }
        var owned = await custody.RenewAsync(ct);
        if (owned.Status is ActStatus.Refused)
        {
            await LostCustodyAsync(owned.Reason, ct);
            return;
        }
        if (owned.Status is not ActStatus.Accepted)
        {
            Hinder(act, owned.Reason);
            return;
        }

        ImmutableArray<Instance>? fresh = null;
        if (act.Disruptive)
        {
            if (await ReadAsync(act, driver, store, ct) is not { } read)
                return;
            fresh = read;
        }
        var (intent, agreed, seen) = await CommitIntentAsync(act, store, fresh, ct);
        if (intent is null)
            return;
        Unhinder(act);

        var context = new ActContext(book.Plan.Cluster, book.Id, intent.Attempt, tools.Owner, book.Plan.Profile.For(agreed!.Component), seen!);
        if (agreed is ActionAct action)
        {
            await _actions.RunAsync(action, context, ct);
            return;
        }
        var result = await ExecuteAsync(driver, agreed!, context, ct);
        LogActed(tools.Log, book.Id, agreed!.Step, intent.Attempt, result.Status, result.Reason.Text);
        using var turn = await book.TakeTurnAsync(CancellationToken.None);
        await turn.AppendAsync(new ActReturned(intent.Step, intent.Attempt, result.Status, result.Reason));
    }

    /// <summary>The shard's members from the API server itself, merged into what everybody sees; null when it did not answer.</summary>
    private async Task<ImmutableArray<Instance>?> ReadAsync(Act act, IWorkloadDriver driver, TopologyStore store, CancellationToken ct)
    {
        var shard = ActShard.Of(act)!;
        using var limit = new CancellationTokenSource(Margin, tools.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            var fresh = await driver.ReadShardAsync(store.Current, act.Component, shard, both.Token);
            store.Update(t => TopologyMerge.WithShard(t, act.Component, shard, fresh));
            return fresh;
        }
#pragma warning disable CA1031 // Not knowing is a reason to wait, whatever the cause; it is logged and shown.
        catch (Exception e) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogUnread(tools.Log, e, book.Id, shard);
            var why = e is OperationCanceledException ? $"no answer within {Margin.TotalSeconds:0} s" : e.Message.TrimEnd('.');
            Hinder(act, new Reason($"The members of {shard} could not be read from the Kubernetes API: {why}.") { Next = "Nothing is touched before they are; it tries again by itself." });
            return null;
        }
    }

    /// <summary>Decides once more with what was just read and, if the very same act is still offered, commits the intent. From look to commit nobody else writes.</summary>
    private async Task<(StepStarted? Intent, Act? Act, TopologySnapshot? Seen)> CommitIntentAsync(Act act, TopologyStore store, ImmutableArray<Instance>? fresh, CancellationToken ct)
    {
        using var turn = await book.TakeTurnAsync(ct);
        if (turn.Ledger.Terminal)
            return default;
        var seen = store.Current;
        if (fresh is { } members)
            seen = TopologyMerge.WithShard(seen, act.Component, ActShard.Of(act)!, members);
        var decision = await settle(turn, seen);
        var (intent, agreed) = decision.Acts.FirstOrDefault(a => ActShard.Same(a.Act, act));
        if (intent is null)
        {
            Withdraw(act);
            return default;
        }
        await turn.AppendAsync(intent);
        return (intent, agreed, seen);
    }

    private async Task<ActResult> ExecuteAsync(IWorkloadDriver driver, Act act, ActContext context, CancellationToken ct)
    {
        var profile = context.Profile;
        var patience = (profile.Switchover is { } s && s.Timeout > profile.Deadlines.Action ? s.Timeout : profile.Deadlines.Action) + Margin;
        using var limit = new CancellationTokenSource(patience, tools.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            return await driver.ExecuteAsync(act, context, both.Token);
        }
        catch (OperationCanceledException) when (both.IsCancellationRequested)
        {
            return ActResult.Unknown(ct.IsCancellationRequested ? "Rollcall was stopped before the answer came; the cluster itself will tell." : $"No answer within {patience.TotalSeconds:0} s; the cluster itself will tell.");
        }
#pragma warning disable CA1031 // Whether it was done nobody can say; the journal must say so rather than nothing.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(tools.Log, e, book.Id, act.Step);
            return ActResult.Unknown($"No clear answer: {e.Message.TrimEnd('.')}. The cluster itself will tell.");
        }
    }

    private void Hinder(Act act, Reason reason)
    {
        Obstacle obstacle;
        lock (_gate)
        {
            var times = _held.GetValueOrDefault(act.Step).Times + 1;
            var until = tools.Time.GetUtcNow() + Backoff.After(times, Random.Shared.NextDouble());
            _held[act.Step] = (times, until);
            obstacle = new Obstacle(reason, until, times);
        }
        book.Meet(obstacle);
    }

    private void Withdraw(Act act)
    {
        lock (_gate)
        {
            var times = _held.GetValueOrDefault(act.Step).Times + 1;
            _held[act.Step] = (times, times <= FreeWithdrawals ? DateTimeOffset.MinValue : tools.Time.GetUtcNow() + Backoff.After(times - FreeWithdrawals, Random.Shared.NextDouble()));
        }
    }

    private void Unhinder(Act act)
    {
        lock (_gate)
            _held.Remove(act.Step);
        book.Meet(null);
    }

    [LoggerMessage(EventId = 1131, Level = LogLevel.Information, Message = "Run {Run}, {Step}, attempt {Attempt}: {Status}: {Text}")]
    private static partial void LogActed(ILogger logger, string run, string step, int attempt, ActStatus status, string text);

    [LoggerMessage(EventId = 1132, Level = LogLevel.Warning, Message = "Run {Run} could not read shard {Shard}")]
    private static partial void LogUnread(ILogger logger, Exception exception, string run, string shard);

    [LoggerMessage(EventId = 1133, Level = LogLevel.Error, Message = "Run {Run}, {Step}: the driver failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string run, string step);

    [LoggerMessage(EventId = 1134, Level = LogLevel.Debug, Message = "Run {Run}, {Step}: left before it began")]
    private static partial void LogLeft(ILogger logger, string run, string step);
}
