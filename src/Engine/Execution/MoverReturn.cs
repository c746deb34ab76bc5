using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>
/// Starts a mover (a balancer) again outside of any run, and believes only its own word that it runs. For a release: somebody waits for the answer, so it is asked for half a minute and not for the profile's own deadline.
/// </summary>
public sealed class MoverReturn(IActionRunner? actions, TimeProvider time, string owner)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    /// <summary>Null: it runs. Otherwise a sentence that says why it does not, beginning in lower case.</summary>
    public async Task<string?> StartAsync(MoverSpec mover, EngineProfile profile, string run, TopologySnapshot topology, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(mover);
        if (actions is null)
            return $"{mover.Title} stays stopped: this Rollcall cannot run commands.";
        if (EngineSteps.Find(topology, mover.Place) is not { } at)
            return $"{mover.Title} stays stopped: no member is Ready to start it in.";
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            var (started, _) = await RunAsync("release.mover.start", mover.Resume, 1, either.Token);
            if (started.Status is not ActStatus.Accepted)
                return $"{mover.Title} could not be started again: {started.Reason.Text.TrimEnd('.')}.";
            for (var asked = 1; ; asked++)
            {
                var (_, said) = await RunAsync("release.mover.check", mover.Check, asked, either.Token);
                if (said.Contains(mover.Running, StringComparison.Ordinal))
                    return null;
                await Task.Delay(Between, time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"{mover.Title} was asked to start and does not say within {Patience.TotalSeconds:0} s that it runs.";
        }
        async Task<(ActResult, string)> RunAsync(string step, ImmutableArray<string> argv, int attempt, CancellationToken stop) => await ExecuteAsync(new Errand(mover, profile, run, topology, at.Component, at.Member), step, argv, attempt, stop);
    }

    /// <summary>Whether it is stopped now, by its own word; null where nobody can say.</summary>
    public async Task<bool?> StoppedAsync(MoverSpec mover, EngineProfile profile, string run, TopologySnapshot topology, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(mover);
        if (actions is null || EngineSteps.Find(topology, mover.Place) is not { } at)
            return null;
        var (result, said) = await ExecuteAsync(new Errand(mover, profile, run, topology, at.Component, at.Member), "release.mover.look", mover.Check, 1, ct);
        return result.Status is not ActStatus.Accepted ? null : !said.Contains(mover.Running, StringComparison.Ordinal);
    }

    private sealed record Errand(MoverSpec Mover, EngineProfile Profile, string Run, TopologySnapshot Topology, string Component, Instance Member);

    private async Task<(ActResult Result, string Said)> ExecuteAsync(Errand errand, string step, ImmutableArray<string> argv, int attempt, CancellationToken ct)
    {
        var output = new OutputTail();
        var container = errand.Mover.Place.Containers.FirstOrDefault(errand.Member.Images.ContainsKey);
        var act = new ActionAct(step, errand.Component, null, errand.Member.Name, new ActionSpec { Exec = new ExecAction { Container = container, Command = argv }, Timeout = errand.Mover.Timeout }) { GivesBack = true };
        var result = await actions!.RunAsync(act, new ActContext(errand.Topology.Cluster, errand.Run, attempt, owner, errand.Profile.For(errand.Component), errand.Topology), output, ct);
        return (result, output.Text);
    }
}
