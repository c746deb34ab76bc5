using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>
/// The one brain: who, when, and whether. Pure: same state, same answer. An instance belongs to one run (or one preview); what it keeps between calls are only
/// look-ups into the plan and summaries of shard snapshots, keyed by those very objects, so that the cost follows what changed.
/// </summary>
public sealed class Decider
{
    private PlanIndex? _index;
    private ShardWatch? _watch;

    public Decision Decide(DecisionState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (_index is null || !ReferenceEquals(_index.Plan, state.Plan))
        {
            _index = new PlanIndex(state.Plan);
            _watch = new ShardWatch();
        }
        _watch!.Note(state.ChangedShards);
        _index.Held.Add(state.ChangedShards);
        var b = new DecisionBuilder(state);
        new Walk(b, _index, _watch).Go();
        return b.Build();
    }

    internal static void OpenGate(DecisionBuilder b, PlannedComponent c, PlannedStage stage)
    {
        var id = StepIds.Gate(c.Name, stage.Name);
        b.Record(new GateOpened(id, c.Name, stage.Name, null));
        b.Record(new StepStarted(id, StepKind.Gate, c.Name, stage.Name, null, null, 1, null) { Title = stage.Gate!.At == "BeforeSwitchover" ? $"Gate before the switchovers of {stage.Name}" : $"Gate before {stage.Name}" });
    }

    /// <summary>True when the stage has soaked, or need not; its soak begins here.</summary>
    internal static bool Soaked(DecisionBuilder b, PlannedComponent c, PlannedStage stage)
    {
        if (stage.Soak <= TimeSpan.Zero)
            return true;
        var id = StepIds.Soak(c.Name, stage.Name);
        var soak = b.Ledger.Step(id);
        if (soak is null)
            b.Record(new StepStarted(id, StepKind.Soak, c.Name, stage.Name, null, null, 1, null) { Title = $"Soak {ShardContext.Duration(stage.Soak)} {(stage.Finalises ? "before finalising" : $"after {stage.Name}")}" });
        return soak is { Done: true };
    }

    private sealed class Walk(DecisionBuilder b, PlanIndex index, ShardWatch watch)
    {
        private readonly Settling _settling = new(b, index);
        private Hooks? _hooks;
        private Analyses? _analyses;

        private Hooks Hooks => _hooks ??= new Hooks(b, index, _settling);

        private Analyses Analyses => _analyses ??= new Analyses(b, index, _settling);

        public void Go()
        {
            var ledger = b.Ledger;
            if (ledger.Terminal)
            {
                b.Wait("run", ledger.FinalReason ?? new Reason("Ended."));
                return;
            }
            if (ledger.StartedAt is null)
            {
                b.Record(new RunStarted(b.Plan.Id, b.Plan.Hash));
                return;
            }
            if (!InSight())
                return;
            _settling.SettleAll();
            if (b.HasRecords)
                return;
            var custodian = new Custodian(b, index, _settling);
            var steps = new EngineSteps(b, _settling);
            var movers = new Movers(b, steps);
            var finaliser = new Finaliser(b, index, steps);
            if (ledger.Abort is not null)
            {
                new Ending(b, index, _settling, custodian, movers).Abort();
                return;
            }
            if (ledger.Pause is not null)
            {
                custodian.WriteBackBadVersion();
                if (!b.HasActs && ledger.Pause.Reason.Rule == ObligationsRestored.Name)
                    custodian.HoldAll();
                return;
            }
            if (ledger.Stop is { } stop && !ledger.OpenSteps.Any(id => ledger.Steps[id].Kind is StepKind.Replace or StepKind.Switchover or StepKind.WaitInSync or StepKind.Retarget))
            {
                b.Pause(new Reason($"Stopped after the member in hand, as {stop.Actor} asked{(stop.Comment.Length > 0 ? $": {stop.Comment.TrimEnd('.')}" : "")}.") { Next = "Press Resume to go on." });
                return;
            }
            if (!custodian.HoldAll() || b.HasRecords || !finaliser.Lowered() || !movers.SuspendAll() || b.HasRecords)
                return;
            if (!AroundRollback(HookPoints.BeforeRollback))
                return;
            foreach (var c in b.Plan.Components)
                if (!ComponentDone(c))
                    return;
            var still = new StillOnTarget(b, index);
            if (!still.Check() || b.HasRecords)
                return;
            if (!new LeaderRestoration(b, index, _settling).Done() || !AroundRollback(HookPoints.AfterRollback))
                return;
            if (movers.ResumeAll() && !b.HasRecords && custodian.ReleaseAll() && finaliser.Raised() && still.Ended())
                b.Record(new RunFinished(RunState.Succeeded, new Reason(b.Plan.Direction == Direction.Rollback ? "Rolled back: every member runs the version it came from." : "Every member runs the new version and control is given back.")));
        }

