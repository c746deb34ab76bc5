using Microsoft.Extensions.Logging;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>Lines that have just been written to a run's journal.</summary>
/// <param name="Before">The ledger without them.</param>
internal sealed record RunLines(string Run, string? RollbackOf, Plan Plan, Ledger Before, JournalBatch Batch);

/// <summary>
/// Tells whoever listens what was written: for figures and for Kubernetes Events, which may be lost. Listeners only take note; they neither wait nor act, and what one of them breaks hinders no run.
/// </summary>
internal sealed partial class RunNews(ILogger<RunNews> log)
{
    private readonly Lock _gate = new();
    private Action<RunLines>[] _listeners = [];

    public void Listen(Action<RunLines> listener)
    {
        lock (_gate)
            _listeners = [.. _listeners, listener];
    }

    public void Tell(RunLines lines)
    {
        foreach (var listener in _listeners)
        {
            try
            {
                listener(lines);
            }
#pragma warning disable CA1031 // A figure that was not counted must not stop a rollout.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogBroken(log, e, lines.Run);
            }
        }
    }

    [LoggerMessage(EventId = 1161, Level = LogLevel.Error, Message = "A listener of run {Run} failed")]
    private static partial void LogBroken(ILogger logger, Exception exception, string run);
}
