using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>The plan's gates, and who decided what at them. Whether a gate is passed is Decide's word: its step is finished or not.</summary>
internal static class GateProjection
{
    public static ImmutableArray<GateView> Gates(Plan plan, Ledger ledger)
    {
        var views = ImmutableArray.CreateBuilder<GateView>();
        foreach (var component in plan.Components)
            foreach (var stage in component.Stages.Where(s => s.Gate is not null))
            {
                var id = StepIds.Gate(component.Name, stage.Name);
                views.Add(View(id, component.Name, stage.Name, stage.Gate!, ledger.Gates.GetValueOrDefault(id), ledger.Step(id)));
            }
        return views.ToImmutable();
    }

    private static GateView View(string id, string component, string stage, GateSpec spec, GateEntry? entry, StepEntry? step) => new()
    {
        Name = id,
        Stage = stage,
        Component = component,
        Shard = entry?.Shard,
        State = entry switch
        {
            null => GateState.Pending,
            { RejectedBy: not null } => GateState.Rejected,
            _ => step is { Done: true } ? GateState.Approved : GateState.Open,
        },
        Required = spec.Approvals,
        Groups = spec.Groups,
        Approvals = [.. entry?.Approvals.Select(a => new ApprovalView(a.By, a.Group, a.At, a.Comment, a.PlanHash, a.Void)) ?? []],
        OpenedAt = entry?.OpenedAt,
        Deadline = entry is not null && spec.Deadline is { } limit ? entry.OpenedAt + limit : null,
        OnDeadline = spec.OnDeadline,
    };
}
