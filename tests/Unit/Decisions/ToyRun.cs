using System.Text.Json;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Unit.Decisions;

/// <summary>A miniature of the executor for property tests: intent before act, outcome after, and a crash that forgets everything but the journal.</summary>
public sealed class ToyRun(Plan plan, ToyCluster cluster, string runId, int seed, double crashes)
{
    private readonly Random _random = new(seed * 31);
    private Decider _decider = new();

    public List<(long Seq, DateTimeOffset At, RunEvent Event)> Journal { get; } = [];
    public Ledger Ledger { get; private set; } = Ledger.Empty;
    public Decision Last { get; private set; } = Decision.Nothing;
    public List<string> SilentWaits { get; } = [];
    public int Retries { get; private set; }

    public DecisionState State => new() { RunId = runId, Plan = plan, Topology = cluster.Show(), Ledger = Ledger, Now = cluster.Clock };

    public void Write(RunEvent e)
    {
        // Through JSON and back: what the journal cannot carry, the run must not rely on.
        var copy = JsonSerializer.Deserialize<RunEvent>(JsonSerializer.Serialize(e, JsonSerializerOptions.Web), JsonSerializerOptions.Web)!;
        var seq = Journal.Count + 1;
        Journal.Add((seq, cluster.Clock, copy));
        Ledger = Ledger.Apply(seq, cluster.Clock, copy);
    }

    /// <summary>Until the run ends, or stands still for a person <paramref name="patience"/> times.</summary>
    public void Go(int patience = 40, Func<Ledger, bool>? until = null)
    {
        for (var turn = 0; turn < 6000 && !Ledger.Terminal; turn++)
        {
            if (until?.Invoke(Ledger) == true)
                return;
            Turn();
            if (!StandsStill)
                continue;
            if (Retries++ >= patience)
                return;
            cluster.Pass(TimeSpan.FromSeconds(20));
            Write(new RunResumed(true, "") { Actor = "dba" });
        }
    }

    /// <summary>Paused, with nothing left that it does by itself.</summary>
    public bool StandsStill => Ledger.Pause is not null && Last is { Acts.Length: 0, Record.Length: 0 };

    /// <summary>Decide once, write what is evident or do what may be done, and let a moment pass.</summary>
    public void Turn()
    {
        cluster.Run = runId;
        if (_random.NextDouble() < crashes)
            Crash();
        Last = _decider.Decide(State);
        if (Last.State is RunState.Waiting or RunState.Paused && string.IsNullOrWhiteSpace(Last.Reason?.Text))
            SilentWaits.Add($"after line {Journal.Count}");
        if (Last.Record.Length > 0)
        {
            foreach (var e in Last.Record)
                Write(e);
            return;
        }
        if (StandsStill)
            return;
        foreach (var (intent, act) in Last.Acts)
        {
            Write(intent);
            if (_random.NextDouble() < crashes)
            {
                if (_random.Next(2) == 0)
                    _ = act is ActionAct lost ? cluster.Execute(lost).Status : cluster.Do(act); // it went out, and we died before we could write the answer
                Crash();
                break;
            }
            if (act is ActionAct command)
            {
                var (status, output) = cluster.Execute(command);
                Write(new ActReturned(intent.Step, intent.Attempt, status, new Reason("as it went")) { Output = new ActionOutput(status == ActStatus.Accepted ? 0 : 1, output, false) });
                continue;
            }
            Write(new ActReturned(intent.Step, intent.Attempt, cluster.Do(act), new Reason("as it went")));
        }
        cluster.Answer(Last.Probes);
        cluster.Pass(TimeSpan.FromMilliseconds(_random.Next(200, 1500)));
    }

    private void Crash()
    {
        Ledger = Ledger.Fold(Journal);
        _decider = new Decider();
        foreach (var id in Ledger.OpenSteps)
            if (Ledger.Steps[id].Last is { Act: ActionAct, Status: null } open)
                Write(new ActReturned(id, open.Number, ActStatus.Unknown, new Reason("Rollcall was stopped while it ran.")));
    }
}
