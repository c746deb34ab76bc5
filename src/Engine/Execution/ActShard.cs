using Rollcall.Engine.Decisions;

namespace Rollcall.Engine.Execution;

/// <summary>What an act is about.</summary>
internal static class ActShard
{
    /// <summary>The shard it touches; null for acts on whole components.</summary>
    public static string? Of(Act act) => act switch
    {
        ReplaceAct r => r.Shard,
        SwitchoverAct s => s.Shard,
        _ => null,
    };

    /// <summary>The very same act. Records compare immutable arrays by reference, so those are compared here.</summary>
    public static bool Same(Act a, Act b) => (a, b) switch
    {
        (HoldAct x, HoldAct y) => x.Step == y.Step && x.Component == y.Component && x.Workloads.SequenceEqual(y.Workloads),
        (RetargetAct x, RetargetAct y) => x.Step == y.Step && x.Component == y.Component && x.To.Equals(y.To) && x.Workloads.SequenceEqual(y.Workloads),
        (ReleaseAct x, ReleaseAct y) => x.Step == y.Step && x.Component == y.Component && x.Workloads.SequenceEqual(y.Workloads),
        (ActionAct x, ActionAct y) => x.Step == y.Step && x.Component == y.Component && x.Shard == y.Shard && x.Instance == y.Instance, // the step says which action it is
        _ => a == b,
    };
}
