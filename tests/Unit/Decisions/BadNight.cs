using System.Collections.Immutable;
using System.Text.Json;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Unit.Decisions;

/// <summary>What a generated night is made of.</summary>
public sealed record NightShape(int Seed, int Shards, int Members, int K, bool Mover, bool Drain, bool Finalise, string? OnDeadline, int Turns);

/// <summary>
/// One rollout through a bad night: acts refused, lost and answered late, watches dropped, leaders that flap, Pods deleted by somebody else, a clock that is set, Rollcall killed between any two
/// writes, and a person who presses every button at any time. Then the night calms down and a patient person sees it through. All from one seed.
/// </summary>
internal sealed class BadNight
{
    private static readonly MoverSpec Balancer = new("balancer", "the balancer") { Check = ["state"], Suspended = "stopped", Running = "running", Suspend = ["stop"], Resume = ["start"] };
    private static readonly FinaliserSpec Level = new("Raise the level") { Check = ["level"], Raised = "level 7.2.5.", Raise = ["raise", "{to}"], Lower = ["lower", "{from}"], Lowered = "level {from}." };
    private static readonly string[] People = ["ann", "bob", "cat"];
    private const int MostTurns = 2000;

    private readonly NightShape _shape;
    private readonly Random _random;
    private readonly Plan _plan;
    private readonly ToyRun _forward;
    private int _runs = 1;
    private int _quiet, _lines;

    public BadNight(NightShape shape)
    {
        _shape = shape;
        _random = new Random(shape.Seed * 17);
        var profile = Make.Redis with
        {
            LeaderMajority = false, Versions = new VersionSpec(), Rollback = new RollbackPolicy(),
            Movers = shape.Mover ? [Balancer] : [], Drain = shape.Drain ? new DrainSpec { Command = ["drain"], Undo = ["undrain"] } : null, Finaliser = shape.Finalise ? Level : null,
        };
        Cluster = new ToyCluster(shape.Seed, shape.Shards, shape.Members, faults: 0.4, bad: null) { WatchBalancer = shape.Mover, Drains = shape.Drain, Level = "7.2.4", Malice = 0.02 };
        Cluster.Answer(Cluster.Groups.SelectMany(g => g.Members).Select(m => new ProbeRequest("redis", "", m.Name, TimeSpan.Zero)));
        var gate = shape.OnDeadline is null ? null : new GateSpec { Approvals = 2, Deadline = TimeSpan.FromMinutes(5), OnDeadline = shape.OnDeadline };
        _plan = Make.Plan(Cluster.Show(), profile, gate: gate, shardsAtOnce: shape.K);
        if (shape.Finalise)
            _plan = _plan with { Components = [_plan.Components[0] with { Stages = _plan.Components[0].Stages.Add(new PlannedStage { Name = "finalise", Shards = [], Finalises = true, Gate = new GateSpec() }) }] };
        Run = _forward = new ToyRun(_plan, Cluster, "r1", shape.Seed, crashes: 0.04);
        Runs.Add((_plan, Run));
    }

    public ToyCluster Cluster { get; }
    /// <summary>The rollout, or the last rollback of it.</summary>
    public ToyRun Run { get; private set; }
    public List<(Plan Plan, ToyRun Run)> Runs { get; } = [];
    public List<string> Said { get; } = [];
    public bool WentBack => Run != _forward;

    public void Go()
    {
        for (var turn = 0; turn < _shape.Turns && !Run.Ledger.Terminal; turn++)
        {
            Meddle();
            Run.Turn();
            HeedOrder();
        }
        Cluster.Calm();
        for (var turn = 0; turn < MostTurns && !Run.Ledger.Terminal; turn++)
        {
            Run.Turn();
            HeedOrder();
            SeeThrough();
        }
    }

    /// <summary>The way out of what was aborted and stays held.</summary>
    public string? TakeBack()
    {
        if (RollBack() is { } refusal)
            return refusal;
        for (var turn = 0; turn < MostTurns && !Run.Ledger.Terminal; turn++)
        {
            Run.Turn();
            SeeThrough();
        }
        return null;
    }

    /// <summary>The whole night in one text: two nights of one seed must be the same.</summary>
    public string Protocol() => string.Join('\n', Runs.SelectMany(r => r.Run.Journal).Select(e => $"{e.At:O} {JsonSerializer.Serialize(e.Event, JsonSerializerOptions.Web)}").Concat(Said));

