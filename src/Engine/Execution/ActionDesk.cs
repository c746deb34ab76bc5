using Microsoft.Extensions.Logging;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>Runs one action from its committed intent to its written answer, and lets people read along.</summary>
internal sealed partial class ActionDesk(RunBook book, RunTools tools) : IDisposable
{
    /// <summary>What an action may take beyond its own time-out before it is given up.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);

    /// <summary>How often its words are shown while it runs.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();

    /// <summary>An abort does not wait for what a hook may still be at.</summary>
    public void Stop() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();

    public async Task RunAsync(ActionAct act, ActContext context, CancellationToken ct)
    {
        var output = new OutputTail();
        using var over = new CancellationTokenSource();
        var telling = TellAsync(act.Step, output, over.Token);
        ActResult? result;
        try
        {
            result = await ExecuteAsync(act, context, output, ct);
        }
        finally
        {
            await over.CancelAsync();
            await telling;
        }
        if (result is null)
        {
            // Rollcall is being stopped: the intent stays open, and the next start looks for what became of it.
            LogLeft(tools.Log, book.Id, act.Step, context.Attempt);
            return;
        }
        var reason = result.Reason with { Text = OutputMask.Apply(result.Reason.Text) };
        LogRan(tools.Log, book.Id, act.Step, context.Attempt, result.Status, reason.Text);
        using var turn = await book.TakeTurnAsync(CancellationToken.None);
        await turn.AppendAsync(new ActReturned(act.Step, context.Attempt, result.Status, reason) { Output = new ActionOutput(result.ExitCode, output.Text, output.Truncated), Measured = result.Measured });
        book.Say(act.Step, null);
    }

    /// <summary>Null when it was interrupted by Rollcall's own end.</summary>
    private async Task<ActResult?> ExecuteAsync(ActionAct act, ActContext context, OutputTail output, CancellationToken ct)
    {
        if (tools.Actions is not { } runner)
            return ActResult.Refused("This Rollcall cannot run actions.");
        using var limit = new CancellationTokenSource(act.Spec.Timeout + Margin, tools.Time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token, act.GivesBack ? CancellationToken.None : _stop.Token);
        try
        {
            return await runner.RunAsync(act, context, output, any.Token);
        }
        catch (OperationCanceledException) when (any.IsCancellationRequested)
        {
            if (_stop.IsCancellationRequested && !act.GivesBack)
                return ActResult.Unknown("The run was aborted before it ended; it may still be going on.");
            return ct.IsCancellationRequested ? null : ActResult.Failed($"It did not end within {(act.Spec.Timeout + Margin).TotalSeconds:0} s; it may still be going on.");
        }
#pragma warning disable CA1031 // Whether it was run nobody can say; the journal must say so rather than nothing.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(tools.Log, e, book.Id, act.Step);
            return ActResult.Unknown($"No clear answer: {e.Message.TrimEnd('.')}.");
        }
    }

    private async Task TellAsync(string step, OutputTail output, CancellationToken over)
    {
        for (long told = 0; !over.IsCancellationRequested;)
        {
            await Task.Delay(Beat, tools.Time, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (output.Total == told || over.IsCancellationRequested)
                continue;
            told = output.Total;
            book.Say(step, new ActionOutput(null, output.Text, output.Truncated));
        }
    }

    [LoggerMessage(EventId = 1141, Level = LogLevel.Information, Message = "Run {Run}, {Step}, attempt {Attempt}: {Status}: {Text}")]
    private static partial void LogRan(ILogger logger, string run, string step, int attempt, ActStatus status, string text);

    [LoggerMessage(EventId = 1142, Level = LogLevel.Information, Message = "Run {Run}, {Step}, attempt {Attempt}: left while it runs")]
    private static partial void LogLeft(ILogger logger, string run, string step, int attempt);

    [LoggerMessage(EventId = 1143, Level = LogLevel.Error, Message = "Run {Run}, {Step}: the action failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string run, string step);
}
