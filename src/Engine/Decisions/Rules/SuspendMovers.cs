using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 26. Nothing is touched before every mover (balancer, allocation, repair) is stopped and says itself that it is idle.</summary>
public static class SuspendMovers
{
    public const string Name = "SuspendMovers";

    public static string Look(MoverSpec mover) => $"mover.{mover.Name}.look";
    public static string Stop(MoverSpec mover) => $"mover.{mover.Name}.suspend";
    public static string Idle(MoverSpec mover) => $"mover.{mover.Name}.idle";
    public static string Start(MoverSpec mover) => $"mover.{mover.Name}.resume";
    public static string Back(MoverSpec mover) => $"mover.{mover.Name}.runs";

    public static Verdict Check(DecisionState state, MoverSpec mover)
    {
        var standing = state.Ledger.Obligations.GetValueOrDefault(Movers.Object(state.Plan, mover));
        if (standing is { ReturnedAt: not null } || !EngineSteps.Exists(state.Topology!, mover.Place))
            return Verdict.Allow; // given back: the run is past that; or the plan has said that nobody can stop it
        var said = state.Ledger.Step(standing is null ? Look(mover) : Idle(mover));
        return said is { Done: true } && EngineSteps.Says(said, mover.Suspended)
            ? Verdict.Allow
            : Verdict.Wait(new Reason($"Nothing is touched before {mover.Title} is stopped and idle.", Name) { Next = "Goes on by itself." });
    }

    /// <summary>It was stopped for this run and not given back yet.</summary>
    public static bool Owed(DecisionState state, MoverSpec mover) => state.Ledger.Obligations.GetValueOrDefault(Movers.Object(state.Plan, mover)) is { ReturnedAt: null };

    /// <summary>The planner's side.</summary>
    public static IEnumerable<Finding> Findings(EngineProfile profile, TopologySnapshot cluster)
    {
        ArgumentNullException.ThrowIfNull(profile);
        foreach (var mover in profile.Movers)
            yield return EngineSteps.Exists(cluster, mover.Place)
                ? new Finding(Severity.Info, Name, $"{char.ToUpperInvariant(mover.Title[0])}{mover.Title[1..]} is stopped and seen idle before anything is touched, and started again on every way out.")
                : new Finding(Severity.Warning, Name, $"Nobody can stop {mover.Title}: the cluster has no component {string.Join(" or ", mover.Place.Components)}. Stop it yourself before you start the run, and start it afterwards.");
    }
}
