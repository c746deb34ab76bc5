using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>
/// What is next in one shard. Evaluation order: membership, template, unknown and foreign operations, the dead and outdated, the updated and unhealthy, in sync,
/// then a follower, then the switchover, then the old leader.
/// </summary>
internal sealed class ShardDecision(DecisionBuilder b, Settling settling, Disruptions disruptions, Hooks hooks, Analyses analyses)
{
    private readonly Drains _drains = new(b, settling);

    /// <summary>How many other shards are in flight, and how many may be.</summary>
    public ShardTurn Turn { get; set; }

    /// <param name="moving">Other shards whose leader is absent or moving.</param>
    public void Decide(ShardContext s, PlannedStage stage, IReadOnlyList<ShardContext> moving, int shards)
    {
        if (!MembershipAsPlanned(s) || !TemplateAsksForTarget(s, stage))
            return;
        if (b.Ledger.OpenByShard.TryGetValue(s.Key, out var open) && open.Any(id => !settling.MayRetry(id) && b.Ledger.Steps[id].Kind is not (StepKind.Retarget or StepKind.Gate or StepKind.Analysis)))
            return; // its wait is said where it is settled
        var waitsAt = open?.FirstOrDefault(settling.MayRetry) ?? StepIds.Replace(s.Component.Name, s.Baseline.Name, "next");
        if (!b.Take(s, waitsAt, NoConcurrentOps.Check(b.State)) || !ForerunnerSettled(s))
            return;
        if (s.Members.Any(s.Outdated) && !hooks.Pass(HookPoints.BeforeShard, s.Component, stage, s))
            return;

        var everybodyDown = s.Members.All(m => !m.Ready);
        if (UnhealthyOutdatedFirst.Choose(s) is { } dead && (!s.Profile.HasLeader || s.Leader is not null || everybodyDown))
        {
            if (!InHand(s, stage, dead, open) && !b.MayBegin(Id(s, dead)))
                return;
            OfferReplace(s, stage, dead, RuleEvidence.Ejection(s, dead));
            return;
        }
        foreach (var m in s.Members)
            if (!m.Ready && s.OnTarget(m) && !b.Take(s, Id(s, m), UpdatedUnhealthyHalts.Check(s, m, b.Ledger.LastProgressAt)))
                return;
        if (!b.Take(s, waitsAt, UnknownIsUnsafe.Check(s, b.Ledger.LastProgressAt)) || !UpdatedAreInSync(s, stage) || !_drains.Undone(s, stage.Name) || !AfterActs(s, stage))
            return;

        var leader = s.Leader;
        if (!s.Backwards && leader is not null && s.OnTarget(leader) && s.Members.Length > 1 && b.Ledger.Levels.GetValueOrDefault(s.Key) == Reversibility.L0 && !b.Ledger.Levels.ContainsKey(s.Key))
            b.Record(new LevelChanged(s.Component.Name, s.Baseline.Name, Reversibility.L1)); // a failover of its own moved it to an updated member

        var follower = NonLeadersFirst.NextFollower(s);
        var leaderIsNext = follower is null && leader is not null && s.Outdated(leader) && stage.Roles != "followers";
        if ((follower ?? (leaderIsNext ? leader : null)) is { } nextMember && !InHand(s, stage, nextMember, open) && !b.MayBegin(waitsAt))
            return;
        if (follower is not null)
            Follower(s, stage, follower);
        else if (leaderIsNext)
            Leader(s, stage, leader!, moving, shards);
        else
            Finished(s, stage);
    }

    /// <summary>The member was drained, or prepared by a hook, or something of this shard is to be tried again: that is finishing, not beginning.</summary>
    private bool InHand(ShardContext s, PlannedStage stage, Instance m, ImmutableHashSet<string>? open) =>
        open?.Any(id => settling.MayRetry(id) && b.Ledger.Steps[id] is { Kind: not StepKind.Analysis, Last.Status: not ActStatus.NotNow }) == true
        || b.Ledger.Obligations.GetValueOrDefault(DrainBeforeStop.Object(s, m.Name)) is { ReturnedAt: null }
        || stage.Hooks.Any(h => h.On == HookPoints.BeforeInstance && b.Ledger.Step(StepIds.Hook(s.Component.Name, stage.Name, h.Name, s.Baseline.Name, m.Name)) is not null);

    private static string Id(ShardContext s, Instance m) => StepIds.Replace(s.Component.Name, s.Baseline.Name, m.Name);

