using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>What the plan says about a hook or an analysis that failed for good: pause, go on regardless, or roll back. On the way back nothing is rolled back; a person decides.</summary>
internal static class OnFailure
{
    /// <param name="next">What a person can do, where it pauses.</param>
    public static void Take(DecisionBuilder b, StepEntry step, string how, Reason why, string next)
    {
        switch (how)
        {
            case "continue":
                b.Finish(step, StepState.Failed, why with { Next = "The plan goes on without it." }, [.. why.Evidence]);
                break;
            case "rollback" when b.Plan.Direction == Direction.Forward:
                b.RollbackDue = why;
                b.Pause(why with { Next = "Rolls back, as the plan says." });
                break;
            default:
                b.Pause(why with { Next = next });
                break;
        }
    }
}
