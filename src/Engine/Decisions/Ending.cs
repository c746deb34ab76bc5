using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>The way out of a run that a person aborts: nothing new starts, what can be given back is given back, the rest stays held and is said.</summary>
internal sealed class Ending(DecisionBuilder b, PlanIndex index, Settling settling, Custodian custodian, Movers movers)
{
    public void Abort()
    {
        var abort = b.Ledger.Abort!;
        var answering = b.Ledger.OpenSteps.Select(id => b.Ledger.Steps[id]).FirstOrDefault(s => s.Last is { Act: not null, Status: null } && !settling.MayRetry(s.Id));
        if (answering is not null)
        {
            b.Progress(answering.Id, new Reason($"Aborting: waiting for the answer to “{answering.Title}”."));
            return;
        }
        if (!movers.ResumeAll(ending: true) || b.HasRecords || !Undrained() || b.HasRecords)
            return;
        var by = $"Aborted by {abort.Actor}{(string.IsNullOrWhiteSpace(abort.Comment) ? "" : $": {abort.Comment.TrimEnd('.')}")}.{movers.Left()}";
        var held = b.Plan.Components.Where(c => PlanIndex.Workloads(b.State, c.Name).Any(w => w.Held?.Run == b.State.RunId)).ToList();
        if (held.Count == 0)
        {
            b.Record(new RunFinished(RunState.Aborted, new Reason($"{by} Nothing is held.")));
            return;
        }
        foreach (var c in held)
        {
            if (!Whole(c, out var unwritten))
            {
                b.Record(new RunFinished(RunState.Aborted, new Reason($"{by} {c.Name} stays held: its members do not all run what its specification asks for, so giving it back would restart some.", ObligationsRestored.Name)
                {
                    Next = "Finish, roll back, or release anyway.",
                }));
                return;
            }
            if (unwritten is { } w && !custodian.OfferWriteBack(c, w.Workload, w.From, null))
                return;
        }
        if (custodian.ReleaseAll())
            b.Record(new RunFinished(RunState.Aborted, new Reason($"{by} Every member is Ready on one version and control was given back.")));
    }

    private bool Undrained()
    {
        var drains = new Drains(b, settling);
        return b.Plan.Components.All(c => b.Plan.Profile.For(c.Name).Drain is null || index.Shards(b.State, c.Name).All(s => drains.Undone(s, c.Stages[0].Name, ending: true)));
    }

    /// <summary>Every member of the component is Ready on one version. <paramref name="unwritten"/>: a workload whose template still asks for the other one.</summary>
    private bool Whole(PlannedComponent c, out WorkloadTarget? unwritten)
    {
        unwritten = null;
        foreach (var w in PlanIndex.Workloads(b.State, c.Name))
        {
            var target = c.Targets.FirstOrDefault(t => t.Workload == w.Name);
            if (target is null)
                continue;
            var members = index.Shards(b.State, c.Name).Where(s => w.Shards.Contains(s.Name)).SelectMany(s => s.Members).Where(m => m.Workload.Length == 0 || m.Workload == w.Name).ToList();
            if (members.Any(m => !m.Ready))
                return false;
            if (ShardContext.AsksFor(w, target.To) && members.All(m => ShardContext.RunsVersion(m, target.To)))
                continue;
            if (!members.All(m => ShardContext.RunsVersion(m, target.From)))
                return false;
            if (!ShardContext.AsksFor(w, target.From))
                unwritten = target;
        }
        return true;
    }
}