    private bool MembershipAsPlanned(ShardContext s)
    {
        var extra = s.Members.Where(m => !s.Baseline.Instances.Contains(m.Name)).Select(m => m.Name).ToList();
        var missing = s.Baseline.Instances.Where(n => s.Find(n) is null).ToList();
        if (extra.Count + missing.Count > 0)
        {
            b.Pause(new Reason($"{s.Name} has other members than when the plan was made:{(extra.Count > 0 ? $" {string.Join(", ", extra)} came" : "")}{(extra.Count > 0 && missing.Count > 0 ? "," : "")}{(missing.Count > 0 ? $" {string.Join(", ", missing)} went" : "")}.", "PlanDiverged")
            {
                Next = "Abort this run and make a new plan for the cluster as it is now.",
            }, diverged: true);
            return false;
        }
        var third = s.Members.FirstOrDefault(m => m.Uid.Length > 0 && m.Phase != "Missing" && !ShardContext.RunsVersion(m, s.Component.To) && !ShardContext.RunsVersion(m, s.Component.From));
        if (third is null)
            return true;
        b.Pause(new Reason($"{third.Name} runs {third.Version}, which is neither {s.Component.From} nor {s.Component.To}.", "PlanDiverged")
        {
            Next = "Somebody else changed it. Abort this run and make a new plan.",
        }, diverged: true);
        return false;
    }

    private bool TemplateAsksForTarget(ShardContext s, PlannedStage stage)
    {
        foreach (var w in s.Workloads)
        {
            var target = s.Component.Targets.FirstOrDefault(t => t.Workload == w.Name);
            if (target is null)
                continue;
            var id = StepIds.Retarget(s.Component.Name, w.Name);
            var step = b.Ledger.Step(id);
            if (step is { Open: true } && !settling.MayRetry(id))
                return false;
            if (ShardContext.AsksFor(w, target.To))
            {
                if (w.Observed)
                    continue;
                b.Progress(id, new Reason($"The controller has not yet seen the new template of {w.Name}.") { Next = "Goes on by itself." });
                return false;
            }
            var writeBack = b.Ledger.Step(StepIds.WriteBack(s.Component.Name, w.Name));
            if (step is { Done: true } && !(writeBack?.EndedSeq > step.EndedSeq) && b.Ledger.RetriedSeq <= step.EndedSeq)
            {
                b.Pause(new Reason($"The template of {w.Name} asks for {w.TargetVersion}, not for {target.To}: somebody changed it after Rollcall wrote it.", "PlanDiverged")
                {
                    Next = "Stop who writes it (GitOps?), then press Retry to write it again, or abort.",
                }, diverged: true);
                return false;
            }
            if (!b.MayBegin(id))
                return false;
            var act = new RetargetAct(id, s.Component.Name, [w.Name], target.To);
            b.Offer(new StepStarted(id, StepKind.Retarget, s.Component.Name, stage.Name, w.Shards.Length == 1 ? s.Baseline.Name : null, null, (step?.Last.Number ?? 0) + 1, act)
            {
                Title = $"Write {target.To} into {w.Name}",
                From = target.From.Version,
                To = target.To.Version,
            }, act);
            return false;
        }
        return true;
    }

    /// <summary>Rule ReplicationCaughtUp: what was updated is in sync before the next act in its shard.</summary>
    private bool UpdatedAreInSync(ShardContext s, PlannedStage stage)
    {
        if (!s.Profile.HasRoles)
            return true;
        var fine = true;
        foreach (var m in s.Members)
        {
            if (b.Ledger.Step(Id(s, m)) is not { Done: true } replaced || !s.OnTarget(m))
                continue;
            var id = StepIds.Sync(s.Component.Name, s.Baseline.Name, m.Name);
            var sync = b.Ledger.Step(id);
            if (sync is { Done: true } && sync.EndedSeq > replaced.EndedSeq)
                continue;
            fine = false;
            if (sync is not { Open: true })
                b.Record(new StepStarted(id, StepKind.WaitInSync, s.Component.Name, stage.Name, s.Baseline.Name, m.Name, (sync?.Last.Number ?? 0) + 1, null) { Title = $"{m.Name} catches up", Role = replaced.Role });
        }
        return fine;
    }

    /// <summary>Hooks after what this stage did here: members that were replaced (and caught up), the switchover.</summary>
    private bool AfterActs(ShardContext s, PlannedStage stage)
    {
        if (Hooks.Any(stage, HookPoints.AfterInstance) || Analyses.Any(stage, HookPoints.AfterInstance))
            foreach (var m in s.Members)
                if (b.Ledger.Step(Id(s, m)) is { Done: true } replaced && replaced.Stage == stage.Name && s.OnTarget(m)
                    && (!hooks.Pass(HookPoints.AfterInstance, s.Component, stage, s, m) || !analyses.Pass(HookPoints.AfterInstance, s.Component, stage, s, m)))
                    return false;
        return b.Ledger.Step(StepIds.Switchover(s.Component.Name, s.Baseline.Name)) is not { Done: true } handover || handover.Stage != stage.Name || hooks.Pass(HookPoints.AfterSwitchover, s.Component, stage, s);
    }

