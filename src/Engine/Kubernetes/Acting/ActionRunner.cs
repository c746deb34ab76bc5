using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.KubeBlocks;
using Rollcall.Engine.Kubernetes.Probing;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>Gives each action to the one who knows how to run it.</summary>
internal sealed class ActionRunner : IActionRunner
{
    private readonly CommandAction _command;
    private readonly JobRun _job;
    private readonly WebhookCall _webhook;
    private readonly CustomOperation _operation;
    private readonly BackupRun _backup;
    private readonly MetricQuery _metric;

    public ActionRunner(KubernetesConnection connection, PodExec exec, HttpClient http, WebhookOptions webhooks, TimeProvider time, MetricOptions? metrics = null)
    {
        var followed = new Followed(connection, time);
        _command = new CommandAction(exec);
        _job = new JobRun(connection, followed);
        _webhook = new WebhookCall(http, webhooks, time);
        _operation = new CustomOperation(followed);
        _backup = new BackupRun(followed);
        _metric = new MetricQuery(http, metrics ?? new MetricOptions(), webhooks, time);
    }

    public Task<ActResult> RunAsync(ActionAct act, ActContext context, OutputTail output, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(act);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(output);
        return act.Spec switch
        {
            { Exec: not null } => _command.RunAsync(act, context, output, ct),
            { Job: not null } => _job.RunAsync(act, context, output, ct),
            { Webhook: not null } => _webhook.RunAsync(act, context, output, ct),
            { Ops: not null } => _operation.RunAsync(act, context, output, ct),
            { Backup: not null } => _backup.RunAsync(act, context, output, ct),
            { Metric: not null } => _metric.RunAsync(act, output, ct),
            _ => Task.FromResult(ActResult.Refused("The action says nothing to run.")),
        };
    }

    public string? Unmeasurable(AnalysisSpec analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        return _metric.Unmeasurable(analysis);
    }
}
