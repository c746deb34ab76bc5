using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Probing;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Acting;

/// <summary>The profile's own switchover, run in a Pod, and only while the one who shall hand over really leads.</summary>
internal sealed class ExecSwitchover(PodExec exec, TimeProvider time)
{
    public async Task<ActResult> RunAsync(SwitchoverAct act, ActContext context, CancellationToken ct)
    {
        if (context.Profile.Switchover is not { } spec)
            return ActResult.Refused($"The profile {context.Profile.Name} has no switchover.", "SingleHandover");
        var component = context.Topology.Components.FirstOrDefault(c => c.Name == act.Component);
        var members = component?.Shards.FirstOrDefault(s => s.Name == act.Shard)?.Instances ?? [];
        var (from, to) = (members.FirstOrDefault(i => i.Name == act.From), members.FirstOrDefault(i => i.Name == act.To));
        if (from is null || to is null)
            return ActResult.NotNow($"{(from is null ? act.From : act.To)} is not in sight now.", "HandoverTargetEligible");
        if (await LeadsAsync(from, context, ct).ConfigureAwait(false) is { } doubt)
            return doubt;

        var on = spec.On == "from" ? from : to;
        var container = Container(spec.Containers, on, component!);
        if (container is null)
            return ActResult.Refused($"{on.Name} has no container {string.Join(" or ", spec.Containers)} to run the switchover in.");
        var command = spec.Command.Select(a => a.Replace("{from}", act.From, StringComparison.Ordinal).Replace("{to}", act.To, StringComparison.Ordinal));
        var outcome = await exec.RunAsync(context.Cluster.Namespace, on.Name, container, command, spec.Timeout, ct).ConfigureAwait(false);
        var what = $"The switchover of {act.Shard} from {act.From} to {act.To}, asked on {on.Name},";
        if (outcome.CannotRun)
            return ActResult.Refused($"{what} could not be run: {outcome.Why.TrimEnd('.')}. Rollcall's role needs the verb create on pods/exec.");
        if (outcome.ExitCode is null)
            return ActResult.Unknown($"{what} gave no answer: {outcome.Why.TrimEnd('.')}.");
        if (!outcome.Succeeded)
            return ActResult.Failed($"{what} failed: {outcome.Why.TrimEnd('.')}.");
        return spec.Expect.Length == 0 || outcome.Output.Contains(spec.Expect, StringComparison.Ordinal)
            ? ActResult.Accepted($"{what} was accepted.")
            : ActResult.Failed($"{what} did not answer {spec.Expect}: {Short(outcome)}.");
    }

    /// <summary>Null when it leads by its own answer of this moment.</summary>
    private async Task<ActResult?> LeadsAsync(Instance from, ActContext context, CancellationToken ct)
    {
        var profile = context.Profile;
        if (profile.Probe is not { } probe)
            return profile.Role(from.Role)?.Leads == true ? null : ActResult.NotNow($"{from.Name} does not lead now.", "FreshRoleBeforeAct");
        var container = probe.Containers.IsEmpty ? from.Images.Keys.FirstOrDefault() : probe.Containers.FirstOrDefault(from.Images.ContainsKey);
        if (container is null && probe.Http is null)
            return ActResult.Refused($"{from.Name} has no container {string.Join(" or ", probe.Containers)} to ask.");
        var outcome = await exec.AskAsync(context.Cluster.Namespace, from.Name, container ?? "", probe, ct).ConfigureAwait(false);
        if (!outcome.Succeeded)
            return ActResult.NotNow($"{from.Name} does not say who it is ({outcome.Why.TrimEnd('.')}); it must lead to hand over.", "FreshRoleBeforeAct");
        var reading = ProbeReader.Read(profile, outcome.Output, new Reading { At = time.GetUtcNow(), Uid = from.Uid, Source = $"{probe.Tool} on {from.Name}" });
        return profile.Role(reading.Role)?.Leads == true
            ? null
            : ActResult.NotNow($"{from.Name} does not lead ({reading.Role ?? reading.Error ?? "unknown"} by {reading.Source}); nothing was asked.", "FreshRoleBeforeAct");
    }

    private static string? Container(System.Collections.Immutable.ImmutableArray<string> wanted, Instance on, Component component)
    {
        if (!wanted.IsEmpty)
            return wanted.FirstOrDefault(on.Images.ContainsKey);
        var version = component.Workloads.FirstOrDefault(w => w.Name == on.Workload)?.VersionContainer;
        return version is { Length: > 0 } ? version : on.Images.Keys.FirstOrDefault();
    }

    private static string Short(ExecOutcome outcome)
    {
        var said = (outcome.Output.Trim() + " " + outcome.Errors.Trim()).Trim();
        return said.Length == 0 ? "it said nothing" : said.Length > 300 ? said[..300] + " …" : said;
    }
}