    private void Follower(ShardContext s, PlannedStage stage, Instance m)
    {
        var id = Id(s, m);
        if (m.Phase is "Terminating" or "Missing" || (!m.Ready && !m.Dead))
        {
            b.Take(s, id, m.Phase is "Terminating" or "Missing"
                ? Verdict.Wait(new Reason($"{m.Name} is {(m.Phase == "Missing" ? "gone; its controller creates it anew" : "shutting down")}.", OneDisruptionPerShard.Name) { Next = "Goes on by itself." })
                : Verdict.Wait(new Reason($"{m.Name} runs but is not Ready; it may be recovering and is left alone.", OneDisruptionPerShard.Name) { Evidence = [s.ReadyEvidence(m)], Next = "Goes on by itself when it is Ready." }));
            return;
        }
        if (MayDisrupt(s, id, m) && b.Take(s, id, RebuildOnRevert.Check(s, m)))
            OfferReplace(s, stage, m, RuleEvidence.Replacement(s, m, Turn, disruptions.All));
    }

    private bool MayDisrupt(ShardContext s, string id, Instance m) =>
        b.Take(s, id, OneDisruptionPerShard.Check(s, m))
        && b.Take(s, id, Cooldown.Check(s, m))
        && b.Take(s, id, ZoneExclusive.Check(s, m, disruptions.All))
        && b.Take(s, id, PeerViewConverged.Check(s))
        && b.Take(s, id, DataCopyHeadroom.Check(s, m))
        && b.Take(s, id, NoSharedCopiesInBatch.Check(s, m))
        && b.Take(s, id, QuorumPreserved.Check(s, m))
        && b.Take(s, id, PdbRespected.Check(s, m))
        && b.Take(s, id, FreshRoleBeforeAct.Check(s), active: true);

    private void Leader(ShardContext s, PlannedStage stage, Instance leader, IReadOnlyList<ShardContext> moving, int shards)
    {
        var alone = s.Members.Length == 1;
        if (alone || s.Profile.HandsOverByStopping || (s.Profile.Switchover is null && b.Plan.Kind != ClusterKind.Cluster))
        {
            var replace = Id(s, leader);
            if (Gate(s, stage) && b.Take(s, replace, HandoverWindow.Check(s)) && b.Take(s, replace, ControllerLast.Check(s, leader)) && Majority(s, replace, moving, shards) && MayDisrupt(s, replace, leader))
                OfferReplace(s, stage, leader, [.. RuleEvidence.Replacement(s, leader, Turn, disruptions.All), .. RuleEvidence.Singleton(s), .. ControllerLast.Seen(s, leader)]);
            return;
        }
        var id = StepIds.Switchover(s.Component.Name, s.Baseline.Name);
        if (!Gate(s, stage) || !b.Take(s, id, SingleHandover.Check(s, leader)) || !b.Take(s, id, HandoverWindow.Check(s)) || !b.Take(s, id, NoForcedHandover.Check(s)) || !b.Take(s, id, OneDisruptionPerShard.Check(s, leader)) || !b.Take(s, id, PeerViewConverged.Check(s))
            || !Majority(s, id, moving, shards) || !b.Take(s, id, FreshRoleBeforeAct.Check(s), active: true))
            return;
        var (target, verdict) = HandoverTargetEligible.Choose(s, leader);
        if (target is null)
        {
            b.Take(s, id, verdict);
            return;
        }
        if (!hooks.Pass(HookPoints.BeforeSwitchover, s.Component, stage, s))
            return;
        var step = b.Ledger.Step(id);
        var act = new SwitchoverAct(id, s.Component.Name, s.Baseline.Name, leader.Name, target.Name);
        b.Offer(new StepStarted(id, StepKind.Switchover, s.Component.Name, stage.Name, s.Baseline.Name, leader.Name, (step?.Last.Number ?? 0) + 1, act)
        {
            Title = $"Switch {s.Name} over from {leader.Name} to {target.Name}",
            From = leader.Name,
            To = target.Name,
            Role = s.RoleOf(leader).Role,
            RolesBefore = RolesBefore(s),
            Zone = leader.Zone,
            Evidence = RuleEvidence.Handover(s, leader, target, [.. moving.Select(m => m.Name)], shards),
        }, act);
    }