    private void Meddle()
    {
        if (_random.NextDouble() < 0.01)
            Cluster.DeleteSomebody();
        if (_random.NextDouble() < 0.004 && Run.Ledger.Step(StepIds.Release("redis")) is null && Cluster.Groups[_random.Next(Cluster.Groups.Count)] is { HeldBy: not null } written)
            written.Template = _random.Next(2) == 0 ? "7.2.4" : "7.2.5"; // GitOps
        if (_random.NextDouble() < 0.01)
            Set(TimeSpan.FromSeconds(_random.Next(-7200, 7200)));
        if (_random.NextDouble() > 0.08)
            return;
        var who = People[_random.Next(People.Length)];
        switch (_random.Next(12))
        {
            case 0 when Run.Ledger.Pause is null: Say(who, new RunPaused(new Reason("Paused by hand."))); break;
            case 1 or 2 or 3 when Run.Ledger.Pause is not null: Say(who, new RunResumed(_random.Next(3) > 0, "")); break;
            case 4: Say(who, new StopAfterMemberRequested(!Run.Ledger.StopAfterMember)); break;
            case 5 or 6 or 7: Approve(who); break;
            case 8 when Gate() is { } gate: Say(who, new GateRejected(gate, "not tonight")); break;
            case 9 when _random.Next(4) == 0: Say(who, new AbortRequested("enough")); break;
            case 10 when _random.Next(4) == 0: _ = RollBack(); break;
        }
    }

    /// <summary>What the plan orders when a gate's time is over.</summary>
    private void HeedOrder()
    {
        if (Run.Last.RollbackDue is not null && !Run.Ledger.Terminal)
            _ = RollBack();
    }

    private void SeeThrough()
    {
        foreach (var who in People)
            Approve(who);
        if (Run.StandsStill)
        {
            Cluster.Pass(TimeSpan.FromSeconds(20));
            Say("ann", new RunResumed(true, ""));
        }
        // Waits are long after a clock that was set back; she has time.
        _quiet = Run.Journal.Count == _lines ? _quiet + 1 : 0;
        _lines = Run.Journal.Count;
        if (_quiet > 0 && _quiet % 30 == 0)
            Cluster.Pass(TimeSpan.FromMinutes(_quiet));
    }

    private void Approve(string who)
    {
        if (Gate() is { } gate && !Run.Ledger.Gates[gate].Approvals.Any(a => a.By == who && !a.Void))
            Say(who, new GateApproved(gate, Run.Ledger.PlanHash, "", ""));
    }

    private string? Gate() => Run.Ledger.Gates.Keys.Order(StringComparer.Ordinal).FirstOrDefault(id => Run.Ledger.Step(id) is { Open: true });

    private void Set(TimeSpan by)
    {
        Said.Add($"clock {by}");
        Cluster.SetClock(by);
    }

    private void Say(string who, RunEvent e)
    {
        if (!Run.Ledger.Terminal)
            Run.Write(e with { Actor = who });
    }

    /// <summary>As the engine does it: a new run takes over what the one before owes, and that one ends.</summary>
    private string? RollBack()
    {
        var (before, id) = (Run, $"r{_runs + 1}");
        var built = RollbackPlanner.Build("r1", _plan, _forward.Ledger, Cluster.Show(), _ => $"h{_runs + 1}", $"p{_runs + 1}", "ann", Cluster.Clock);
        if (!built.Ok)
            return built.Refusal.Message;
        _runs++;
        var next = new ToyRun(built.Value, Cluster, id, _shape.Seed + _runs, crashes: 0.02);
        next.Write(new RunStarted(built.Value.Id, built.Value.Hash));
        foreach (var owed in Owed(before.Ledger))
        {
            next.Write(new ObligationTaken(owed.Kind, owed.Object, id));
            before.Write(new ObligationReturned(owed.Kind, owed.Object, $"Passed on to run {id}."));
        }
        if (!before.Ledger.Terminal)
        {
            before.Write(new RollbackRequested(id, ""));
            before.Write(new RunFinished(RunState.Aborted, new Reason($"Rolled back: run {id} takes it back.")));
        }
        Run = next;
        Runs.Add((built.Value, next));
        return null;
    }

    public static IEnumerable<ObligationEntry> Owed(Ledger ledger) => ledger.Obligations.Values.Where(o => o.ReturnedAt is null).OrderBy(o => o.Object, StringComparer.Ordinal);
}
