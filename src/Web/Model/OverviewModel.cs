using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model;

/// <summary>One line of the overview. Lower <see cref="Rank"/> needs a person sooner.</summary>
/// <param name="Why">What needs attention, or null where all is well.</param>
public sealed record OverviewLine(ClusterSummary Cluster, RunView? Run, int Rank, string Tone, Reason? Why)
{
    /// <summary>The engine as people call it.</summary>
    public string Engine { get; init; } = "";

    /// <summary>Members by shard, the leader first; for the eye only.</summary>
    public ImmutableArray<ImmutableArray<RollMember>> Roll { get; init; } = [];
}

public sealed record RollMember(bool Leads, string Tone);

/// <summary>What the overview puts first: halted and failed runs, broken clusters, orphaned holds, then whatever moves, then the quiet ones.</summary>
public static class OverviewModel
{
    public static ImmutableArray<OverviewLine> Build(IEnumerable<ClusterSummary> clusters, IEnumerable<RunView> runs)
    {
        var byId = runs.ToDictionary(r => r.Id, StringComparer.Ordinal);
        return [.. clusters
            .Select(c => Line(c, c.ActiveRun is { } id ? byId.GetValueOrDefault(id) : null))
            .OrderBy(l => l.Rank).ThenBy(l => l.Cluster.Namespace, StringComparer.Ordinal).ThenBy(l => l.Cluster.Name, StringComparer.Ordinal)];
    }

    private static OverviewLine Line(ClusterSummary cluster, RunView? run) => (cluster, run) switch
    {
        (_, { State: RunState.Paused }) => new(cluster, run, 0, "wait", run.Reason ?? new Reason("The run is paused.")),
        (_, { Terminal: false } late) when late.Gates.FirstOrDefault(g => g is { State: GateState.Open, RemindedAt: not null }) is { } gate =>
            new(cluster, run, 0, "bad", new Reason($"The gate before {gate.Stage} runs out of time with {gate.Given} of {gate.Required} approvals.", "Gate") { Deadline = gate.Deadline }),
        (_, { Terminal: false } live) when live.Gates.Any(g => g.State == GateState.Open) => new(cluster, run, 1, "wait", run.Reason ?? new Reason("A gate waits for a decision.")),
        ({ Phase: "Degraded" }, null) => new(cluster, null, 2, "bad", new Reason($"{cluster.Ready} of {cluster.Instances} members are ready.")),
        ({ Held: { } held }, null) => new(cluster, null, 3, "wait", new Reason($"Held by {held.Owner}, and no run is on it.")),
        (_, { State: RunState.Waiting }) => new(cluster, run, 4, "wait", run.Reason),
        (_, { } moving) => new(cluster, moving, 5, "moving", moving.Reason),
        ({ Phase: "Unknown" }, null) => new(cluster, null, 6, "wait", new Reason("Its state is not known yet.")),
        ({ Phase: "Updating" }, null) => new(cluster, null, 7, "moving", null),
        _ => new(cluster, null, 9, "ok", null),
    };

    /// <summary>Shards of the cluster, as few as are shown.</summary>
    public static ImmutableArray<ImmutableArray<RollMember>> Roll(TopologySnapshot topology, Func<string, string?, bool> leads, int most = 25) =>
        [.. topology.Components.SelectMany(c => c.Shards.Select(s => (Component: c.Name, Shard: s))).Take(most).Select(lane => lane.Shard.Instances
            .Select(i => new RollMember(leads(lane.Component, i.Role), InstanceMeaning.Health(i).Tone))
            .OrderByDescending(m => m.Leads)
            .ToImmutableArray())];

    public static bool NeedsAttention(OverviewLine line) => line.Rank <= 3;
}
