using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 30. While somebody else's operation runs on the cluster, nothing starts; the member in hand is finished. What the run that is rolled back asked for is ours too.</summary>
public static class NoConcurrentOps
{
    public const string Name = "NoConcurrentOps";

    public static Verdict Check(DecisionState state)
    {
        foreach (var op in state.Topology!.Operations)
        {
            if (!Foreign(op, state.RunId, state.Plan.RollbackOf))
                continue;
            return Verdict.Wait(new Reason($"{op.Type} {op.Name} is {op.Phase} on this cluster; nothing starts beside it.", Name)
            {
                Evidence = [new Evidence($"{op.Type} {op.Name}", op.Phase, "API server", state.Topology.ObservedAt)], Next = "Goes on by itself when it has ended.",
            });
        }
        return Verdict.Allow;
    }

    /// <summary>Not over, and asked for neither by this run nor by the one it takes back.</summary>
    public static bool Foreign(Operation op, string? run, string? rollbackOf)
    {
        ArgumentNullException.ThrowIfNull(op);
        return !Ended(op) && (op.Run is null || (op.Run != run && op.Run != rollbackOf));
    }

    public static bool Ended(Operation op)
    {
        ArgumentNullException.ThrowIfNull(op);
        return op.Phase is "Succeed" or "Failed" or "Aborted" or "Cancelled";
    }
}
