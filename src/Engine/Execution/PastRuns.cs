using System.Collections.Concurrent;
using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>How long things took in runs that succeeded: those of the same cluster; where there are none, those of clusters with the same profile.</summary>
internal sealed class PastRuns(Journal journal)
{
    /// <summary>Older ones say less about the cluster as it is now.</summary>
    public const int MostCounted = 8;
    private const int MostLookedAt = 40;

    private readonly ConcurrentDictionary<string, Measured?> _read = new(StringComparer.Ordinal);

    public MeasuredTimes Of(ClusterKey cluster, string profile, IEnumerable<RunView> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var name = cluster.ToString();
        // What an ended run did never changes, so each is read once.
        var known = runs.Where(r => r is { State: RunState.Succeeded, Backwards: false, RollbackOf: null }).OrderByDescending(r => r.Cluster == name).ThenByDescending(r => r.CreatedAt).Take(MostLookedAt)
            .Select(r => _read.GetOrAdd(r.Id, _ => Read(r))).OfType<Measured>().Where(m => m.Profile == profile && m.Steps.Length > 0).ToList();
        var same = known.Where(m => m.Cluster == name).Take(MostCounted).ToList();
        if (same.Count > 0)
            return MeasuredTimes.Of([.. same.Select(m => m.Steps.AsEnumerable())], "of this cluster");
        var others = known.Take(MostCounted).ToList();
        return MeasuredTimes.Of([.. others.Select(m => m.Steps.AsEnumerable())], $"of other clusters with the profile {profile}");
    }

    private Measured? Read(RunView run)
    {
        if (journal.FindPlan(run.PlanId) is not { } plan)
            return null;
        var ledger = Ledger.Fold(journal.Load(run.Id).Select(e => (e.Seq, e.At, e.Event)));
        return new Measured(run.Cluster, plan.Profile.Name, [.. ledger.Steps.Values.Where(s => s.Kind is StepKind.Replace or StepKind.WaitInSync or StepKind.Switchover)]);
    }

    private sealed record Measured(string Cluster, string Profile, ImmutableArray<StepEntry> Steps);
}
