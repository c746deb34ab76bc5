using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 24. Where an engine passes its point of no return by itself, with the first or the last member that starts on the new version, the plan must ask people before the stage in which that happens; the
/// step is marked, and from there on every shard is at L2.
/// </summary>
public static class ImplicitFinalizeGuard
{
    public const string Name = "ImplicitFinalizeGuard";

    /// <summary>The stage that finalises without saying so; null where none does.</summary>
    public static (PlannedComponent Component, PlannedStage Stage)? Where(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Direction == Direction.Rollback || plan.Profile.Finaliser is not { Explicit: false } finaliser || plan.Components.All(c => VersionRules.IsDowngrade(c.From.Version, c.To.Version) == true))
            return null;
        var stages = plan.Components.SelectMany(c => c.Stages.Where(s => !s.Shards.IsEmpty).Select(s => (c, s))).ToList();
        return stages.Count == 0 ? null : finaliser.Implicit == "firstMember" ? stages[0] : stages[^1];
    }

    public static IEnumerable<Finding> Findings(Plan plan)
    {
        if (Where(plan) is not { } at)
            yield break;
        var what = $"{plan.Profile.Finaliser!.Title}: it happens by itself with the {(plan.Profile.Finaliser.Implicit == "firstMember" ? "first" : "last")} member of stage '{at.Stage.Name}' of {at.Component.Name} that starts on {at.Component.To}, and there is no way back from there.";
        yield return at.Stage.Gate is null
            ? new Finding(Severity.Error, Name, $"{what} Put a gate before that stage.", "/spec/stages")
            : new Finding(Severity.Warning, Name, $"{what} {plan.Profile.Rollback.Alternative}");
    }

    /// <summary>This replacement is it: the first of the run, or the one after which nobody is left on the old version.</summary>
    internal static bool Reached(DecisionState state, PlanIndex index, ShardContext replaced)
    {
        if (state.Plan.Profile.Finaliser is not { Explicit: false } finaliser || Where(state.Plan) is null)
            return false;
        return finaliser.Implicit == "firstMember" || state.Plan.Components.All(c => index.Shards(state, c.Name).All(s => s.Members.All(s.OnTarget))) && replaced.Members.Length > 0;
    }
}
