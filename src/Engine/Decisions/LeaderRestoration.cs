using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>The last phase before control is given back: leadership returns to those who had it (rule RestoreOriginalLeaders).</summary>
internal sealed class LeaderRestoration(DecisionBuilder b, PlanIndex index, Settling settling)
{
    /// <summary>How often it is seen whether the deadline, counted from when the calendar let go, has come.</summary>
    private static readonly TimeSpan CalendarPatience = TimeSpan.FromSeconds(30);

    /// <summary>True when nothing is left to hand back.</summary>
    public bool Done()
    {
        var wanted = RestoreOriginalLeaders.Wanted(b.Plan, b.Ledger);
        if (wanted.IsEmpty)
            return true;
        foreach (var c in b.Plan.Components.Where(c => HandsOver(b.Plan.Profile.For(c.Name))))
            foreach (var shard in c.Shards)
                if (wanted.TryGetValue(Ledger.ShardKey(c.Name, shard.Name), out var preferred) && !Restored(c, shard.Name, preferred))
                    return false; // one shard at a time
        return true;
    }

    private bool HandsOver(EngineProfile profile) => profile is { HasLeader: true, HandsOverByStopping: false } && (profile.Switchover is not null || b.Plan.Kind == ClusterKind.Cluster);

    private bool Restored(PlannedComponent c, string shard, string preferred)
    {
        var id = StepIds.Restore(c.Name, shard);
        var step = b.Ledger.Step(id);
        if (step is { Done: true })
            return true;
        if (step is not null && !settling.MayRetry(id))
            return false;
        if (index.Shard(b.State, c.Name, shard) is not { } s || RestoreOriginalLeaders.Check(s, preferred) is not { } verdict)
            return true;
        if (!b.MayBegin(id) || !b.Take(s, id, HandoverWindow.Check(s)))
            return false; // the calendar costs it no patience
        var late = b.Ledger.LastProgressAt + s.Profile.Deadlines.Sync;
        if (ChangeFreeze.Bars(b.State, b.Now - s.Profile.Deadlines.Sync) || HandoverWindow.Bars(b.State, b.Now - s.Profile.Deadlines.Sync))
            late = b.Now + CalendarPatience;
        if (!verdict.Allows && !verdict.Stop && b.Now >= late)
        {
            Skip(s, id, preferred, step, verdict.Reason!);
            return false;
        }
        if (verdict.Allows)
            verdict = NoForcedHandover.Check(s);
        if (verdict.Allows)
            verdict = NoConcurrentOps.Check(b.State);
        if (verdict.Allows && s.Leader is { } leader && s.Find(preferred) is { } target)
            Offer(s, id, leader, target, step);
        else
        {
            b.Take(s, id, verdict, active: true);
            b.Wake(late);
        }
        return false;
    }

    private void Offer(ShardContext s, string id, Instance leader, Instance target, StepEntry? step)
    {
        var act = new SwitchoverAct(id, s.Component.Name, s.Baseline.Name, leader.Name, target.Name);
        b.Offer(new StepStarted(id, StepKind.Switchover, s.Component.Name, RestoreOriginalLeaders.Stage, s.Baseline.Name, leader.Name, (step?.Last.Number ?? 0) + 1, act)
        {
            Title = $"Hand {s.Name} back from {leader.Name} to {target.Name}",
            From = leader.Name,
            To = target.Name,
            Role = s.RoleOf(leader).Role,
            Zone = leader.Zone,
            Evidence = [new Evidence($"leader of {s.Name} before", target.Name, "journal", b.Now) { Rule = RestoreOriginalLeaders.Name }, .. RuleEvidence.Handover(s, leader, target, [], s.Component.Shards.Length).Where(e => e.Rule != SingleHandover.Name)],
        }, act);
    }

    /// <summary>It is a courtesy, not the change: what cannot be restored is left as it is, and said.</summary>
    private void Skip(ShardContext s, string id, string preferred, StepEntry? step, Reason why)
    {
        var number = (step?.Last.Number ?? 0) + 1;
        b.Record(new StepStarted(id, StepKind.Switchover, s.Component.Name, RestoreOriginalLeaders.Stage, s.Baseline.Name, preferred, number, null) { Title = $"Hand {s.Name} back to {preferred}", To = preferred });
        b.Record(new StepFinished(id, number, StepState.Skipped, new Reason($"{preferred} does not lead {s.Name} again: {why.Text}", RestoreOriginalLeaders.Name) { Next = "Hand over by hand if it matters; the change itself is done." }));
    }
}
