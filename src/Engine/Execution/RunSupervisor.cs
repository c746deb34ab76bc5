using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>
/// Starts a loop for every active run and keeps count of them. At start it takes up every run the journal says is unfinished; that is all there is to crash recovery.
/// </summary>
internal sealed partial class RunSupervisor(RunLibrary library, Journal journal, RunTools tools, EngineIdentity identity, EngineOptions options) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, (RunLoop Loop, Task Running)> _loops = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private int _disposed;

    /// <summary>Asks for the rollback that a plan orders by itself. Set by the facade, which owns the command.</summary>
    public Func<RunBook, Reason, Task> RollBack { get; set; } = (_, _) => Task.CompletedTask;

    public async Task StartAsync()
    {
        library.LoadList();
        foreach (var row in journal.UnfinishedRuns())
        {
            if (library.Open(row) is not { } opened)
                continue;
            var book = library.Add(row, opened.Plan, opened.Ledger);
            if (row.Origin == EngineOptions.DemoOrigin && !options.ReadOnly)
                await CloseDemoAsync(book);
            else if (row.Origin == identity.Origin && !options.ReadOnly)
                Launch(book, Task.CompletedTask);
        }
    }

    /// <param name="predecessor">What the run before on this cluster still has with its drivers.</param>
    public void Launch(RunBook book, Task predecessor)
    {
        var loop = new RunLoop(book, tools, (run, why) => RollBack(run, why));
        // It must be on the list before it can end and take itself off.
        var listed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loops[book.Id] = (loop, GuardAsync(loop, book, predecessor, listed.Task));
        listed.SetResult();
        LogLaunched(tools.Log, book.Id, book.Row.Cluster);
    }

    /// <summary>Completes when no act of this run is with a driver any more.</summary>
    public Task DrainAsync(string run) => _loops.TryGetValue(run, out var entry) ? entry.Loop.DrainAsync() : Task.CompletedTask;

    /// <summary>The loop of an active run; tests follow its rests.</summary>
    internal RunLoop? LoopOf(string run) => _loops.TryGetValue(run, out var entry) ? entry.Loop : null;

    public async ValueTask DisposeAsync()
    {
        // The host stops it and the container disposes of it: only the first time counts.
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync();
        await Task.WhenAll(_loops.Values.Select(l => l.Running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var (loop, _) in _loops.Values)
            loop.Dispose();
        _stop.Dispose();
    }

    private async Task GuardAsync(RunLoop loop, RunBook book, Task predecessor, Task listed)
    {
        await listed.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await loop.RunAsync(predecessor, _stop.Token);
            if (book.Ledger.Terminal)
            {
                await library.StoreSummaryAsync(book);
                LogEnded(tools.Log, book.Id, book.Ledger.Final!.Value, book.Ledger.FinalReason?.Text ?? "");
            }
        }
#pragma warning disable CA1031 // The last line: a loop that could not even end well is in the log, and the journal has the run for the next start.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogLost(tools.Log, e, book.Id);
        }
        finally
        {
            if (!_stop.IsCancellationRequested && _loops.TryRemove(book.Id, out _))
                loop.Dispose();
        }
    }

    /// <summary>The demo's cluster started anew with this process; nothing of what the run did exists any more.</summary>
    private async Task CloseDemoAsync(RunBook book)
    {
        using var turn = await book.TakeTurnAsync(CancellationToken.None);
        var gone = Obligations.Outstanding(turn.Ledger).Select(o => (RunEvent)new ObligationReturned(o.Kind, o.Object, "Gone with the demo's cluster."));
        await turn.AppendAsync([.. gone, new RunFinished(RunState.Aborted, new Reason("The demo started anew: the cluster of this run is gone."))]);
        await library.StoreSummaryAsync(book);
    }

    [LoggerMessage(EventId = 1141, Level = LogLevel.Information, Message = "Run {Run} on {Cluster} is driven")]
    private static partial void LogLaunched(ILogger logger, string run, string cluster);

    [LoggerMessage(EventId = 1142, Level = LogLevel.Information, Message = "Run {Run} ended {State}: {Reason}")]
    private static partial void LogEnded(ILogger logger, string run, RunState state, string reason);

    [LoggerMessage(EventId = 1143, Level = LogLevel.Error, Message = "The loop of run {Run} ended with a fault; the run goes on at the next start")]
    private static partial void LogLost(ILogger logger, Exception exception, string run);
}