        private bool InSight()
        {
            var t = b.State.Topology;
            Reason? no = null;
            if (t is null)
                no = new Reason($"The cluster {b.Plan.Cluster} is not to be seen.", UnknownIsUnsafe.Name) { Next = "Goes on by itself when it is back; abort if it was deleted." };
            else if (!t.Connected)
                no = new Reason($"The Kubernetes API has not been heard since {t.ObservedAt:HH:mm:ss} UTC.", UnknownIsUnsafe.Name)
                {
                    Evidence = [new Evidence("last word of the API server", t.ObservedAt.ToString("O", System.Globalization.CultureInfo.InvariantCulture), "watch", t.ObservedAt)], Next = "Nothing is touched until it is back; then it goes on by itself.",
                };
            else if (b.Plan.Components.FirstOrDefault(c => PlanIndex.Live(b.State, c.Name) is null) is { } gone)
                no = new Reason($"Component {gone.Name} is not to be seen in {b.Plan.Cluster}.", UnknownIsUnsafe.Name) { Next = "Goes on by itself when it is back." };
            if (no is null)
                return true;
            if (b.Ledger.Abort is not null)
                b.Record(new RunFinished(RunState.Aborted, new Reason($"Aborted by {b.Ledger.Abort.Actor} while the cluster was not to be seen. What was held stays held.") { Next = "When it is back: finish, roll back, or release." }));
            else
                b.Wait("run", no);
            return false;
        }

        private bool AroundRollback(string point) =>
            b.Plan.Direction == Direction.Forward || b.Plan.Components.IsEmpty || b.Plan.Components[0].Stages.IsEmpty || Hooks.Pass(point, b.Plan.Components[0], b.Plan.Components[0].Stages[0]);

        private bool ComponentDone(PlannedComponent c)
        {
            foreach (var stage in c.Stages)
            {
                if (stage.Finalises)
                    continue; // comes after everything, see Finaliser
                if (!StageDone(c, stage) || !Hooks.Pass(HookPoints.AfterStage, c, stage))
                    return false;
                // What is measured is measured while it soaks.
                if (!Analyses.Pass(HookPoints.AfterStage, c, stage) | !Soaked(b, c, stage))
                    return false;
            }
            return true;
        }

        private bool StageDone(PlannedComponent c, PlannedStage stage)
        {
            var cursor = watch.FirstOpen(b.Ledger, c, stage);
            if (cursor == stage.Shards.Length)
                return true;
            if (stage.Gate is { At: "BeforeStage" })
            {
                var gate = b.Ledger.Step(StepIds.Gate(c.Name, stage.Name));
                if (gate is null)
                    OpenGate(b, c, stage);
                if (gate is not { Done: true })
                    return false;
            }
            if (new Backups(b, _settling).Ready(c, stage) && Hooks.Pass(HookPoints.BeforeStage, c, stage))
                Shards(c, stage, cursor);
            return false;
        }

