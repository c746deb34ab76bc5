using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>Runs an action to its end: a command in a container, a Job, a webhook, an operation of KubeBlocks.</summary>
public interface IActionRunner
{
    /// <summary>
    /// Returns when it has ended: Accepted (it worked), Failed, Refused (it cannot be run as things are), NotNow (nothing was begun), Unknown (nobody can say). With <see cref="ActContext.Resumed"/> what
    /// the same attempt has begun is found again and followed; what cannot be found again is Unknown, never begun anew.
    /// </summary>
    /// <param name="output">Takes what it says, while it says it.</param>
    Task<ActResult> RunAsync(ActionAct act, ActContext context, OutputTail output, CancellationToken ct);

    /// <summary>Why an analysis could not be measured as Rollcall is configured now; null: nothing is known against it.</summary>
    string? Unmeasurable(AnalysisSpec analysis);
}
