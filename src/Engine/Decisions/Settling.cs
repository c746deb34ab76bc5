using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>Looks at what is under way and says what has become of it: done, still going, may be tried again, or a reason to stop.</summary>
internal sealed class Settling(DecisionBuilder b, PlanIndex index)
{
    private static readonly TimeSpan JustNow = TimeSpan.FromSeconds(2);
    private readonly HashSet<string> _retry = new(StringComparer.Ordinal);

    /// <summary>The step is open, and its act may be offered again.</summary>
    public bool MayRetry(string step) => _retry.Contains(step);

    public void SettleAll()
    {
        foreach (var id in b.Ledger.OpenSteps.Order(StringComparer.Ordinal))
            Settle(b.Ledger.Steps[id]);
    }

    private void Settle(StepEntry step)
    {
        switch (step.Kind)
        {
            case StepKind.Hold: SettleHold(step); break;
            case StepKind.Retarget: SettleRetarget(step); break;
            case StepKind.Replace: SettleReplace(step); break;
            case StepKind.WaitInSync: SettleSync(step); break;
            case StepKind.Switchover: SettleSwitchover(step); break;
            case StepKind.Soak: SettleSoak(step); break;
            case StepKind.Gate: GateSettling.Settle(b, step, index.Stage(step.Component, step.Stage).Gate!); break;
            case StepKind.Release: SettleRelease(step); break;
            case StepKind.Analysis when AnalysisSettling.Settle(b, step, index.Stage(step.Component, step.Stage)): _retry.Add(step.Id); break;
            case StepKind.Analysis: break;
            default: SettleAction(step); break;
        }
    }

    private void Judge(StepEntry step, string what, TimeSpan? effectTimeout = null, ShardContext? s = null)
    {
        var (retry, verdict) = Attempts.Judge(b.State, step, what, effectTimeout);
        if (retry)
            _retry.Add(step.Id);
        else if (verdict.Stop)
            b.Pause(verdict.Reason!, verdict.Diverged);
        else if (step.Last.Status is ActStatus.NotNow)
            b.Wait(step.Id, verdict.Reason!, verdict.WakeAt);
        else
            b.Progress(step.Id, verdict.Reason!, verdict.WakeAt);
        if (s is not null && !retry)
            b.Ask(s, s.Members.Where(m => m.Ready && !s.UsesLabel(m)).Select(m => m.Name), Verdict.Soon);
    }

    private void SettleAction(StepEntry step)
    {
        if (ActionSettling.Settle(b, step))
            _retry.Add(step.Id);
    }

    private void SettleHold(StepEntry step)
    {
        var act = (HoldAct)step.Last.Act!;
        var held = PlanIndex.Workloads(b.State, step.Component).Where(w => act.Workloads.Contains(w.Name)).ToList();
        if (held.Count == act.Workloads.Length && held.All(w => Custodian.HeldBy(w, b.State.RunId) && w.Observed))
            b.Finish(step, StepState.Succeeded, null, [.. held.Take(8).Select(w => new Evidence($"{w.Name} updateStrategy", w.Strategy, "API server", b.State.Topology!.ObservedAt) { Rule = ObligationsRestored.Name })]);
        else
            Judge(step, $"Hold of {step.Component}");
    }

    private void SettleRetarget(StepEntry step)
    {
        var act = (RetargetAct)step.Last.Act!;
        var seen = PlanIndex.Workloads(b.State, step.Component).Where(w => act.Workloads.Contains(w.Name)).ToList();
        if (seen.Count == act.Workloads.Length && seen.All(w => ShardContext.AsksFor(w, act.To) && w.Observed))
            b.Finish(step, StepState.Succeeded, null, [.. seen.Take(8).Select(w => new Evidence($"{w.Name} asks for", w.TargetVersion, "API server", b.State.Topology!.ObservedAt))]);
        else
            Judge(step, $"Writing {act.To} into {string.Join(", ", act.Workloads)}");
    }

