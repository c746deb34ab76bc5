using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>The hold: taken on all components first, guarded all the time, given back only when the cluster is of one piece (rule ObligationsRestored).</summary>
internal sealed class Custodian(DecisionBuilder b, PlanIndex index, Settling settling)
{
    public static bool HeldBy(Workload w, string run) => w.Strategy == "OnDelete" && w.Held?.Run == run;

    /// <summary>True when every component is held.</summary>
    public bool HoldAll()
    {
        var changed = index.Held.Take();
        if (changed is not null && b.Plan.Components.All(c => b.Ledger.Step(StepIds.Hold(c.Name)) is { Done: true }) && changed.All(StillHeld))
            return true;
        var all = true;
        foreach (var c in b.Plan.Components)
        {
            var id = StepIds.Hold(c.Name);
            var step = b.Ledger.Step(id);
            if (step is { Done: true })
            {
                all &= StillHeld(c, step);
                continue;
            }
            all = false;
            if (step is null && NoConcurrentOps.Check(b.State) is { Allows: false } busy)
                b.Wait(id, busy.Reason!, busy.WakeAt);
            else if (step is not null ? settling.MayRetry(id) : b.MayBegin(id))
                OfferHold(c, step);
        }
        return all;
    }

    private void OfferHold(PlannedComponent c, StepEntry? step)
    {
        var id = StepIds.Hold(c.Name);
        var act = new HoldAct(id, c.Name, [.. c.Targets.Select(t => t.Workload)]);
        b.Offer(new StepStarted(id, StepKind.Hold, c.Name, "hold", null, null, (step?.Last.Number ?? 0) + 1, act) { Title = $"Hold {c.Name}: nothing restarts by itself" }, act);
    }

    private bool StillHeld(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return index.Shard(b.State, key[..slash], key[(slash + 1)..]) is not { } s || s.Workloads.All(w => HeldBy(w, b.State.RunId));
    }

    /// <summary>Somebody took the hold away: it is written back once, and a person looks.</summary>
    private bool StillHeld(PlannedComponent c, StepEntry step)
    {
        if (b.Ledger.Step(StepIds.Release(c.Name)) is not null)
            return true;
        var ours = c.Targets.Select(t => t.Workload).ToHashSet(StringComparer.Ordinal);
        var lost = PlanIndex.Workloads(b.State, c.Name).Where(w => ours.Contains(w.Name) && !HeldBy(w, b.State.RunId)).ToList();
        if (lost.Count == 0)
            return true;
        index.Held.Add(null);
        var other = lost.FirstOrDefault(w => w.Held is not null && w.Held.Run != b.State.RunId)?.Held;
        if (other is not null)
        {
            b.Pause(new Reason($"{c.Name} is held by run {other.Run} of {other.Owner} now.", ObligationsRestored.Name) { Next = "Two Rollcalls must not act on one cluster. Find out who started it." }, diverged: true);
            return false;
        }
        if (b.Ledger.Pause is null)
        {
            b.Pause(new Reason($"Somebody gave {string.Join(", ", lost.Select(w => w.Name))} back to its controller (update strategy {lost[0].Strategy}).", ObligationsRestored.Name)
            {
                Next = "Rollcall holds it again and waits for you: find out who wrote it (GitOps?), then press Retry.",
            }, diverged: true);
        }
        else if (step.Attempts.Length < 2 || b.Ledger.RetriedSeq > step.Last.Seq)
        {
            OfferHold(c, step);
        }
        return false;
    }

    /// <summary>After a bad version halted the run: the old one goes back into the template, so that a lost Pod returns on it. Nothing moves under Hold.</summary>
    public void WriteBackBadVersion()
    {
        if (b.Ledger.Pause is not { Reason.Rule: UpdatedUnhealthyHalts.Name } || b.Plan.Direction == Direction.Rollback)
            return;
        foreach (var c in b.Plan.Components)
        {
            foreach (var w in PlanIndex.Workloads(b.State, c.Name))
            {
                var target = c.Targets.FirstOrDefault(t => t.Workload == w.Name);
                if (target is null || !HeldBy(w, b.State.RunId) || !ShardContext.AsksFor(w, target.To) || target.To.Equals(target.From))
                    continue;
                var members = index.Shards(b.State, c.Name).Where(s => w.Shards.Contains(s.Name)).SelectMany(s => s.Members).Where(m => m.Workload.Length == 0 || m.Workload == w.Name).ToList();
                if (members.Any(m => m.Ready && ShardContext.RunsVersion(m, target.To)) || w.Shards.Any(s => Proven(c, s)) || !members.Any(m => !m.Ready && ShardContext.RunsVersion(m, target.To)))
                    continue; // some run well on it: not a bad version as such; or nobody has taken it
                OfferWriteBack(c, w.Name, target.From, w.Shards.Length == 1 ? w.Shards[0] : null);
            }
        }
    }

    /// <summary>A member of it has come up well on the new version in this run, whatever ails it now.</summary>
    private bool Proven(PlannedComponent c, string shard) =>
        c.Shards.FirstOrDefault(s => s.Name == shard)?.Instances.Any(m => b.Ledger.Step(StepIds.Replace(c.Name, shard, m)) is { Done: true }) == true;

    /// <summary>True when the template of every workload asks for what its members run; otherwise the write that makes it so is offered.</summary>
    public bool OfferWriteBack(PlannedComponent c, string workload, VersionRef version, string? shard)
    {
        var id = StepIds.WriteBack(c.Name, workload);
        var step = b.Ledger.Step(id);
        if (step is { Open: true } && !settling.MayRetry(id))
            return false;
        var act = new RetargetAct(id, c.Name, [workload], version);
        b.Offer(new StepStarted(id, StepKind.Retarget, c.Name, "write back", shard, null, (step?.Last.Number ?? 0) + 1, act) { Title = $"Write {version} back into {workload}" }, act);
        return false;
    }

    /// <summary>Gives every component back. True when all are free.</summary>
    public bool ReleaseAll()
    {
        var all = true;
        foreach (var c in b.Plan.Components)
        {
            var id = StepIds.Release(c.Name);
            var step = b.Ledger.Step(id);
            if (step is { Done: true })
                continue;
            all = false;
            if (step is not null && !settling.MayRetry(id))
                continue;
            if (ObligationsRestored.Check(b.State, c, index) is { Allows: false } no)
            {
                b.Wait(id, no.Reason!, no.WakeAt);
                continue;
            }
            var act = new ReleaseAct(id, c.Name, [.. c.Targets.Select(t => t.Workload)]);
            b.Offer(new StepStarted(id, StepKind.Release, c.Name, "release", null, null, (step?.Last.Number ?? 0) + 1, act) { Title = $"Release {c.Name}: give control back" }, act);
        }
        return all;
    }
}
