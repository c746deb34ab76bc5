using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Probing;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>A command in a container of a member. Nobody can find a command again once the connection is gone, so one that was begun by an earlier life has an unknown end.</summary>
internal sealed class CommandAction(PodExec exec)
{
    public async Task<ActResult> RunAsync(ActionAct act, ActContext context, OutputTail output, CancellationToken ct)
    {
        var spec = act.Spec.Exec!;
        if (context.Resumed)
            return ActResult.Unknown("Rollcall was stopped while the command ran; whether it came to its end nobody knows.");
        var component = context.Topology.Components.FirstOrDefault(c => c.Name == act.Component);
        var member = component?.Shards.Where(s => act.Shard is null || s.Name == act.Shard).SelectMany(s => s.Instances).FirstOrDefault(i => i.Name == act.Instance);
        if (member is null)
            return ActResult.NotNow($"{act.Instance ?? "The member"} is not in sight now.");
        var container = spec.Container ?? component!.Workloads.FirstOrDefault(w => w.Name == member.Workload)?.VersionContainer;
        if (string.IsNullOrEmpty(container))
            container = member.Images.Keys.FirstOrDefault() ?? "";
        if (!member.Images.ContainsKey(container))
            return ActResult.Refused($"{member.Name} has no container {container}; it has {string.Join(", ", member.Images.Keys)}.");

        var where = $"container {container} of {member.Name}";
        var outcome = await exec.RunAsync(context.Cluster.Namespace, member.Name, container, spec.Command, act.Spec.Timeout, ct, output.Add).ConfigureAwait(false);
        if (outcome.CannotRun)
            return ActResult.Refused($"The command could not be run in {where}: {outcome.Why.TrimEnd('.')}.");
        if (outcome.TimedOut)
            return ActResult.Failed($"The command did not end within {act.Spec.Timeout.TotalSeconds:0.#} s in {where}; it may still be running there.");
        if (outcome.ExitCode is not { } code)
            return ActResult.Unknown($"The command in {where} gave no exit code: {outcome.Why.TrimEnd('.')}.");
        return (code == 0 ? ActResult.Accepted($"The command ended with exit code 0 in {where}.") : ActResult.Failed($"The command failed in {where}: {outcome.Why.TrimEnd('.')}.")) with { ExitCode = code };
    }
}