    private bool Majority(ShardContext s, string id, IReadOnlyList<ShardContext> moving, int shards)
    {
        if (b.Take(s, id, ShardLeaderMajority.Check(s, [.. moving.Select(m => m.Name)], shards)))
            return true;
        foreach (var other in moving) // perhaps they are settled and nobody asked them lately
            b.Ask(other, other.Members.Where(m => m.Ready && !other.UsesLabel(m)).Select(m => m.Name), TimeSpan.FromSeconds(2));
        return false;
    }

    /// <summary>A switchover that the run before this one asked for may still take effect; until the roles show it, or it can no more, the shard is left alone.</summary>
    private bool ForerunnerSettled(ShardContext s)
    {
        if (!b.Plan.Unsettled.TryGetValue(s.Key, out var open) || b.Now >= open.Until)
            return true;
        var told = s.Members.Where(m => m.Ready).All(m => s.RoleOf(m).Confirmed && (s.UsesLabel(m) || ShardContext.Answer(m)!.At > open.Since));
        if (told && s.Leaders.Count() == 1 && s.Leader!.Name == open.To)
            return true;
        b.Take(s, StepIds.Switchover(s.Component.Name, s.Baseline.Name), Verdict.Ask(new Reason($"The run before this one asked {s.Name} to switch over from {open.From} to {open.To}; that may still happen.", SingleHandover.Name)
        {
            Deadline = open.Until, Next = "Goes on as soon as the roles show it, at the latest then.",
        }, s.Members.Where(m => m.Ready && !s.UsesLabel(m)).Select(m => m.Name), Verdict.Soon), active: true);
        return false;
    }

    /// <summary>A gate that the plan wants before the stage's first switchover.</summary>
    private bool Gate(ShardContext s, PlannedStage stage)
    {
        if (stage.Gate is not { At: "BeforeSwitchover" })
            return true;
        var id = StepIds.Gate(s.Component.Name, stage.Name);
        var step = b.Ledger.Step(id);
        if (step is { Done: true })
            return true;
        if (step is null)
            Decider.OpenGate(b, s.Component, stage);
        return false;
    }

    private void OfferReplace(ShardContext s, PlannedStage stage, Instance m, ImmutableArray<Evidence> evidence)
    {
        if (!hooks.Pass(HookPoints.BeforeInstance, s.Component, stage, s, m) || !_drains.Drained(s, stage.Name, m))
            return;
        var id = Id(s, m);
        var step = b.Ledger.Step(id);
        var role = s.RoleOf(m).Role;
        var act = new ReplaceAct(id, s.Component.Name, s.Baseline.Name, m.Name, m.Uid, !m.Ready && m.Dead);
        b.Offer(new StepStarted(id, StepKind.Replace, s.Component.Name, stage.Name, s.Baseline.Name, m.Name, (step?.Last.Number ?? 0) + 1, act)
        {
            Title = $"Replace {m.Name}{(role is null ? "" : $" ({role})")}",
            From = m.Version,
            To = s.Component.To.Version,
            Role = role,
            RolesBefore = RolesBefore(s),
            Zone = m.Zone,
            Evidence = evidence,
        }, act);
    }

    internal static ImmutableSortedDictionary<string, string> RolesBefore(ShardContext s) =>
        s.Leader is { } leader ? ImmutableSortedDictionary<string, string>.Empty.Add(leader.Name, "leader") : ImmutableSortedDictionary<string, string>.Empty;

    private void Finished(ShardContext s, PlannedStage stage)
    {
        foreach (var m in s.Members)
            if (!m.Ready)
            {
                b.Wait(Id(s, m), new Reason($"{m.Name} is not Ready; {s.Name} is not finished without it.", UpdatedUnhealthyHalts.Name) { Evidence = [s.ReadyEvidence(m)], Next = "Goes on by itself when it is Ready." });
                return;
            }
        if (Touched(s, stage) && (!hooks.Pass(HookPoints.AfterShard, s.Component, stage, s) || !analyses.Pass(HookPoints.AfterShard, s.Component, stage, s)))
            return;
        b.Record(new ShardFinished(s.Component.Name, stage.Name, s.Baseline.Name));
    }

    /// <summary>This stage replaced a member or moved the leader here; a shard in which nothing was to do has nothing after it either.</summary>
    private bool Touched(ShardContext s, PlannedStage stage) =>
        (Hooks.Any(stage, HookPoints.AfterShard) || Analyses.Any(stage, HookPoints.AfterShard)) && (b.Ledger.Step(StepIds.Switchover(s.Component.Name, s.Baseline.Name)) is { } handover && handover.Stage == stage.Name
            || s.Members.Any(m => b.Ledger.Step(Id(s, m)) is { } replaced && replaced.Stage == stage.Name));
}
