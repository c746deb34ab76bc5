using System.Collections.Immutable;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Components.Controls;
using Rollcall.Web.Model;
using Rollcall.Web.Model.Watching;

namespace Rollcall.Web.Screens;

/// <summary>Draws a screen's figures from what the stores hold. It reads the engine's own words and decides nothing.</summary>
public sealed class ScreenPicture(ClusterCatalog catalog, Rollouts rollouts, ProfileLibrary profiles, TimeProvider time)
{
    /// <summary>The module's own identity, new with every compilation.</summary>
    public static readonly string Build = typeof(ScreenPicture).Module.ModuleVersionId.ToString("N")[..12];

    public ScreenView Of(ScreenRecord screen)
    {
        ArgumentNullException.ThrowIfNull(screen);
        var summaries = rollouts.Clusters().ToDictionary(c => $"{c.Namespace}/{c.Name}", StringComparer.Ordinal);
        var runs = rollouts.Runs();
        return new ScreenView
        {
            Title = screen.Title, Build = Build, Now = time.GetUtcNow(), ExpiresAt = screen.ExpiresAt,
            Clusters = [.. screen.Clusters.Select(c => summaries.TryGetValue(c, out var summary) ? Cluster(summary, runs) : Absent(c))],
        };
    }

    private static ScreenCluster Absent(string cluster) => new()
    {
        Cluster = cluster, Name = cluster[(cluster.IndexOf('/', StringComparison.Ordinal) + 1)..], Present = false, Tone = "wait", Word = "not there",
        Reason = new Reason("This cluster is not to be seen now. It was deleted, or Rollcall has not read it yet."),
    };

    private ScreenCluster Cluster(ClusterSummary summary, ImmutableArray<RunView> runs)
    {
        var key = new ClusterKey(summary.Namespace, summary.Name);
        var topology = catalog.Find(key)?.Current;
        var run = summary.ActiveRun is { } id ? rollouts.GetRun(id) : null;
        var line = OverviewModel.Build([summary], run is null ? [] : [run])[0];
        var profile = profiles.Find(summary.Profile);
        var connected = topology?.Connected ?? false;
        return new ScreenCluster
        {
            Cluster = key.ToString(), Name = summary.Name, Engine = profile?.Title ?? summary.Profile, Present = true, Connected = connected, ObservedAt = topology?.ObservedAt,
            Tone = connected ? line.Tone : "wait", Word = WordOf(summary, run),
            Components = [.. summary.Components.Select(c => new ScreenComponent(c.Name, c.Runs))],
            Shards = summary.Shards, Members = summary.Instances, Ready = summary.Ready,
            Reason = connected ? line.Why is null ? null : line.Why with { Evidence = [] } : new Reason("The API server does not answer for this cluster; what is shown may be old.") { Next = "Rollcall keeps trying." },
            Run = run is null ? null : RunOf(run),
            LastChange = LastChange(key.ToString(), run, runs),
            Parts = GraphParts.Of(profile, topology),
            Roles = profile?.Roles.Select(r => new GraphRole(r.Name, r.Letter, r.Leads)).ToImmutableArray(),
            Limits = profile is null ? null : new GraphLimits(profile.Lag.MaxSeconds, profile.Lag.MaxBytes),
        };
    }

    /// <summary>One word for a wall: the run's state while there is one, else the cluster's.</summary>
    public static string WordOf(ClusterSummary summary, RunView? run)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return run switch
        {
            { State: RunState.Paused, Reason.Rule.Length: > 0 } => "halted",
            { State: RunState.Paused } => "paused",
            { Terminal: false } when run.Gates.Any(g => g.State == GateState.Open) => "waits for approval",
            { State: RunState.Waiting } => "waiting",
            { Terminal: false } => run.Backwards ? "rolling back" : "rolling out",
            _ => summary.Held is not null ? "held" : summary.Phase switch { "Running" => "all well", "Degraded" => "degraded", "Updating" => "updating", _ => "unknown" },
        };
    }

    private static ScreenRun RunOf(RunView run) => new()
    {
        Id = run.Id, Change = RunHeading.Change(run, named: run.Components.Length > 1), State = run.State.ToString(), Updated = run.Totals.Updated, Members = run.Totals.Members,
        SwitchoversDone = run.Totals.SwitchoversDone, SwitchoversPlanned = run.Totals.SwitchoversPlanned, RemainingSeconds = run.Totals.RemainingSeconds, StartedAt = run.StartedAt ?? run.CreatedAt, Rollback = run.Backwards,
        Stages = [.. StageProgress.Of(run).Select(s => new ScreenStage(s.Title, s.Detail, s.State switch { StepState.Succeeded => "done", StepState.Skipped => "skipped", StepState.Pending => "later", _ => "now" }, StepPill.Tone(s.State)))],
    };

    /// <summary>The last thing that was finished: a step of the run in hand, else the last run as a whole.</summary>
    private static ScreenChange? LastChange(string cluster, RunView? run, ImmutableArray<RunView> runs)
    {
        var step = run?.Steps.Where(s => s.EndedAt is not null && s.State is StepState.Succeeded or StepState.Failed).MaxBy(s => s.EndedAt);
        if (step is not null)
            return new ScreenChange(step.State is StepState.Failed ? $"Failed: {step.Title}" : step.Title, StepPill.Tone(step.State), step.EndedAt!.Value);
        var last = runs.Where(r => r.Cluster == cluster && r.Terminal && r.EndedAt is not null).MaxBy(r => r.EndedAt);
        return last is null ? null : new ScreenChange($"{RunHeading.Change(last, named: last.Components.Length > 1)}: {last.State.ToString().ToLowerInvariant()}", RunHeading.Tone(last.State), last.EndedAt!.Value);
    }
}