        private void Shards(PlannedComponent c, PlannedStage stage, int cursor)
        {
            var live = PlanIndex.Live(b.State, c.Name)!;
            var total = c.Shards.Length;
            var limit = MaxShardsInFlight.Limit(stage.ShardsAtOnce, b.Plan.Profile.For(c.Name).ShardsPercent, total);
            var decision = new ShardDecision(b, _settling, new Disruptions(b, index, watch), Hooks, Analyses) { Turn = new ShardTurn(0, limit) };

            List<string> inFlight = [], next = [];
            for (var i = cursor; i < stage.Shards.Length && next.Count < limit; i++)
            {
                var name = stage.Shards[i];
                if (ShardWatch.Done(b.Ledger, c, stage, name))
                    continue;
                if (b.Ledger.ShardsTouched.ContainsKey(Ledger.ShardKey(c.Name, name)) && Started(c, stage, name))
                    inFlight.Add(name);
                else if (next.Count < limit)
                    next.Add(name);
            }

            // What is in flight runs both versions, or is about to.
            List<string> partly = MaxShardsPartlyUpdated.Limit(b.Plan, c.Name) is null ? [] : [.. watch.Mixed(live, b.State, index).Union(inFlight, StringComparer.Ordinal)];
            if (HandoverWindow.Applies(b.State))
                next = Park(c, inFlight, next, stage, decision, live);
            decision.Turn = new ShardTurn(Math.Max(0, inFlight.Count - 1), limit);
            foreach (var name in inFlight)
                One(c, stage, decision, name, total, live);
            if (b.HasRecords)
                return;
            for (var i = 0; i < next.Count; i++)
            {
                var name = next[i];
                decision.Turn = new ShardTurn(inFlight.Count + i, limit);
                if (MaxShardsPartlyUpdated.Check(name, partly, MaxShardsPartlyUpdated.Limit(b.Plan, c.Name)) is { } full)
                {
                    b.Wait(Turn(c, name), full);
                    return;
                }
                if (inFlight.Count + i >= limit)
                {
                    b.Wait(Turn(c, name), MaxShardsInFlight.Full(name, inFlight.Count > 0 ? inFlight : next.Take(i).ToList(), limit));
                    return;
                }
                var broken = watch.Broken(live, b.State, index).Where(x => x != name && !inFlight.Contains(x)).ToList();
                if (broken.Count + inFlight.Count + i >= limit && broken.Count > 0)
                {
                    b.Wait(Turn(c, name), MaxShardsInFlight.Disrupted(name, broken));
                    return;
                }
                One(c, stage, decision, name, total, live);
                partly.Add(name);
                if (b.HasRecords)
                    return;
            }
        }

        /// <summary>
        /// Shards that have only their leader left take nobody's place in flight while the handover window is closed, so that followers go on everywhere (reference: followers first,
        /// then the handovers together). They come before shards not yet begun, and once the window is open they are counted like them.
        /// </summary>
        private List<string> Park(PlannedComponent c, List<string> inFlight, List<string> next, PlannedStage stage, ShardDecision decision, Component live)
        {
            var parked = inFlight.Where(name => index.Shard(b.State, c.Name, name) is { } s && HandoverWindow.Parked(s, stage)).ToList();
            if (parked.Count == 0)
                return next;
            if (HandoverWindow.Check(index.Shard(b.State, c.Name, parked[0])!).Allows)
            {
                inFlight.RemoveAll(parked.Contains);
                return [.. parked, .. next];
            }
            foreach (var name in parked)
                One(c, stage, decision, name, c.Shards.Length, live);
            inFlight.RemoveAll(parked.Contains);
            return next;
        }

        private static string Turn(PlannedComponent c, string shard) => StepIds.Replace(c.Name, shard, "next");

        /// <summary>Touched in this stage, or between two role stages of the same shard with work of this one begun.</summary>
        private bool Started(PlannedComponent c, PlannedStage stage, string shard) =>
            b.Ledger.OpenByShard.ContainsKey(Ledger.ShardKey(c.Name, shard)) || c.Stages.All(x => x.Roles == "all") || b.Ledger.Steps.Values.Any(s => s.Component == c.Name && s.Shard == shard && s.Stage == stage.Name);

        private void One(PlannedComponent c, PlannedStage stage, ShardDecision decision, string name, int total, Component live)
        {
            if (index.Shard(b.State, c.Name, name) is not { } s)
            {
                b.Wait(Turn(c, name), new Reason($"{name} is not to be seen in {c.Name}.", UnknownIsUnsafe.Name) { Next = "Goes on by itself when it is back." });
                return;
            }
            var moving = s.Profile.LeaderMajority ? watch.Moving(live, b.State, index).Where(m => m != name).Select(m => index.Shard(b.State, c.Name, m)).OfType<ShardContext>().ToList() : [];
            decision.Decide(s, stage, moving, total);
        }
    }
}
