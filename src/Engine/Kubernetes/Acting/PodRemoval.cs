using System.Net;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>
/// Takes exactly one Pod away so that its controller makes it anew: the healthy are evicted, so that budgets are asked; the dead are deleted, since a budget would protect
/// the very Pod that must go. Always with its uid, never with a grace period of our own: the Pod's stands.
/// </summary>
internal sealed class PodRemoval(KubernetesConnection connection)
{
    private ApiDiscovery? _served;

    public async Task<ActResult> RemoveAsync(ReplaceAct act, ActContext context, CancellationToken ct)
    {
        var ns = context.Cluster.Namespace;
        var what = $"replace {act.Instance}";
        var path = KubeKind.Pods.Object(ns, act.Instance);
        var read = await connection.GetAsync(path, ct).ConfigureAwait(false);
        if (read.NotFound)
            return ActResult.Accepted($"{act.Instance} is gone already; its controller creates it anew.");
        if (!read.Ok)
            return read.Unknown ? ActResult.NotNow($"{act.Instance} could not be read: {read.Message}") : Answers.Failure(read, what, "get", "pods", ns);
        var pod = read.Object;
        if (DeleteWithPreconditions.Check(act, pod.Uid, pod.Deleting) is { } over)
            return ActResult.Accepted(over);
        if (!act.Dead)
            return await EvictAsync(act, context, what, ct).ConfigureAwait(false);
        if (KubeObject.Items(pod.Status, "conditions").Any(c => KubeObject.Text(c, "type") == "Ready" && KubeObject.Text(c, "status") == "True"))
            return ActResult.NotNow($"{act.Instance} was taken for dead and is Ready now; it is looked at again.", DeleteWithPreconditions.Name);
        var answer = await connection.DeleteAsync(path, new { apiVersion = "v1", kind = "DeleteOptions", preconditions = new { uid = act.Uid, resourceVersion = pod.ResourceVersion } }, ct).ConfigureAwait(false);
        return answer switch
        {
            { Ok: true } => ActResult.Accepted($"{act.Instance} was not running and is deleted."),
            { NotFound: true } => ActResult.Accepted($"{act.Instance} is gone already; its controller creates it anew."),
            { Conflict: true } => ActResult.NotNow($"{act.Instance} changed at the same moment; it is looked at again.", DeleteWithPreconditions.Name),
            _ => Answers.Failure(answer, what, "delete", "pods", ns),
        };
    }

    private async Task<ActResult> EvictAsync(ReplaceAct act, ActContext context, string what, CancellationToken ct)
    {
        var ns = context.Cluster.Namespace;
        if ((_served ??= await ApiDiscovery.ReadAsync(connection, ct).ConfigureAwait(false)) is not { } served)
            return ActResult.NotNow($"The API server does not say how it evicts; {act.Instance} is asked for again.");
        var eviction = new { apiVersion = served.EvictionApiVersion, kind = "Eviction", metadata = new { name = act.Instance, @namespace = ns }, deleteOptions = new { preconditions = new { uid = act.Uid } } };
        var answer = await connection.PostAsync($"{KubeKind.Pods.Object(ns, act.Instance)}/eviction", eviction, ct).ConfigureAwait(false);
        return answer switch
        {
            { Ok: true } => ActResult.Accepted($"{act.Instance} is evicted; its controller creates it anew."),
            { NotFound: true } => ActResult.Accepted($"{act.Instance} is gone already; its controller creates it anew."),
            { Conflict: true } => ActResult.NotNow($"{act.Instance} changed at the same moment; it is looked at again.", DeleteWithPreconditions.Name),
            { TooManyRequests: true } => Protected(act, context, answer),
            { Code: HttpStatusCode.InternalServerError } when answer.Message.Contains("more than one PodDisruptionBudget", StringComparison.Ordinal) =>
                ActResult.Refused($"{act.Instance} cannot be evicted: more than one PodDisruptionBudget selects it, and Kubernetes refuses that.", PdbRespected.Name),
            _ => Answers.Failure(answer, what, "create", "pods/eviction", ns),
        };
    }

    /// <summary>429: a budget says no (it is named), or the server is busy. Either way nothing was done, and nothing is deleted instead.</summary>
    private static ActResult Protected(ReplaceAct act, ActContext context, ApiAnswer answer)
    {
        var causes = KubeObject.Items(answer.Body, "details", "causes").Where(c => KubeObject.Text(c, "reason") == "DisruptionBudget").Select(c => KubeObject.Text(c, "message")).ToList();
        if (causes.Count == 0 && !answer.Message.Contains("disruption budget", StringComparison.OrdinalIgnoreCase))
            return ActResult.NotNow($"The API server is too busy to evict {act.Instance}: {answer.Message}");
        var budget = context.Topology.Components.FirstOrDefault(c => c.Name == act.Component)?.Shards.FirstOrDefault(s => s.Name == act.Shard)?.Budget?.Name;
        return new ActResult(ActStatus.NotNow, new Reason(
            $"{(budget is null ? "A PodDisruptionBudget" : $"PodDisruptionBudget {budget}")} does not allow {act.Instance} to be evicted now{(causes.Count > 0 && causes[0].Length > 0 ? $": {causes[0].TrimEnd('.')}" : "")}.", PdbRespected.Name)
        {
            Next = "Tried again by itself; it goes on when the budget allows one more disruption.",
        });
    }
}
