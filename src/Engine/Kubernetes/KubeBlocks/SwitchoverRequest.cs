using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Acting;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Mapping;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.KubeBlocks;

/// <summary>
/// Asks KubeBlocks for a switchover. A held Cluster is Updating, and there KubeBlocks refuses unless forced; forced, it starts beside whatever else runs. So it is
/// forced, and only after a read has shown that nothing else runs. How it ends is seen in the topology.
/// </summary>
internal sealed class SwitchoverRequest(KubernetesConnection connection)
{
    /// <summary>KubeBlocks looks at the new role every 5 s and gives up after 5 minutes by itself; nobody should wait that long without a leader.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(60);

    public async Task<ActResult> AskAsync(SwitchoverAct act, ActContext context, CancellationToken ct)
    {
        var (ns, cluster) = (context.Cluster.Namespace, context.Cluster.Name);
        var what = $"switch {act.Shard} over";
        var list = await connection.GetAsync($"{KubeKind.OpsRequests.Collection(ns)}", ct).ConfigureAwait(false);
        if (!list.Ok)
            return list.Unknown ? ActResult.NotNow($"The operations of {context.Cluster} could not be read: {list.Message}") : Answers.Failure(list, what, "list", KubeKind.OpsRequests.Resource, ns);
        foreach (var request in KubeObject.Items(list.Body, "items").Select(i => new KubeObject(i)).Where(o => KubeObject.Text(o.Spec, "clusterName") == cluster))
        {
            var operation = KubeBlocksOperations.Read(request);
            if (KubeBlocksOperations.Ended(operation.Phase))
                continue;
            if (operation.Run == context.RunId && operation.Step == act.Step)
                return ActResult.Accepted($"{operation.Name} is under way already.");
            // One switchover per shard may run beside another's; anything of somebody else may not.
            if (operation.Run != context.RunId)
                return ActResult.NotNow($"{operation.Type} {operation.Name} runs on {context.Cluster} ({operation.Phase}); it must end first.", "NoConcurrentOps");
        }
        if (await NotLeadingAsync(act, context, ct).ConfigureAwait(false) is { } doubt)
            return doubt;

        var name = Names.For(context.RunId, act.Step, context.Attempt);
        var answer = await connection.PostAsync(KubeKind.OpsRequests.Collection(ns), Body(name, act, context), ct).ConfigureAwait(false);
        if (answer.Ok)
            return ActResult.Accepted($"OpsRequest {name} asks KubeBlocks to switch {act.Shard} over from {act.From} to {act.To}.");
        return answer.Conflict ? await AdoptAsync(name, context, what, ct).ConfigureAwait(false) : Answers.Failure(answer, what, "create", KubeKind.OpsRequests.Resource, ns);
    }

    /// <summary>KubeBlocks acts by the role label; it must say that the old leader leads, right now.</summary>
    private async Task<ActResult?> NotLeadingAsync(SwitchoverAct act, ActContext context, CancellationToken ct)
    {
        var read = await connection.GetAsync(KubeKind.Pods.Object(context.Cluster.Namespace, act.From), ct).ConfigureAwait(false);
        if (!read.Ok)
            return read.Unknown || read.NotFound ? ActResult.NotNow($"{act.From} could not be read: {read.Message}") : Answers.Failure(read, $"switch {act.Shard} over", "get", "pods", context.Cluster.Namespace);
        var role = context.Profile.Normalise(read.Object.Label(KubeBlocksNames.Role));
        return context.Profile.Role(role)?.Leads == true
            ? null
            : ActResult.NotNow($"{act.From} does not lead by its label ({role ?? "no role"}); nothing was asked.", "FreshRoleBeforeAct");
    }

    private async Task<ActResult> AdoptAsync(string name, ActContext context, string what, CancellationToken ct)
    {
        var read = await connection.GetAsync(KubeKind.OpsRequests.Object(context.Cluster.Namespace, name), ct).ConfigureAwait(false);
        if (!read.Ok)
            return ActResult.NotNow($"OpsRequest {name} exists and could not be read: {read.Message}");
        return read.Object.Label(Marks.Run) == Names.Label(context.RunId)
            ? ActResult.Accepted($"OpsRequest {name} of this run exists already.")
            : ActResult.Refused($"Nobody can {what}: an OpsRequest {name} of somebody else has the name.");
    }

    private static object Body(string name, SwitchoverAct act, ActContext context)
    {
        var wait = context.Profile.Switchover is { } s && s.Timeout > Least ? s.Timeout : Least;
        var sharded = act.Shard != act.Component;
        return new
        {
            apiVersion = KubeKind.OpsRequests.ApiVersion,
            kind = KubeKind.OpsRequests.Kind,
            metadata = new
            {
                name,
                @namespace = context.Cluster.Namespace,
                labels = new Dictionary<string, string> { [KubeBlocksNames.Instance] = context.Cluster.Name, [Marks.Run] = Names.Label(context.RunId), [Marks.Step] = Names.Label(act.Step) },
                annotations = new Dictionary<string, string> { [Marks.Run] = context.RunId, [Marks.Step] = act.Step },
            },
            spec = new
            {
                clusterName = context.Cluster.Name,
                type = "Switchover",
                force = true,
                timeoutSeconds = (int)wait.TotalSeconds,
                ttlSecondsAfterSucceed = 3600,
                ttlSecondsAfterUnsuccessfulCompletion = 86400,
                switchover = new[]
                {
                    sharded
                        ? new Dictionary<string, string> { ["componentObjectName"] = $"{context.Cluster.Name}-{act.Shard}", ["instanceName"] = act.From, ["candidateName"] = act.To }
                        : new Dictionary<string, string> { ["componentName"] = act.Component, ["instanceName"] = act.From, ["candidateName"] = act.To },
                },
            },
        };
    }
}
