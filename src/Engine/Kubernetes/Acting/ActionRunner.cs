using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>Gives each action to the one who knows how to run it.</summary>
internal sealed class ActionRunner(CommandAction command) : IActionRunner
{
    public Task<ActResult> RunAsync(ActionAct act, ActContext context, OutputTail output, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(act);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(output);
        return act.Spec switch
        {
            { Exec: not null } => command.RunAsync(act, context, output, ct),
            _ => Task.FromResult(ActResult.Refused($"This Rollcall cannot run an action of kind {act.Spec.Kind}.")),
        };
    }
}
