using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

public enum RunActionKind { Pause, Resume, StopAfterMember, GoOn, Retry, Abort, Rollback, Finish, Release, RollForward, BypassFreeze, BypassWindow }

/// <param name="Refusal">Why it cannot be done now; null when it can.</param>
public sealed record RunAction(RunActionKind Kind, string? Refusal = null)
{
    public bool Enabled => Refusal is null;
}

/// <summary>
/// Which buttons a run offers to whom, and why one is grey. It only decides what is shown: the engine authorises every command again and has the last word.
/// </summary>
public static class RunActions
{
    /// <summary>Nothing for those who only watch, and nothing at all when Rollcall observes only.</summary>
    /// <param name="heldByRun">The cluster is still held by this run although the run has ended.</param>
    public static ImmutableArray<RunAction> For(RunView run, Caller caller, bool readOnly, bool heldByRun)
    {
        if (readOnly || !(caller.Is(Caller.Operator) || caller.Is(Caller.Approver)))
            return [];
        var actions = run.Terminal ? Ended(run, heldByRun) : Open(run);
        if (!run.Terminal && caller.Is(Caller.Admin))
            actions = actions.Concat(Lifting(run));
        return caller.Is(Caller.Operator) ? [.. actions] : [.. actions.Select(a => a with { Refusal = "This needs the operator role; an approver decides gates." })];
    }

    private static IEnumerable<RunAction> Open(RunView run)
    {
        var paused = run.State is RunState.Paused;
        // A halt by a rule goes on by trying again once its cause is mended; a pause by a person simply goes on.
        var halted = paused && run.Reason is { Rule.Length: > 0 };
        yield return new RunAction(halted ? RunActionKind.Retry : paused ? RunActionKind.Resume : RunActionKind.Pause);
        yield return TakeBack(run);
        yield return run.StopAfterMember
            ? new RunAction(RunActionKind.GoOn)
            : new RunAction(RunActionKind.StopAfterMember, paused ? "The run is paused already." : null);
        if (halted)
            yield return new RunAction(RunActionKind.Resume);
        else
            yield return new RunAction(RunActionKind.Retry, paused ? null : "There is nothing to retry: the run is not halted.");
        yield return new RunAction(RunActionKind.Abort);
    }

    /// <summary>Break-glass for what keeps the run waiting now.</summary>
    private static IEnumerable<RunAction> Lifting(RunView run)
    {
        if (run.Calendar.Any(c => c is { Blocks: true, Rule: "ChangeFreeze" }))
            yield return new RunAction(RunActionKind.BypassFreeze);
        if (run.Calendar.Any(c => c is { Blocks: true, Rule: "HandoverWindow" }))
            yield return new RunAction(RunActionKind.BypassWindow);
    }

    private static IEnumerable<RunAction> Ended(RunView run, bool heldByRun)
    {
        if (heldByRun)
        {
            yield return new RunAction(RunActionKind.Finish);
            yield return TakeBack(run);
            yield return new RunAction(RunActionKind.Release);
        }
        else if (run.Rollback is not null && run.RolledBackBy is null)
        {
            yield return TakeBack(run);
        }
    }

    /// <summary>What takes a rollback back is going forward again.</summary>
    private static RunAction TakeBack(RunView run) => new(run.Backwards ? RunActionKind.RollForward : RunActionKind.Rollback, RollbackRefusal(run));

    private static string? RollbackRefusal(RunView run) => run switch
    {
        { RolledBackBy: { } by } => $"Run {by} rolled this one back.",
        { RollbackOf: { } of, Rollback: null } => $"This run is itself the rollback of {of}.",
        { Rollback: null } => "There is nothing to take back yet.",
        // A refused rollback still opens: its dialog says what stands in the way and what is left to do.
        _ => null,
    };
}
