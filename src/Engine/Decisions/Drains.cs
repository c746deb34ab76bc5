using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>Drains a member before it is stopped and lets it take part again when it is back. What a drain takes is an obligation, written before the drain is asked for.</summary>
internal sealed class Drains(DecisionBuilder b, Settling settling)
{
    public const string Kind = "Drain";

    /// <summary>True when there is nothing (more) to drain.</summary>
    public bool Drained(ShardContext s, string stage, Instance m)
    {
        if (DrainBeforeStop.Check(s, m).Allows)
            return true;
        var (drain, owed) = (s.Profile.Drain!, DrainBeforeStop.Object(s, m.Name));
        if (!drain.Undo.IsEmpty && b.Ledger.Obligations.GetValueOrDefault(owed) is not { ReturnedAt: null })
            b.Record(new ObligationTaken(Kind, owed, b.State.RunId));
        else
            Offer(s, stage, m, DrainBeforeStop.Step(s, m), $"Drain {m.Name}", drain, drain.Command, givesBack: false);
        return false;
    }

    /// <summary>What was drained takes part again, before anything else happens in the shard.</summary>
    /// <param name="ending">Also members that were drained and not replaced: the run is over.</param>
    public bool Undone(ShardContext s, string stage, bool ending = false)
    {
        if (s.Profile.Drain is not { Undo.IsEmpty: false } drain)
            return true;
        foreach (var m in s.Members)
        {
            var owed = DrainBeforeStop.Object(s, m.Name);
            if (b.Ledger.Obligations.GetValueOrDefault(owed) is not { ReturnedAt: null } taken || !m.Ready || (!ending && !s.OnTarget(m)))
                continue;
            var step = b.Ledger.Step(DrainBeforeStop.Undo(s, m));
            var drained = Math.Max(taken.Seq, b.Ledger.Step(DrainBeforeStop.Step(s, m))?.Last.Seq ?? 0); // the Pod may have been lost and drained once more meanwhile
            if (step is { Done: true } && step.Last.Seq > drained)
                b.Record(new ObligationReturned(Kind, owed, "It takes part again."));
            else if (ending && step is { Open: true, Last.Status: ActStatus.Failed or ActStatus.Refused or ActStatus.Unknown })
                continue; // nobody is there to mend it any more; it stays listed
            else
                Offer(s, stage, m, DrainBeforeStop.Undo(s, m), $"Let {m.Name} take part again", drain, drain.Undo, givesBack: true);
            return false;
        }
        return true;
    }

    private void Offer(ShardContext s, string stage, Instance m, string id, string title, DrainSpec drain, ImmutableArray<string> argv, bool givesBack)
    {
        var step = b.Ledger.Step(id);
        if (step is { Open: true } && !settling.MayRetry(id))
            return;
        var command = argv.Select(a => a.Replace("{instance}", m.Name, StringComparison.Ordinal)).ToImmutableArray();
        var act = new ActionAct(id, s.Component.Name, s.Baseline.Name, m.Name, new ActionSpec { Exec = new ExecAction { Container = drain.Containers.FirstOrDefault(m.Images.ContainsKey), Command = command }, Timeout = drain.Timeout })
        {
            Stage = stage, GivesBack = givesBack, Uid = m.Uid,
        };
        b.Offer(new StepStarted(id, StepKind.Drain, s.Component.Name, stage, s.Baseline.Name, m.Name, (step?.Last.Number ?? 0) + 1, act)
        {
            Title = title, Role = s.RoleOf(m).Role, RolesBefore = ShardDecision.RolesBefore(s), Evidence = [s.ReadyEvidence(m)],
        }, act);
    }
}
