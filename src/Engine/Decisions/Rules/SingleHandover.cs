using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 2. At most one planned leadership change per shard and run. A second one would mean that the leadership moved behind our back: a person looks first.</summary>
public static class SingleHandover
{
    public const string Name = "SingleHandover";

    public static Verdict Check(ShardContext s, Instance leader) =>
        s.Ledger.Step(StepIds.Switchover(s.Component.Name, s.Baseline.Name)) is not { Done: true } done || s.Ledger.RetriedSeq > done.EndedSeq
            ? Verdict.Allow
            : Verdict.Pause(new Reason($"{s.Name} was switched over once already, and {leader.Name}, which runs {leader.Version}, leads again. A second switchover was not planned.", Name)
            {
                Evidence = [s.RoleEvidence(leader)], Next = "If another switchover is fine, press Retry; else abort or roll back.",
            }, diverged: true);
}