    private void SettleReplace(StepEntry step)
    {
        if (index.Shard(b.State, step.Component, step.Shard!) is not { } s)
            return;
        var act = (ReplaceAct)step.Last.Act!;
        var m = s.Find(act.Instance);
        if (m is not null && m.Uid == act.Uid && m.Phase != "Terminating")
        {
            Judge(step, $"Replacing {act.Instance}");
            return;
        }
        var since = Since(step.Last.StartedAt);
        if (m is null || m.Phase == "Missing" || m.Uid == act.Uid)
        {
            var gone = m is null || m.Phase == "Missing";
            var deadline = since + (b.Plan.Spec.Safety.ReadyDeadline ?? s.Profile.Deadlines.Ready);
            var text = gone ? $"{act.Instance} is gone; its controller creates it anew." : $"{act.Instance} is shutting down.";
            if (b.Now >= deadline)
                b.Pause(new Reason($"{act.Instance} did not come back within {ShardContext.Duration(deadline - since)}: {(gone ? "its Pod was not created" : "its Pod does not end")}.", UpdatedUnhealthyHalts.Name) { Next = "Look at the Pod's and the controller's events, then press Retry." });
            else
                b.Progress(step.Id, new Reason(text) { Deadline = deadline, Next = "Goes on by itself." });
            return;
        }
        if (!ShardContext.RunsVersion(m, s.Component.To))
        {
            // It came back, but on another version: the template was not (or no more) the target when it was created.
            if (Attempts.SinceRetry(b.State, step) >= Attempts.MaxFailures)
                b.Pause(new Reason($"{m.Name} came back on {m.Version}, not on {s.Component.To}.", PodRevisionIsTruth.Name) { Next = "Somebody else may be writing the template. Press Retry when it is settled." }, diverged: true);
            else
                _retry.Add(step.Id);
            return;
        }
        if (b.Take(s, step.Id, UpdatedUnhealthyHalts.Check(s, m, since), active: true))
        {
            b.Finish(step, StepState.Succeeded, null, s.ReadyEvidence(m) with { Rule = UpdatedUnhealthyHalts.Name }, new Evidence($"{m.Name} runs", m.Version, "API server", b.State.Topology!.ObservedAt) { Rule = PodRevisionIsTruth.Name });
            if (!s.Backwards && s.Profile.Role(step.Role) is { Leads: true })
                b.Record(new LevelChanged(s.Component.Name, s.Baseline.Name, Reversibility.L1));
            if (ImplicitFinalizeGuard.Reached(b.State, index, s))
                foreach (var (component, shard) in FinalizeGate.Unmarked(b.State))
                    b.Record(new LevelChanged(component, shard, Reversibility.L2));
        }
        else if (b.Plan.Spec.Rollback.Automatic && UpdatedUnhealthyHalts.Check(s, m, since) is { Stop: true, Reason: { } why })
        {
            b.RollbackDue = why;
        }
    }

    private void SettleSync(StepEntry step)
    {
        if (index.Shard(b.State, step.Component, step.Shard!) is not { } s || s.Find(step.Instance!) is not { } m)
            return;
        var started = Since(step.Last.StartedAt);
        if (!m.Ready)
        {
            b.Take(s, step.Id, UpdatedUnhealthyHalts.Check(s, m, started), active: true);
            return;
        }
        var verdict = ReplicationCaughtUp.Check(s, m, TimeSpan.FromSeconds(2));
        if (verdict.Allows)
            verdict = PeerViewConverged.Check(s, m);
        if (verdict.Allows)
        {
            b.Finish(step, StepState.Succeeded, null, [s.RoleEvidence(m) with { Rule = ReplicationCaughtUp.Name }, RuleEvidence.Lag(m, s.Now) with { Rule = ReplicationCaughtUp.Name }, .. RuleEvidence.Healthy(s)]);
            return;
        }
        var deadline = RecoveryIsProgress.Extend(m, started + s.Profile.Deadlines.Sync);
        if (b.Now >= deadline)
            b.Pause(verdict.Reason! with { Deadline = null, Next = $"It did not catch up within {ShardContext.Duration(deadline - started)}. Help it, then press Retry." });
        else if (b.Take(s, step.Id, Deadlined(verdict, deadline), active: b.Now - started < TimeSpan.FromSeconds(10)))
            return;
    }

    private static Verdict Deadlined(Verdict v, DateTimeOffset deadline) =>
        v.Probe.Length > 0 ? Verdict.Ask(v.Reason! with { Deadline = deadline }, v.Probe, v.ProbeMaxAge) : Verdict.Wait(v.Reason! with { Deadline = deadline }, v.WakeAt);

