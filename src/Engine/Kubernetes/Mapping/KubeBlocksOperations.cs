using System.Collections.Immutable;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>What runs on a Cluster beside (or for) us.</summary>
public static class KubeBlocksOperations
{
    public static ImmutableArray<Operation> Of(KubeObject cluster, IEnumerable<KubeObject> requests, Custody? held)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var found = requests
            .Select(Read)
            // An ended operation of the run that holds the cluster is still news to it; all others are history.
            .Where(o => !Ended(o.Phase) || (held is not null && o.Run == held.Run))
            .OrderBy(o => o.Name, StringComparer.Ordinal)
            .ToImmutableArray();
        return cluster.Label(KubeBlocksNames.Rollout) is { Length: > 0 } rollout
            ? found.Add(new Operation(rollout, "Rollout", "Running", null, null, "KubeBlocks' own Rollout changes this Cluster."))
            : found;
    }

    public static Operation Read(KubeObject request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var phase = KubeObject.Text(request.Status, "phase");
        return new Operation(request.Name, KubeObject.Text(request.Spec, "type"), phase.Length == 0 ? "Pending" : phase, request.Annotation(Marks.Run) ?? request.Label(Marks.Run), request.Annotation(Marks.Step) ?? request.Label(Marks.Step), Message(request));
    }

    public static bool Ended(string phase) => phase is "Succeed" or "Failed" or "Aborted" or "Cancelled";

    private static string Message(KubeObject request)
    {
        var conditions = KubeObject.Items(request.Status, "conditions").ToList();
        var last = conditions.LastOrDefault(c => KubeObject.Text(c, "status") == "False" && KubeObject.Text(c, "message").Length > 0);
        return last.ValueKind == default ? "" : KubeObject.Text(last, "message");
    }
}
