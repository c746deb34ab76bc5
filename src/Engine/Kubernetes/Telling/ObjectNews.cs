using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Telling;

/// <summary>What a journal line says to somebody who looks at the object with kubectl.</summary>
/// <param name="Reason">One word in CamelCase, as Kubernetes has it.</param>
/// <param name="Warning">It wants a person.</param>
/// <param name="Component">Null: about the whole cluster.</param>
/// <param name="Rare">A transition of the run: it is always said. Others only as often as their object's allowance has it.</param>
internal sealed record ObjectNews(string Reason, string Message, bool Warning = false, string? Component = null, string? Shard = null, bool Rare = true)
{
    /// <summary>Null: nothing that belongs on the object. The sentences are the decision's own.</summary>
    public static ObjectNews? Of(RunEvent e, string? rollbackOf, Plan plan, Ledger ledger) => e switch
    {
        RunStarted => new("RunStarted", $"{e.Actor} started {plan.Spec.Name}: {string.Join(", ", plan.Components.Select(c => $"{c.Name} {c.From} -> {c.To}"))}{(rollbackOf is null ? "" : $"; it takes run {rollbackOf} back")}."),
        GateOpened g => new("WaitingForApproval", $"Waits for approval before {g.Stage}{(g.Shard is null ? "" : $", {g.Shard}")}.", Component: g.Component, Shard: g.Shard),
        GateBypassed b => new("GateBypassed", $"{e.Actor} bypassed gate {b.Gate} without its quorum: {b.Comment}", Warning: true),
        RunPaused p => new("Paused", p.Reason.Next is { } next ? $"{p.Reason.Text} {next}" : p.Reason.Text, Warning: e.Actor == Caller.System.Name),
        RunResumed r => new("Resumed", $"{e.Actor} lets it go on{(r.Retry ? " and tries again what failed" : "")}."),
        RuleRefused r => Waiting(r, plan.Steps.FirstOrDefault(s => s.Id == r.Step), ledger.Step(r.Step)),
        StepFinished f => ledger.Step(f.Step) is { } step ? Ended(f, step) : null,
        RunFinished f => new(f.State switch { RunState.Succeeded => "RunSucceeded", RunState.Aborted => "RunAborted", _ => "RunFailed" }, f.Reason.Text, Warning: f.State == RunState.Failed),
        _ => null,
    };

    private static ObjectNews? Waiting(RuleRefused r, PlanStep? planned, StepEntry? begun) =>
        (begun?.Component ?? planned?.Component) is { } component ? new("Waiting", r.Reason.Text, Component: component, Shard: begun?.Shard ?? planned?.Shard, Rare: false) : null;

    private static ObjectNews? Ended(StepFinished f, StepEntry step) => (step.Kind, f.State) switch
    {
        (StepKind.Hold, StepState.Succeeded) => new("Held", "Held: nothing restarts by itself until it is released.", Component: step.Component),
        (StepKind.Release, StepState.Succeeded) => new("Released", "Released: the controller has its update strategy back.", Component: step.Component),
        (StepKind.Switchover, StepState.Succeeded) => new("SwitchedOver", $"{step.Shard}: leadership went from {step.From} to {step.To}.", Component: step.Component, Shard: step.Shard, Rare: false),
        (StepKind.Switchover, StepState.Failed) => new("SwitchoverFailed", $"{step.Shard}: leadership did not go from {step.From} to {step.To}. {f.Reason?.Text}".TrimEnd(), Warning: true, Component: step.Component, Shard: step.Shard, Rare: false),
        _ => null,
    };
}
