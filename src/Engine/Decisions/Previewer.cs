using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>Runs Decide against a predicted cluster until it is done: the ordered steps of a plan, how long, which switchovers, and what stands in the way.</summary>
public static class Previewer
{
    /// <summary>The plan with its predicted steps, totals and the findings that come from the cluster as it is now. Findings already in the plan stay.</summary>
    /// <param name="freeze">Change freezes of the whole Rollcall; they become findings.</param>
    /// <param name="measured">Durations of earlier runs; without them the profile's.</param>
    public static Plan Complete(Plan plan, TopologySnapshot live, DateTimeOffset now, ImmutableArray<WindowSpec> freeze = default, MeasuredTimes? measured = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(live);
        var findings = plan.Findings.ToBuilder();
        findings.AddRange(PresentState.Findings(plan, live));
        if (plan.Direction == Direction.Forward)
            findings.AddRange(plan.Components.Select(c => BackupFresh.Finding(new DecisionState { RunId = PredictedCluster.Run, Plan = plan, Topology = live, Ledger = Ledger.Empty, Now = now }, c.Name)).OfType<Finding>());
        if (findings.Any(f => f.Severity == Severity.Error && f.Rule == PresentState.Missing))
            return plan with { Findings = findings.ToImmutable() };

        var ledger = Ledger.Empty;
        long seq = 0;
        var cluster = new PredictedCluster(plan, live, now, measured);
        var decider = new Decider();
        var limit = 1000 + (60L * plan.Components.Sum(c => c.Shards.Sum(s => s.Instances.Length + 4)))
            + plan.Components.Sum(c => c.Stages.Sum(s => s.Analyses.Sum(a => 8L * a.Count * (1 + s.Shards.Length) * (a.On == HookPoints.AfterInstance ? 8 : 1))));
        Reason? stuck = null;
        void Apply(RunEvent e) => ledger = ledger.Apply(++seq, cluster.Now, e);

        for (long turn = 0; !ledger.Terminal; turn++)
        {
            var decision = decider.Decide(new DecisionState { RunId = PredictedCluster.Run, Plan = plan, Topology = cluster.Topology, Ledger = ledger, Now = cluster.Now, ChangedShards = cluster.TakeChanges(), Timeless = true });
            if (decision.Record.Length > 0)
            {
                foreach (var e in decision.Record)
                {
                    Apply(e);
                    if (e is GateOpened gate)
                        Approve(plan, gate, Apply);
                    stuck ??= (e as RunPaused)?.Reason;
                }
                if (stuck is not null)
                    break;
                continue;
            }
            foreach (var (intent, act) in decision.Acts)
            {
                Apply(intent);
                var answer = new ActReturned(intent.Step, intent.Attempt, ActStatus.Accepted, new Reason(""));
                if (act is ActionAct action)
                {
                    cluster.After(action.Spec.Estimate, () => Apply(answer with { Output = new ActionOutput(0, action.Expects, false) }));
                    continue;
                }
                Apply(answer);
                cluster.Do(act);
            }
            if (decision.Acts.Length > 0 || cluster.Answer(decision.Probes))
                continue;
            if (turn > limit || !cluster.Advance(decision.WakeAt))
            {
                stuck = decision.Reason ?? new Reason("The preview does not come to an end.");
                break;
            }
        }
        if (stuck is not null)
            findings.Add(new Finding(Severity.Error, stuck.Rule.Length > 0 ? stuck.Rule : "Preview", $"As the cluster is now the run would stop here: {stuck.Text}"));

        var steps = Steps(plan, ledger, now);
        findings.AddRange(ScheduleFindings.Of(plan, freeze.IsDefault ? [] : freeze, steps, now));
        return plan with
        {
            Steps = steps,
            EstimatedFrom = (measured ?? MeasuredTimes.None).InWords(plan.Components.Select(c => c.Name)),
            Quorum = QuorumArithmetic.Of(plan, live),
            Findings = findings.ToImmutable(),
            Totals = new PlanTotals(steps.Count(s => s.Kind == StepKind.Switchover), steps.Count(s => s.Kind == StepKind.Replace), Math.Round((cluster.Now - now).TotalSeconds, 1)),
        };
    }

    private static void Approve(Plan plan, GateOpened opened, Action<RunEvent> apply)
    {
        var gate = plan.Components.First(c => c.Name == opened.Component).Stages.First(s => s.Name == opened.Stage).Gate!;
        for (var i = 0; i < Math.Max(gate.Approvals, gate.Groups.Length); i++)
            apply(new GateApproved(opened.Gate, plan.Hash, i < gate.Groups.Length ? gate.Groups[i] : gate.From.FirstOrDefault() ?? "", "") { Actor = $"preview-{i}" });
    }

    private static ImmutableArray<PlanStep> Steps(Plan plan, Ledger ledger, DateTimeOffset start)
    {
        var past = new HashSet<string>(StringComparer.Ordinal);
        var steps = ImmutableArray.CreateBuilder<PlanStep>(ledger.Steps.Count);
        foreach (var e in ledger.Steps.Values.OrderBy(s => s.Order))
        {
            var shard = e.Shard is null ? null : Ledger.ShardKey(e.Component, e.Shard);
            var profile = plan.Profile.For(e.Component);
            var measured = profile.HasRoles && profile.Lag.Measured;
            if (shard is not null && plan.Direction == Direction.Forward && (e.Kind == StepKind.Switchover || (e.Kind == StepKind.Replace && profile.Role(e.Role) is { Leads: true })))
                past.Add(shard);
            steps.Add(new PlanStep
            {
                Id = e.Id, Stage = e.Stage, Kind = e.Kind, Component = e.Component, Shard = e.Shard, Instance = e.Instance, Role = e.Role, To = e.Kind == StepKind.Switchover ? e.To : null,
                Live = measured && (e.Kind == StepKind.Switchover || (e.Kind is StepKind.Replace or StepKind.WaitInSync && profile.Role(e.Role) is { Leads: false } && !(shard is not null && past.Contains(shard)))),
                Reversibility = shard is not null ? past.Contains(shard) ? Reversibility.L1 : Reversibility.L0 : past.Count > 0 ? Reversibility.L1 : Reversibility.L0,
                EstimateSeconds = Math.Round(((e.EndedAt ?? e.StartedAt) - e.StartedAt).TotalSeconds, 1),
                StartSeconds = Math.Round((e.StartedAt - start).TotalSeconds, 1),
                Title = e.Title,
                Rules = e.Rules,
            });
        }
        return steps.ToImmutable();
    }
}