    private void SettleSwitchover(StepEntry step)
    {
        if (index.Shard(b.State, step.Component, step.Shard!) is not { } s)
            return;
        var act = (SwitchoverAct)step.Last.Act!;
        var op = b.State.Topology!.Operations.FirstOrDefault(o => o.Run == b.State.RunId && o.Step == step.Id && !NoConcurrentOps.Ended(o));
        if (op is not null)
        {
            b.Progress(step.Id, new Reason($"{op.Type} {op.Name} is {op.Phase}.") { Next = "Goes on when it has ended and the roles agree." });
            b.Ask(s, s.Members.Where(m => m.Ready && !s.UsesLabel(m)).Select(m => m.Name), Verdict.Soon);
            return;
        }
        var ready = s.Members.Where(m => m.Ready).ToList();
        var since = Since(step.Last.StartedAt);
        // Of the future: the clock was set back since; then only what was said just now can have come after the step.
        var asked = step.Last.StartedAt <= b.Now ? step.Last.StartedAt : b.Now - JustNow;
        var told = ready.All(m => s.UsesLabel(m) ? s.RoleOf(m).Confirmed : ShardContext.Answer(m) is { } r && r.At > asked && s.RoleOf(m).Role is not null);
        var leaders = s.Leaders.ToList();
        if (told && leaders.Count == 1 && (leaders[0].Name == act.To || (leaders[0].Name != act.From && s.OnTarget(leaders[0]))))
        {
            var leader = leaders[0];
            b.Finish(step, StepState.Succeeded, leader.Name == act.To ? null : new Reason($"{leader.Name} leads now, not {act.To}; it runs {leader.Version} as well."), [.. ready.Select(m => s.RoleEvidence(m) with { Rule = UnknownIsUnsafe.Name })]);
            if (!s.Backwards)
                b.Record(new LevelChanged(s.Component.Name, s.Baseline.Name, Reversibility.L1));
            return;
        }
        if (told && leaders.Count == 1)
        {
            Judge(step, $"Switchover of {s.Name} from {act.From} to {act.To}", s.Profile.Switchover?.Timeout, s);
            return;
        }
        b.Ask(s, ready.Where(m => !s.UsesLabel(m)).Select(m => m.Name), Verdict.Soon);
        var deadline = since + s.Profile.Deadlines.Role;
        var text = !told ? $"Switching {s.Name} over from {act.From} to {act.To}; the members are asked who leads." : leaders.Count == 0 ? $"{s.Name} has no leader at the moment; the switchover is under way." : $"{string.Join(" and ", leaders.Select(l => l.Name))} both lead {s.Name} at the moment; the switchover is under way.";
        if (b.Now < deadline)
            b.Progress(step.Id, new Reason(text) { Deadline = deadline, Next = "Goes on when exactly one member leads." });
        else
            b.Pause(new Reason($"The switchover of {s.Name} from {act.From} to {act.To} did not end with exactly one leader within {ShardContext.Duration(s.Profile.Deadlines.Role)}.", UnknownIsUnsafe.Name) { Evidence = [.. ready.Select(s.RoleEvidence)], Next = "Make one member leader with the database's own tools, then press Retry." });
    }

    private void SettleSoak(StepEntry step)
    {
        var stage = index.Stage(step.Component, step.Stage);
        var end = step.StartedAt + stage.Soak;
        foreach (var name in stage.Shards)
        {
            if (index.Shard(b.State, step.Component, name) is not { } s)
                continue;
            foreach (var m in s.Members)
                if (!m.Ready && !b.Take(s, step.Id, UpdatedUnhealthyHalts.Check(s, m, Since(step.StartedAt))))
                    return;
        }
        if (b.Now >= end)
            b.Finish(step, StepState.Succeeded, null);
        else
            b.Wait(step.Id, new Reason($"Soaking after {step.Stage}: {ShardContext.Duration(end - b.Now)} of {ShardContext.Duration(stage.Soak)} left, all members Ready.") { Next = $"Goes on by itself at {end:HH:mm:ss} UTC." }, end);
    }

    private void SettleRelease(StepEntry step)
    {
        var act = (ReleaseAct)step.Last.Act!;
        var free = PlanIndex.Workloads(b.State, step.Component).Where(w => act.Workloads.Contains(w.Name)).ToList();
        if (free.All(w => w.Held is null && w.Settled))
            b.Finish(step, StepState.Succeeded, null, [.. free.Take(8).Select(w => new Evidence($"{w.Name} updateStrategy", w.Strategy, "API server", b.State.Topology!.ObservedAt) { Rule = ObligationsRestored.Name })]);
        else
            Judge(step, $"Release of {step.Component}", b.Plan.Profile.For(step.Component).Deadlines.Ready);
    }

    /// <summary>From when a deadline counts: from the beginning, or from the last Retry; never from a time that is still to come, which a clock that was set back leaves behind.</summary>
    private DateTimeOffset Since(DateTimeOffset began)
    {
        var since = b.Ledger.RetriedAt is { } retried && retried > began ? retried : began;
        return since <= b.Now ? since : b.Now;
    }
}
