using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>Collects one decision. First come, first served: the order in which things are looked at is the order of their importance.</summary>
internal sealed class DecisionBuilder(DecisionState state)
{
    private readonly List<RunEvent> _record = [];
    private readonly List<(StepStarted, Act)> _acts = [];
    private readonly Dictionary<string, ProbeRequest> _probes = new(StringComparer.Ordinal);
    private readonly List<Wait> _waits = [];
    private DateTimeOffset? _wakeAt;
    private bool _active;
    private RunPaused? _pause;
    private Verdict? _freeze;

    public DecisionState State { get; } = state;
    public Ledger Ledger => State.Ledger;
    public Plan Plan => State.Plan;
    public DateTimeOffset Now => State.Now;
    public Reason? RollbackDue { get; set; }
    public bool HasRecords => _record.Count > 0 || _pause is not null;
    public bool HasActs => _acts.Count > 0;

    public void Record(RunEvent e) => _record.Add(e);

    /// <summary>Only the first pause of a decision counts; what else is wrong shows when that is mended.</summary>
    public void Pause(Reason reason, bool diverged = false)
    {
        if (Ledger.Pause is null)
            _pause ??= new RunPaused(reason, diverged);
    }

    public void Finish(StepEntry step, StepState state, Reason? reason, params ReadOnlySpan<Evidence> evidence) =>
        Record(new StepFinished(step.Id, step.Last.Number, state, reason) { Evidence = [.. evidence] });

    /// <summary>Members whose replacement this decision offers already.</summary>
    public IEnumerable<ReplaceAct> Replacements => _acts.Select(a => a.Item2).OfType<ReplaceAct>();

    public void Offer(StepStarted intent, Act act) => _acts.Add((intent, act));

    /// <summary>Something of ours is under way.</summary>
    public void Progress(string step, Reason reason, DateTimeOffset? wakeAt = null)
    {
        _active = true;
        Wait(step, reason, wakeAt);
    }

    public void Wait(string step, Reason reason, DateTimeOffset? wakeAt = null)
    {
        _waits.Add(new Wait(step, reason));
        Wake(wakeAt ?? reason.Deadline);
    }

    public void Wake(DateTimeOffset? at)
    {
        if (at is { } t && t > Now && (_wakeAt is null || t < _wakeAt))
            _wakeAt = t;
    }

    /// <summary>Nothing new is begun in a change freeze (rule ChangeFreeze); the step then waits for its end.</summary>
    public bool MayBegin(string step)
    {
        _freeze ??= ChangeFreeze.Check(State);
        if (_freeze.Allows)
            return true;
        Wait(step, _freeze.Reason!, _freeze.WakeAt);
        return false;
    }

    public void Ask(ShardContext s, IEnumerable<string> instances, TimeSpan maxAge)
    {
        foreach (var name in instances)
        {
            var key = $"{s.Key}/{name}";
            if (!_probes.TryGetValue(key, out var had) || had.MaxAge > maxAge)
                _probes[key] = new ProbeRequest(s.Component.Name, s.Baseline.Name, name, maxAge);
        }
    }

    /// <summary>True when the rule allows; otherwise its wait, its question or its stop is taken down.</summary>
    public bool Take(ShardContext s, string step, Verdict verdict, bool active = false)
    {
        if (verdict.Allows)
            return true;
        if (verdict.Stop)
        {
            Pause(verdict.Reason!, verdict.Diverged);
            return false;
        }
        if (verdict.Probe.Length > 0)
            Ask(s, verdict.Probe, verdict.ProbeMaxAge);
        if (active)
            Progress(step, verdict.Reason!, verdict.WakeAt);
        else
            Wait(step, verdict.Reason!, verdict.WakeAt);
        return false;
    }

    public Decision Build()
    {
        if (_pause is not null)
            _record.Add(_pause);
        var paused = Ledger.Pause ?? _pause;
        var headline = paused?.Reason ?? _waits.FirstOrDefault(w => w.Reason.Rule.Length > 0)?.Reason ?? _waits.FirstOrDefault()?.Reason
            ?? (_acts.Count > 0 ? new Reason($"{_acts[0].Item1.Title}.") : null);
        return new Decision
        {
            Record = [.. _record],
            Acts = HasRecords ? [] : [.. _acts],
            Probes = [.. _probes.Values],
            Waits = [.. _waits],
            WakeAt = _wakeAt,
            Reason = headline,
            RollbackDue = RollbackDue,
            State = Ledger.Final ?? (paused is not null ? RunState.Paused : _active || _acts.Count > 0 || _record.Count > 0 ? RunState.Running : RunState.Waiting),
        };
    }
}
