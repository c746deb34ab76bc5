using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Web.Model.Watching;

namespace Rollcall.Web.Model.Reporting;

/// <summary>What a change ticket wants to know of a run, from its journal: who decided what, what moved, what took longer or went otherwise than planned.</summary>
public sealed record RunReport
{
    public required string Run { get; init; }
    public required string Title { get; init; }
    public required string Cluster { get; init; }
    public required RunState State { get; init; }
    /// <summary>The sentence the run ended with, or what it waits for now.</summary>
    public required string Outcome { get; init; }
    public required string Plan { get; init; }
    public required string PlanHash { get; init; }
    public required string StartedBy { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public required double PlannedSeconds { get; init; }
    /// <summary>From the start to the end, or to now for a run that goes on. Null before it began.</summary>
    public double? TookSeconds { get; init; }
    public string? RollbackOf { get; init; }
    public string? RolledBackBy { get; init; }
    public required RunTotals Totals { get; init; }
    public ImmutableArray<PlanComponentView> Changes { get; init; } = [];
    public ImmutableArray<ReportLine> Decisions { get; init; } = [];
    /// <summary>Gates that an admin opened without their quorum, windows and freezes that an admin lifted; also among the decisions.</summary>
    public ImmutableArray<ReportLine> Bypasses { get; init; } = [];
    public ImmutableArray<ReportStep> Switchovers { get; init; } = [];
    public ImmutableArray<ReportStep> Members { get; init; } = [];
    public ImmutableArray<ReportAnalysis> Analyses { get; init; } = [];
    /// <summary>Pauses, by whom or by which rule, and every command of a person.</summary>
    public ImmutableArray<ReportLine> Interventions { get; init; } = [];
    public ImmutableArray<string> Deviations { get; init; } = [];
    /// <summary>What is still held.</summary>
    public ImmutableArray<ObligationView> Held { get; init; } = [];
    public string WritePause { get; init; } = Reporting.WritePause.NotMeasured;
    /// <summary>The longest of the hand-overs that worked; null when there was none. Not a pause of writes: see <see cref="Reporting.WritePause"/>.</summary>
    public HandoverSeen? LongestHandover { get; init; }

    /// <param name="events">The whole journal of the run, or at least what people and rules decided.</param>
    public static RunReport Of(RunView run, IEnumerable<RunEventView> events, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(events);
        var lines = events.Select(e => (View: e, Event: JournalJson.ReadEvent(e.Data.GetRawText()))).ToList();
        return new RunReport
        {
            Run = run.Id, Title = RunHeading.Title(run, null), Cluster = run.Cluster, State = run.State, Outcome = run.Reason?.Text ?? $"{run.State}.", Plan = run.PlanName, PlanHash = run.PlanHash,
            StartedBy = run.StartedBy, StartedAt = run.StartedAt, EndedAt = run.EndedAt, PlannedSeconds = run.Totals.EstimateSeconds, TookSeconds = run.StartedAt is { } from ? ((run.EndedAt ?? now) - from).TotalSeconds : null,
            RollbackOf = run.RollbackOf, RolledBackBy = run.RolledBackBy, Totals = run.Totals, Changes = run.Components,
            Decisions = [.. lines.Select(l => Decision(run, l.View, l.Event)).OfType<ReportLine>()],
            Bypasses = [.. lines.Where(l => l.Event is GateBypassed or WindowBypassed).Select(l => Decision(run, l.View, l.Event)!)],
            Switchovers = [.. Begun(run, StepKind.Switchover)], Members = [.. Begun(run, StepKind.Replace)],
            Interventions = [.. lines.Select(l => Intervention(l.View, l.Event)).OfType<ReportLine>()],
            Analyses = [.. run.Steps.Where(s => s is { Analysis: not null, StartedAt: not null }).OrderBy(s => s.StartedAt).Select(s => new ReportAnalysis(s.Title, s.StartedAt!.Value, s.State, s.Analysis!.Query, AnalysisBoard.Sentence(s.Analysis), s.Analysis.Measurements))],
            Deviations = [.. run.Steps.SelectMany(Deviating)], Held = [.. run.Obligations.Where(o => !o.Returned)], LongestHandover = Reporting.WritePause.Longest(run.Steps),
        };
    }

    private static ReportLine? Decision(RunView run, RunEventView e, RunEvent said) => said switch
    {
        GateApproved a => new ReportLine(e.At, e.Actor, $"approved {Gate(run, a.Gate)}{(a.Group.Length > 0 ? $" for {a.Group.Replace(",", ", ", StringComparison.Ordinal)}" : "")}{(a.Invitation is null ? "" : " by a signed link")}{(Own(run, a) ? " (their own plan or run)" : "")}", a.Comment),
        GateBypassed b => new ReportLine(e.At, e.Actor, $"BYPASSED {Gate(run, b.Gate)} without the quorum", b.Comment),
        WindowBypassed w => new ReportLine(e.At, e.Actor, $"BYPASSED {(w.Rule == "ChangeFreeze" ? "change freezes" : "the handover window")} for this run", w.Comment),
        GateCommented c => new ReportLine(e.At, e.Actor, $"said at {Gate(run, c.Gate)}", c.Comment),
        GateInvited i => new ReportLine(e.At, e.Actor, $"asked {i.Person}{(i.Groups.IsEmpty ? "" : $" (for {string.Join(", ", i.Groups)})")} by a signed link to decide {Gate(run, i.Gate)}", ""),
        GateInvitationRevoked i => new ReportLine(e.At, e.Actor, $"took back a link to {Gate(run, i.Gate)}", ""),
        GateReminded r => new ReportLine(e.At, e.Actor, $"reminded of {Gate(run, r.Gate)}", ""),
        GateExpired x => new ReportLine(e.At, e.Actor, $"deadline of {Gate(run, x.Gate)} passed", $"On the deadline: {x.Outcome}."),
        GateRejected r => new ReportLine(e.At, e.Actor, $"rejected {Gate(run, r.Gate)}", r.Comment),
        ApprovalsVoided v => new ReportLine(e.At, e.Actor, "approvals voided: the plan is not the approved one any more", string.Join("; ", v.Changed)),
        _ => null,
    };

    private static bool Own(RunView run, GateApproved said) => run.Gates.FirstOrDefault(g => g.Name == said.Gate)?.Insiders.Any(i => Person.Same(i.Name, said.Actor)) == true;

    private static string Gate(RunView run, string name) =>
        run.Gates.FirstOrDefault(g => g.Name == name) is { } gate ? $"the gate before “{gate.Stage}”{(gate.Shard is { } shard ? $" in {shard}" : "")}" : name;

    private static ReportLine? Intervention(RunEventView e, RunEvent said) => said switch
    {
        RunPaused p => new ReportLine(e.At, e.Actor, p.Diverged ? "paused: not as planned" : "paused", p.Reason.Text),
        RunResumed r => new ReportLine(e.At, e.Actor, r.Retry ? "retried" : "resumed", r.Comment),
        StopAfterMemberRequested s => new ReportLine(e.At, e.Actor, s.On ? "asked to stop after the member in hand" : "took back the stop after the member in hand", s.Comment),
        AbortRequested a => new ReportLine(e.At, e.Actor, "aborted", a.Comment),
        RollbackRequested r => new ReportLine(e.At, e.Actor, $"rolled back (run {r.RollbackRun})", r.Comment),
        _ => null,
    };

    private static IEnumerable<ReportStep> Begun(RunView run, StepKind kind) =>
        run.Steps.Where(s => s.Kind == kind && s.StartedAt is not null).OrderBy(s => s.StartedAt)
            .Select(s => new ReportStep(s.Title, s.Shard, s.StartedAt!.Value, s.State, s.EndedAt is { } end ? (end - s.StartedAt.Value).TotalSeconds : null, s.EstimateSeconds));

    /// <summary>Steps nobody planned, those that took more than one attempt, those that failed, and those that took far longer than planned.</summary>
    private static IEnumerable<string> Deviating(StepView step)
    {
        if (step.State is StepState.Skipped or StepState.Pending)
            yield break;
        if (step.Unplanned)
            yield return $"{step.Title}: was not in the plan.";
        if (step.State is StepState.Failed)
            yield return $"{step.Title}: failed. {step.Reason?.Text}".TrimEnd();
        if (step.Attempt > 1 && step.Kind is not StepKind.Analysis)
            yield return $"{step.Title}: took {Words.Count(step.Attempt, "attempt")}.";
        if (step is { StartedAt: { } from, EndedAt: { } to, Kind: not (StepKind.Gate or StepKind.Soak or StepKind.Analysis) } && (to - from).TotalSeconds is var took && took > (2 * step.EstimateSeconds) + 30)
            yield return $"{step.Title}: took {Durations.Format(took)}, planned {Durations.Format(step.EstimateSeconds)}.";
    }
}

/// <summary>Who did what, when, and what was said about it.</summary>
public sealed record ReportLine(DateTimeOffset At, string By, string What, string Why);

/// <param name="TookSeconds">Null while it is under way.</param>
public sealed record ReportStep(string Title, string? Shard, DateTimeOffset At, StepState State, double? TookSeconds, double PlannedSeconds);

/// <param name="Said">How often it was measured, what is allowed, how often it was outside.</param>
public sealed record ReportAnalysis(string Title, DateTimeOffset At, StepState State, string Query, string Said, ImmutableArray<MeasurementView> Measurements)
{
    /// <summary>The newest values, each with its verdict where it is not "within".</summary>
    public string Values => Measurements.IsEmpty ? "none" : string.Join("; ", Measurements.TakeLast(10).Select(m => m is { Outcome: MeasurementOutcome.Passed, Earlier: false } ? m.Text : $"{m.Text} ({AnalysisBoard.Word(m)})"));
}
