using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>One attempt at a step.</summary>
public sealed record AttemptEntry(int Number, DateTimeOffset StartedAt, Act? Act)
{
    /// <summary>Its line in the journal. What came before what is read from the lines, not from the clock, which may be set back.</summary>
    public long Seq { get; init; }
    public long ReturnedSeq { get; init; }
    public DateTimeOffset? ReturnedAt { get; init; }
    public ActStatus? Status { get; init; }
    public Reason? Reason { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public ActionOutput? Output { get; init; }
    public Measurement? Measured { get; init; }
}

/// <summary>What this run did about one step.</summary>
public sealed record StepEntry
{
    public required string Id { get; init; }
    public required StepKind Kind { get; init; }
    public required string Component { get; init; }
    public required string Stage { get; init; }
    public string? Shard { get; init; }
    public string? Instance { get; init; }
    public string? From { get; init; }
    public string? To { get; init; }
    public string? Role { get; init; }
    public string Title { get; init; } = "";
    public StepState State { get; init; } = StepState.Running;
    public required ImmutableArray<AttemptEntry> Attempts { get; init; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    /// <summary>The line of the journal in which it ended last.</summary>
    public long EndedSeq { get; init; }
    public Reason? Reason { get; init; }
    public ImmutableArray<Evidence> Evidence { get; init; } = [];
    /// <summary>Order in which steps were first started; the way back reverses it.</summary>
    public long Order { get; init; }

    /// <summary>Failure zone of the instance when the step was announced.</summary>
    public string? Zone { get; init; }
    /// <summary>Rules that allowed the step or judged its end, in the order in which they were first asked.</summary>
    public ImmutableArray<string> Rules { get; init; } = [];

    public AttemptEntry Last => Attempts[^1];
    public bool Open => State is StepState.Running;
    public bool Done => State is StepState.Succeeded or StepState.Skipped;
}

public sealed record ObligationEntry(string Kind, string Object, string Owner, DateTimeOffset Since)
{
    public long Seq { get; init; }
    public DateTimeOffset? ReturnedAt { get; init; }
    public string Note { get; init; } = "";
}

/// <summary>A member that was replaced (or was in sync again), and when.</summary>
public sealed record Replaced(string Instance, string? Zone, DateTimeOffset At, long Seq);

/// <summary>What one run has done so far: the fold of its journal. Immutable; <see cref="Apply"/> gives the next one.</summary>
public sealed record Ledger
{
    public static Ledger Empty { get; } = new();

