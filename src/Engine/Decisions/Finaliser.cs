using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>
/// The engine's point of no return as a step of its own, after everything else: control is given back, the soak runs, people approve, then the level is raised and the engine itself must say so. A
/// rollback from behind it lowers the level first, where the engine has a way to.
/// </summary>
internal sealed class Finaliser(DecisionBuilder b, PlanIndex index, EngineSteps steps)
{
    public const string Stage = "finalise";
    public const string RaiseStep = "finalise.raise";
    private const string RaisedStep = "finalise.raised";
    private const string LookStep = "finalise.look";
    private const string LowerStep = "finalise.lower";
    private const string LoweredStep = "finalise.lowered";

    private FinaliserSpec Spec => b.Plan.Profile.Finaliser!;

    /// <summary>True when the plan does not finalise, or the engine says that it has.</summary>
    public bool Raised()
    {
        var c = b.Plan.Components[^1];
        if (b.Plan.Direction == Direction.Rollback || c.Stages.LastOrDefault(s => s.Finalises) is not { } stage)
            return true;
        var (old, now) = (b.Plan.Components[0].From.Version, b.Plan.Components[0].To.Version);
        if (b.Ledger.Step(RaiseStep) is null && !(Settled(c) && Decider.Soaked(b, c, stage) && Approved(c, stage) && BackedUp() && b.MayBegin(RaiseStep)))
            return false;
        if (steps.Run(Command(RaiseStep, Spec.Title, Spec.Raise, old, now)) is null
            || !steps.Until(Command(RaisedStep, $"See that it is done: {Lower(Spec.Title)}", Spec.Check, old, now) with { Says = Expand(Spec.Raised, old, now) }, Spec.Timeout, "the engine says that it is raised"))
            return false;
        if (FinalizeGate.Unmarked(b.State) is { Length: > 0 } shards)
        {
            foreach (var (component, shard) in shards)
                b.Record(new LevelChanged(component, shard, Reversibility.L2));
            return false;
        }
        return true;
    }

    /// <summary>True when there is nothing to lower before members go back, or it is lowered.</summary>
    public bool Lowered()
    {
        if (!b.Plan.LowersFirst)
            return true;
        var (old, now) = (b.Plan.Components[0].To.Version, b.Plan.Components[0].From.Version);
        // A rollback before this one may have lowered it already, and members of the old version run under it now.
        if (b.Ledger.Step(LowerStep) is null)
        {
            if (steps.Run(Command(LookStep, "See how far it was raised", Spec.Check, old, now) with { Says = Expand(Spec.Raised, old, now) }) is not { } look)
                return false;
            if (EngineSteps.Says(look, Expand(Spec.Lowered, old, now)))
                return true;
        }
        return steps.Run(Command(LowerStep, $"Take back: {Lower(Spec.Title)}", Spec.Lower, old, now)) is not null
            && steps.Until(Command(LoweredStep, "See that it is taken back", Spec.Check, old, now) with { Says = Expand(Spec.Lowered, old, now) }, Spec.Timeout, "the engine says that it is lowered");
    }

    private bool Settled(PlannedComponent c)
    {
        var verdict = FinalizeGate.Check(b.State, index);
        if (!verdict.Allows)
            b.Wait(StepIds.Gate(c.Name, Stage), verdict.Reason!, verdict.WakeAt);
        return verdict.Allows;
    }

    private bool Approved(PlannedComponent c, PlannedStage stage)
    {
        var gate = b.Ledger.Step(StepIds.Gate(c.Name, stage.Name));
        if (gate is null)
            Decider.OpenGate(b, c, stage);
        return gate is { Done: true };
    }

    private bool BackedUp()
    {
        var verdict = FinalizeGate.Backup(b.State);
        if (!verdict.Allows)
            b.Wait(RaiseStep, verdict.Reason!, verdict.WakeAt);
        return verdict.Allows;
    }

    private EngineSteps.Command Command(string step, string title, ImmutableArray<string> argv, string old, string now) =>
        new(step, StepKind.Finalise, title, Spec.Place, [.. argv.Select(a => Expand(a, old, now))]) { Stage = Stage, Rule = FinalizeGate.Name, Timeout = Spec.Timeout };

    internal static string Expand(string text, string old, string now) => text
        .Replace("{from.minor}", Minor(old), StringComparison.Ordinal).Replace("{to.minor}", Minor(now), StringComparison.Ordinal)
        .Replace("{from}", old, StringComparison.Ordinal).Replace("{to}", now, StringComparison.Ordinal);

    /// <summary>8.0.1 → 8.0.</summary>
    private static string Minor(string version) => EngineVersion.Parse(version) is { } v ? $"{v.Major}.{v.Minor}" : version;

    private static string Lower(string title) => char.ToLowerInvariant(title[0]) + title[1..];
}
