using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 28. A member that the engine wants drained is stopped only when the drain of this very Pod has ended well; one that does not end is a pause, never a reason to go on.</summary>
public static class DrainBeforeStop
{
    public const string Name = "DrainBeforeStop";

    public static string Step(ShardContext s, Instance m) => $"{s.Component.Name}.{s.Baseline.Name}.drain.{m.Name}";
    public static string Undo(ShardContext s, Instance m) => $"{s.Component.Name}.{s.Baseline.Name}.undrain.{m.Name}";

    /// <summary>What is owed to a drained member, as it stands in the journal. The Pod's own uid is part of it: the next drain of this name is another one.</summary>
    public static string Object(ShardContext s, string instance) => $"{instance} of {s.State.Plan.Cluster}";

    public static Verdict Check(ShardContext s, Instance candidate)
    {
        if (s.Profile.Drain is not { } drain || !candidate.Ready || !drain.Concerns(s.RoleOf(candidate).Role))
            return Verdict.Allow; // one that does not serve has nothing to drain
        return s.Ledger.Step(Step(s, candidate)) is { Done: true, Last.Act: ActionAct drained } && drained.Uid == candidate.Uid
            ? Verdict.Allow
            : Verdict.Wait(new Reason($"{candidate.Name} is drained before it stops.", Name) { Next = "Goes on by itself when the drain has ended." });
    }
}