    public long Seq { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public RunState? Final { get; init; }
    public Reason? FinalReason { get; init; }
    /// <summary>Set while paused, with why and by whom.</summary>
    public RunPaused? Pause { get; init; }
    public DateTimeOffset? PausedAt { get; init; }
    /// <summary>The last pause, still there after it was resumed, and its line.</summary>
    public RunPaused? LastPause { get; init; }
    public long LastPauseSeq { get; init; }
    /// <summary>The wish to stop after the member in hand, with why and by whom.</summary>
    public StopAfterMemberRequested? Stop { get; init; }
    public bool StopAfterMember => Stop is not null;
    public AbortRequested? Abort { get; init; }
    public RollbackRequested? Rollback { get; init; }
    /// <summary>How often a person asked to try again; attempts made before do not count against limits after.</summary>
    public DateTimeOffset? RetriedAt { get; init; }
    /// <summary>The line of that; 0 while nobody asked.</summary>
    public long RetriedSeq { get; init; }
    public string PlanHash { get; init; } = "";
    public string StartedBy { get; init; } = "";
    /// <summary>Who changed the plan under the run, if anybody did.</summary>
    public string EditedBy { get; init; } = "";
    public ImmutableDictionary<string, StepEntry> Steps { get; init; } = ImmutableDictionary<string, StepEntry>.Empty;
    public ImmutableDictionary<string, GateEntry> Gates { get; init; } = ImmutableDictionary<string, GateEntry>.Empty;
    /// <summary>"component/stage/shard".</summary>
    public ImmutableHashSet<string> ShardsDone { get; init; } = [];
    /// <summary>"component/shard" → level.</summary>
    public ImmutableDictionary<string, Reversibility> Levels { get; init; } = ImmutableDictionary<string, Reversibility>.Empty;
    /// <summary>"component/shard" → leader when the shard was first touched.</summary>
    public ImmutableDictionary<string, string> LeadersBefore { get; init; } = ImmutableDictionary<string, string>.Empty;
    public ImmutableDictionary<string, ObligationEntry> Obligations { get; init; } = ImmutableDictionary<string, ObligationEntry>.Empty;
    /// <summary>"component/shard" → ids of its open steps.</summary>
    public ImmutableDictionary<string, ImmutableHashSet<string>> OpenByShard { get; init; } = ImmutableDictionary<string, ImmutableHashSet<string>>.Empty;
    public ImmutableHashSet<string> OpenSteps { get; init; } = [];
    /// <summary>"component/shard" → order in which this run first touched it.</summary>
    public ImmutableDictionary<string, long> ShardsTouched { get; init; } = ImmutableDictionary<string, long>.Empty;
    /// <summary>Rules of the calendar that an admin lifted for this run.</summary>
    public ImmutableDictionary<string, BypassEntry> WindowsBypassed { get; init; } = ImmutableDictionary<string, BypassEntry>.Empty;
    /// <summary>When the run last got on: deadlines of waits that no step measures count from here.</summary>
    public DateTimeOffset LastProgressAt { get; init; }

    /// <summary>The member whose replacement ended last, anywhere and in each shard ("component/shard"); when the last shard was done. For rule Cooldown.</summary>
    public Replaced? LastReplaced { get; init; }
    public ImmutableDictionary<string, Replaced> LastInShard { get; init; } = ImmutableDictionary<string, Replaced>.Empty;
    public DateTimeOffset? LastShardDoneAt { get; init; }

    /// <summary>Step → rules that kept it waiting and are in the journal for this attempt.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Refusals { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    public bool Terminal => Final is not null;

    public StepEntry? Step(string id) => Steps.GetValueOrDefault(id);

    public static string ShardKey(string component, string shard) => $"{component}/{shard}";

    public static Ledger Fold(IEnumerable<(long Seq, DateTimeOffset At, RunEvent Event)> events)
    {
        var ledger = Empty;
        foreach (var (seq, at, e) in events)
            ledger = ledger.Apply(seq, at, e);
        return ledger;
    }

    /// <summary>The ledger after one more event. Terminal ledgers stay: an event after the end changes only obligations.</summary>
    public Ledger Apply(long seq, DateTimeOffset at, RunEvent e)
    {
        var next = this with { Seq = seq };
        if (Terminal && e is not ObligationReturned)
            return next;
        return e switch
        {
            RunStarted s => next with { StartedAt = at, StartedBy = s.Actor, PlanHash = s.PlanHash, LastProgressAt = at },
            StepStarted s => next.Start(at, s),
            ActReturned r => next.Returned(at, r),
            RuleRefused r => next with { Refusals = Refusals.SetItem(r.Step, Refusals.TryGetValue(r.Step, out var rules) ? rules.Add(r.Reason.Rule) : [r.Reason.Rule]) },
            StepFinished f => next.Finish(at, f),
            ShardFinished s => next with { LastProgressAt = at, LastShardDoneAt = at, ShardsDone = ShardsDone.Add($"{s.Component}/{s.Stage}/{s.Shard}") },
            ShardReopened s => next.Reopen(at, s),
            LevelChanged l => next with { Levels = Levels.SetItem(ShardKey(l.Component, l.Shard), l.Level) },
            RunPaused p => next with { Pause = p, PausedAt = at, LastPause = p, LastPauseSeq = seq, Stop = null },
            RunResumed r => next with { LastProgressAt = at, Pause = null, PausedAt = null, RetriedAt = r.Retry ? at : RetriedAt, RetriedSeq = r.Retry ? seq : RetriedSeq, Gates = r.Retry ? GateFold.AskAgain(Gates, at) : Gates },
            StopAfterMemberRequested s => next with { Stop = s.On ? s : null },
            AbortRequested a => next with { Abort = a },
            RollbackRequested r => next with { Rollback = r },
            WindowBypassed w => next with { WindowsBypassed = WindowsBypassed.SetItem(w.Rule, new BypassEntry(w.Actor, at, w.Comment)) },
            ObligationTaken o => next with { Obligations = Obligations.GetValueOrDefault(o.Object) is { ReturnedAt: null } ? Obligations : Obligations.SetItem(o.Object, new ObligationEntry(o.Kind, o.Object, o.Owner, at) { Seq = seq }) },
            ObligationReturned o when Obligations.TryGetValue(o.Object, out var was) => next with { Obligations = Obligations.SetItem(o.Object, was with { ReturnedAt = at, Note = o.Note }) },
            RunFinished f => next with { Final = f.State, FinalReason = f.Reason, EndedAt = at, Pause = null },
            _ => GateFold.Apply(next, at, e),
        };
    }

    /// <summary>The shard is done anew, and before it the movers are stopped anew: what was given back counts as never taken.</summary>
    private Ledger Reopen(DateTimeOffset at, ShardReopened s)
    {
        var moved = Steps.Values.Where(x => x.Kind is StepKind.Suspend or StepKind.Resume).Select(x => x.Id).ToList();
        return this with
        {
            LastProgressAt = at, ShardsDone = ShardsDone.Remove($"{s.Component}/{s.Stage}/{s.Shard}"), Steps = Steps.RemoveRange(moved), OpenSteps = OpenSteps.Except(moved),
            Obligations = Obligations.RemoveRange(Obligations.Values.Where(o => o is { Kind: Movers.Kind, ReturnedAt: not null }).Select(o => o.Object)),
        };
    }

    private Ledger Start(DateTimeOffset at, StepStarted s)
    {
        var attempt = new AttemptEntry(s.Attempt, at, s.Act) { Seq = Seq };
        var entry = Steps.TryGetValue(s.Step, out var was)
            ? was with { State = StepState.Running, EndedAt = null, Reason = null, Attempts = was.Attempts.Add(attempt), From = s.From ?? was.From, To = s.To ?? was.To, Evidence = s.Evidence, Zone = s.Zone ?? was.Zone, Rules = With(was.Rules, s.Evidence) }
            : new StepEntry
            {
                Id = s.Step, Kind = s.Kind, Component = s.Component, Stage = s.Stage, Shard = s.Shard, Instance = s.Instance, From = s.From, To = s.To, Role = s.Role, Title = s.Title,
                Attempts = [attempt], StartedAt = at, Evidence = s.Evidence, Order = Seq, Zone = s.Zone, Rules = With([], s.Evidence),
            };
        var next = this with { Steps = Steps.SetItem(s.Step, entry), OpenSteps = OpenSteps.Add(s.Step), Refusals = Refusals.Remove(s.Step) };
        if (s.Shard is null)
            return next;
        var key = ShardKey(s.Component, s.Shard);
        next = next with
        {
            OpenByShard = OpenByShard.SetItem(key, (OpenByShard.GetValueOrDefault(key) ?? []).Add(s.Step)),
            ShardsTouched = ShardsTouched.ContainsKey(key) ? ShardsTouched : ShardsTouched.SetItem(key, Seq),
        };
        var leader = s.RolesBefore.FirstOrDefault(r => r.Value == "leader").Key;
        return leader is null || LeadersBefore.ContainsKey(key) ? next : next with { LeadersBefore = LeadersBefore.SetItem(key, leader) };
    }

    private Ledger Returned(DateTimeOffset at, ActReturned r)
    {
        if (!Steps.TryGetValue(r.Step, out var was) || was.Last.Number != r.Attempt)
            return this;
        var last = was.Last with { ReturnedAt = at, ReturnedSeq = Seq, Status = r.Status, Reason = r.Reason, Output = r.Output, Measured = r.Measured };
        return this with { Steps = Steps.SetItem(r.Step, was with { Attempts = was.Attempts.SetItem(was.Attempts.Length - 1, last) }) };
    }

    private Ledger Finish(DateTimeOffset at, StepFinished f)
    {
        if (!Steps.TryGetValue(f.Step, out var was))
            return this;
        var last = was.Last with { EndedAt = at, Reason = f.Reason ?? was.Last.Reason };
        var entry = was with
        {
            State = f.State, EndedAt = at, EndedSeq = Seq, Reason = f.Reason, Evidence = [.. was.Evidence, .. f.Evidence], Rules = With(was.Rules, f.Evidence),
            Attempts = was.Attempts.SetItem(was.Attempts.Length - 1, last),
        };
        var next = this with { Steps = Steps.SetItem(f.Step, entry), OpenSteps = OpenSteps.Remove(f.Step), LastProgressAt = at };
        if (was.Shard is null)
            return next;
        var key = ShardKey(was.Component, was.Shard);
        if (was is { Kind: StepKind.Replace or StepKind.WaitInSync, Instance: { } member })
        {
            var replaced = new Replaced(member, was.Zone, at, Seq);
            next = next with { LastReplaced = replaced, LastInShard = next.LastInShard.SetItem(key, replaced) };
        }
        var open = (OpenByShard.GetValueOrDefault(key) ?? []).Remove(f.Step);
        return next with { OpenByShard = open.IsEmpty ? OpenByShard.Remove(key) : OpenByShard.SetItem(key, open) };
    }

    private static ImmutableArray<string> With(ImmutableArray<string> rules, ImmutableArray<Evidence> evidence)
    {
        foreach (var e in evidence)
            if (e.Rule.Length > 0 && !rules.Contains(e.Rule))
                rules = rules.Add(e.Rule);
        return rules;
    }
}
