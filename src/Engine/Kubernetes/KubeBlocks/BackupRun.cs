using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Mapping;

namespace Rollcall.Engine.Kubernetes.KubeBlocks;

/// <summary>A Backup by a named policy and method, followed until it is complete. It is kept when the run is over: that is what it is for.</summary>
internal sealed class BackupRun(Followed followed)
{
    public Task<ActResult> RunAsync(ActionAct act, ActContext context, OutputTail output, CancellationToken ct) =>
        followed.RunAsync(act, context, new Errand(KubeKind.Backups, name => Body(name, act, context), Judge, (backup, _) =>
        {
            Tell(backup, output);
            return Task.CompletedTask;
        }), ct);

    public static object Body(string name, ActionAct act, ActContext context) => new
    {
        apiVersion = KubeKind.Backups.ApiVersion,
        kind = KubeKind.Backups.Kind,
        metadata = Followed.Metadata(name, act, context, (KubeBlocksNames.Instance, context.Cluster.Name)),
        spec = new { backupPolicyName = act.Spec.Backup!.Policy ?? $"{context.Cluster.Name}-{act.Component}-backup-policy", backupMethod = act.Spec.Backup.Method, deletionPolicy = "Delete" },
    };

    private static ActResult? Judge(KubeObject backup) => KubeObject.Text(backup.Status, "phase") switch
    {
        "Completed" => ActResult.Accepted($"Backup {backup.Name} is complete{Size(backup)}."),
        "Failed" => ActResult.Failed($"Backup {backup.Name} failed: {(KubeObject.Text(backup.Status, "failureReason") is { Length: > 0 } why ? why.TrimEnd('.') : "no reason was given")}."),
        "Deleting" => ActResult.Failed($"Backup {backup.Name} is being deleted by somebody."),
        _ => null,
    };

    private static string Size(KubeObject backup) => KubeObject.Text(backup.Status, "totalSize") is { Length: > 0 } size
        ? $", {(long.TryParse(size, System.Globalization.CultureInfo.InvariantCulture, out var bytes) ? ShardContext.Bytes(bytes) : size)}"
        : "";

    private static void Tell(KubeObject backup, OutputTail output)
    {
        var phase = KubeObject.Text(backup.Status, "phase");
        var text = $"{backup.Name}: {(phase.Length > 0 ? phase : "New")}\n";
        foreach (var action in KubeObject.Items(backup.Status, "actions"))
            text += $"{KubeObject.Text(action, "name")}: {KubeObject.Text(action, "phase")}{(KubeObject.Text(action, "failureReason") is { Length: > 0 } why ? $": {why}" : "")}\n";
        output.Replace(text);
    }
}
