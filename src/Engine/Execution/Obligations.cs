using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>
/// What was taken must be given back, so the journal says it in the same transaction: an obligation is taken with the intent to hold, and returned with the outcome of the release.
/// </summary>
internal static class Obligations
{
    public const string UpdateStrategy = "UpdateStrategy";

    /// <summary>The held object as people find it: <c>StatefulSet demo/orders-a</c>, <c>Cluster demo/orders (redis)</c>.</summary>
    public static string Object(ClusterKind kind, ClusterKey cluster, string workload) =>
        kind == ClusterKind.StatefulSetGroup ? $"StatefulSet {cluster.Namespace}/{workload}" : $"Cluster {cluster} ({workload})";

    /// <summary>The events, with the obligations they take (before) and return (after).</summary>
    public static ImmutableArray<RunEvent> Accompany(Plan plan, Ledger ledger, string owner, ImmutableArray<RunEvent> events)
    {
        if (!events.Any(e => e is StepStarted { Act: HoldAct } or StepFinished { State: StepState.Succeeded or StepState.Skipped }))
            return events;
        var all = ImmutableArray.CreateBuilder<RunEvent>(events.Length);
        foreach (var e in events)
        {
            if (e is StepStarted { Act: HoldAct hold })
                foreach (var taken in hold.Workloads.Select(w => Object(plan.Kind, plan.Cluster, w)).Where(o => ledger.Obligations.GetValueOrDefault(o) is not { ReturnedAt: null }))
                    all.Add(new ObligationTaken(UpdateStrategy, taken, owner));
            all.Add(e);
            if (e is StepFinished { State: StepState.Succeeded or StepState.Skipped } end && ledger.Step(end.Step) is { Kind: StepKind.Release } step)
                foreach (var held in Outstanding(ledger, plan, step))
                    all.Add(new ObligationReturned(held.Kind, held.Object, "Given back to its controller."));
        }
        return all.ToImmutable();
    }

    public static IEnumerable<ObligationEntry> Outstanding(Ledger ledger) =>
        ledger.Obligations.Values.Where(o => o.ReturnedAt is null).OrderBy(o => o.Object, StringComparer.Ordinal);

    private static IEnumerable<ObligationEntry> Outstanding(Ledger ledger, Plan plan, StepEntry release)
    {
        var component = plan.Components.FirstOrDefault(c => c.Name == release.Component);
        var workloads = (release.Last.Act as ReleaseAct)?.Workloads ?? [.. component?.Targets.Select(t => t.Workload) ?? []];
        var objects = workloads.Select(w => Object(plan.Kind, plan.Cluster, w)).ToHashSet(StringComparer.Ordinal);
        return Outstanding(ledger).Where(o => objects.Contains(o.Object));
    }
}
