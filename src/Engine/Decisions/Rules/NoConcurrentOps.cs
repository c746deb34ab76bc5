using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 30. While somebody else's operation runs on the cluster, nothing starts; the member in hand is finished.</summary>
public static class NoConcurrentOps
{
    public const string Name = "NoConcurrentOps";

    public static Verdict Check(DecisionState state)
    {
        foreach (var op in state.Topology!.Operations)
        {
            if (op.Run is not null || op.Phase is "Succeed" or "Failed" or "Aborted" or "Cancelled")
                continue;
            return Verdict.Wait(new Reason($"{op.Type} {op.Name} is {op.Phase} on this cluster; nothing starts beside it.", Name)
            {
                Evidence = [new Evidence($"{op.Type} {op.Name}", op.Phase, "API server", state.Topology.ObservedAt)], Next = "Goes on by itself when it has ended.",
            });
        }
        return Verdict.Allow;
    }
}
