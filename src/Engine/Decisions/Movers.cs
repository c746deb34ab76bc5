using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>
/// Balancers and their like: looked at, stopped and seen idle before the first act; started and seen running on every way out. What was stopped already when the run came is left alone and not started at
/// the end. The obligation is taken before the request to stop, and returned when the mover itself says that it runs.
/// </summary>
internal sealed class Movers(DecisionBuilder b, EngineSteps steps)
{
    public const string Kind = "Mover";

    /// <summary>As it stands in the journal and on screen.</summary>
    public static string Object(Plan plan, MoverSpec mover)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return $"{mover.Name} of {plan.Cluster}";
    }

    /// <summary>True when all are stopped and idle, or were given back already.</summary>
    public bool SuspendAll()
    {
        foreach (var mover in b.Plan.Profile.Movers)
            if (!SuspendMovers.Check(b.State, mover).Allows && !Suspend(mover))
                return false;
        return true;
    }

    /// <summary>True when nothing of ours is stopped any more.</summary>
    /// <param name="ending">The run is being aborted: what cannot be given back is left and said, instead of waiting for a person.</param>
    public bool ResumeAll(bool ending = false)
    {
        foreach (var mover in b.Plan.Profile.Movers)
            if (SuspendMovers.Owed(b.State, mover) && !Resume(mover) && !(ending && LeftBehind(mover)))
                return false;
        return true;
    }

    /// <summary>A sentence about what an aborted run could not give back; empty when there is nothing.</summary>
    public string Left()
    {
        var left = b.Plan.Profile.Movers.Where(m => SuspendMovers.Owed(b.State, m)).ToList();
        return left.Count == 0 ? "" : $" {Capital(left[0].Title)} could not be started again and stays stopped; start it by hand.";
    }

    private bool Suspend(MoverSpec mover)
    {
        if (!SuspendMovers.Owed(b.State, mover))
        {
            if (b.Ledger.Step(SuspendMovers.Look(mover)) is null && !b.MayBegin(SuspendMovers.Look(mover)))
                return false;
            var look = Command(mover, SuspendMovers.Look(mover), StepKind.Suspend, $"See whether {mover.Title} runs", mover.Check) with { Says = mover.Running };
            if (steps.Run(look) is not { } looked)
                return false;
            if (!EngineSteps.Says(looked, mover.Suspended))
                b.Record(new ObligationTaken(Kind, Object(b.Plan, mover), b.State.RunId));
            return false; // asked again with that in the ledger
        }
        // Passed on by the run before this one it may be stopped, not asked yet, or started again already; to ask once more does no harm.
        if (steps.Run(Command(mover, SuspendMovers.Stop(mover), StepKind.Suspend, $"Stop {mover.Title}", mover.Suspend)) is null)
            return false;
        return steps.Until(Command(mover, SuspendMovers.Idle(mover), StepKind.Suspend, $"See that {mover.Title} is idle", mover.Check) with { Says = mover.Suspended }, mover.Deadline, $"{mover.Title} is idle");
    }

    private bool Resume(MoverSpec mover)
    {
        // It may have been announced and never asked: then there is nothing to start, but starting what runs does no harm, and only its own word ends the obligation.
        if (steps.Run(Command(mover, SuspendMovers.Start(mover), StepKind.Resume, $"Start {mover.Title} again", mover.Resume) with { GivesBack = true }) is null)
            return false;
        if (!steps.Until(Command(mover, SuspendMovers.Back(mover), StepKind.Resume, $"See that {mover.Title} runs", mover.Check) with { Says = mover.Running, GivesBack = true }, mover.Deadline, $"{mover.Title} runs"))
            return false;
        b.Record(new ObligationReturned(Kind, Object(b.Plan, mover), "It says itself that it runs."));
        return true;
    }

    private bool LeftBehind(MoverSpec mover) => steps.GivenUp(SuspendMovers.Start(mover)) || steps.GivenUp(SuspendMovers.Back(mover)) || EngineSteps.Find(b.State, mover.Place) is null
        || b.Ledger.Step(SuspendMovers.Back(mover)) is { Done: true } back && b.Now >= back.StartedAt + mover.Deadline;

    private static EngineSteps.Command Command(MoverSpec mover, string step, StepKind kind, string title, System.Collections.Immutable.ImmutableArray<string> argv) =>
        new(step, kind, title, mover.Place, argv) { Stage = kind is StepKind.Resume ? "release" : "movers", Rule = SuspendMovers.Name, Timeout = mover.Timeout };

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
