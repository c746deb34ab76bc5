using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Mapping;

namespace Rollcall.Engine.Kubernetes.KubeBlocks;

/// <summary>An OpsRequest of type Custom, followed to its end. What it does is the OpsDefinition's.</summary>
internal sealed class CustomOperation(Followed followed)
{
    private const int KeptAfterSuccess = 3600, KeptAfterFailure = 86400;

    public Task<ActResult> RunAsync(ActionAct act, ActContext context, OutputTail output, CancellationToken ct) =>
        followed.RunAsync(act, context, new Errand(KubeKind.OpsRequests, name => Body(name, act, context), Judge, (op, _) =>
        {
            Tell(op, output);
            return Task.CompletedTask;
        }), ct);

    public static object Body(string name, ActionAct act, ActContext context)
    {
        var ops = act.Spec.Ops!;
        return new
        {
            apiVersion = KubeKind.OpsRequests.ApiVersion,
            kind = KubeKind.OpsRequests.Kind,
            metadata = Followed.Metadata(name, act, context, (KubeBlocksNames.Instance, context.Cluster.Name)),
            spec = new
            {
                clusterName = context.Cluster.Name,
                type = "Custom",
                timeoutSeconds = (int)Math.Ceiling(act.Spec.Timeout.TotalSeconds),
                ttlSecondsAfterSucceed = KeptAfterSuccess,
                ttlSecondsAfterUnsuccessfulCompletion = KeptAfterFailure,
                custom = new
                {
                    opsDefinitionName = ops.OpsDefinition,
                    components = new[] { new { componentName = ops.Component ?? act.Component, parameters = ops.Parameters.Select(p => new { name = p.Key, value = p.Value }).ToArray() } },
                },
            },
        };
    }

    private static ActResult? Judge(KubeObject op) => KubeObject.Text(op.Status, "phase") switch
    {
        "Succeed" => ActResult.Accepted($"OpsRequest {op.Name} succeeded."),
        "Failed" or "Cancelled" or "Aborted" => ActResult.Failed($"OpsRequest {op.Name} is {KubeObject.Text(op.Status, "phase")}{Why(op)}."),
        _ => null,
    };

    private static string Why(KubeObject op) =>
        KubeObject.Items(op.Status, "conditions").Where(c => KubeObject.Text(c, "status") == "False").Select(c => KubeObject.Text(c, "message").TrimEnd('.')).LastOrDefault(m => m.Length > 0) is { } message ? $": {message}" : "";

    private static void Tell(KubeObject op, OutputTail output)
    {
        var text = $"{op.Name}: {KubeObject.Text(op.Status, "phase")} {KubeObject.Text(op.Status, "progress")}".TrimEnd() + "\n";
        foreach (var condition in KubeObject.Items(op.Status, "conditions"))
            text += $"{KubeObject.Text(condition, "type")}: {KubeObject.Text(condition, "message")}\n";
        output.Replace(text);
    }
}
