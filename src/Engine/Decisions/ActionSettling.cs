using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>
/// What has become of an action (rule HookRunOnce). Its answer is its outcome; an intent without an answer runs, or is being looked for by the executor under the same attempt. Another attempt is a new,
/// counted intent: as many by itself as the action says, then what the plan says about its failure, then a person.
/// </summary>
internal static class ActionSettling
{
    public const string Rule = "HookRunOnce";

    /// <summary>Done, or failed where the plan goes on regardless.</summary>
    public static bool Passed(StepEntry? step) => step is { Done: true } or { State: StepState.Failed, Last.Act: ActionAct { OnFailure: "continue" } };

    /// <summary>True when the action may be offered again.</summary>
    public static bool Settle(DecisionBuilder b, StepEntry step)
    {
        if (step.Last.Act is not ActionAct act)
            return false;
        var a = step.Last;
        var retried = a.Status is not null && b.Ledger.RetriedSeq > a.ReturnedSeq;
        switch (a.Status)
        {
            case null:
                b.Progress(step.Id, new Reason($"{step.Title}: running{(a.Number > 1 ? $", attempt {a.Number}" : "")}.") { Next = $"Goes on when it has ended; after {ShardContext.Duration(act.Spec.Timeout)} it counts as failed." });
                return false;
            case ActStatus.Accepted:
                b.Finish(step, StepState.Succeeded, a.Reason, [.. Evidence(act, a)]);
                return false;
            case ActStatus.NotNow when !retried:
                return Later(b, step, a.Reason! with { Next = a.Reason.Next ?? "Tried again by itself." });
            case var _ when retried:
                return true;
        }
        var failures = Attempts.FailuresInARow(b.Ledger, step);
        var why = a.Reason! with { Rule = Rule, Evidence = [.. Evidence(act, a)] };
        if (a.Status is ActStatus.Failed or ActStatus.Unknown && failures <= act.Spec.Retries)
            return Later(b, step, why with { Next = $"Tried again by itself: attempt {failures + 1} of {act.Spec.Retries + 1}." });
        OnFailure.Take(b, step, act.OnFailure, why, $"{step.Title} was tried {failures} {(failures == 1 ? "time" : "times")}. Mend the cause, then press Retry to run it again; or abort, or roll back.");
        return false;
    }

    private static bool Later(DecisionBuilder b, StepEntry step, Reason reason)
    {
        var due = step.Last.ReturnedAt!.Value + Attempts.Backoff(step.Attempts.Length);
        if (b.Now >= due)
            return true;
        b.Wait(step.Id, reason, due);
        return false;
    }

    private static IEnumerable<Evidence> Evidence(ActionAct act, AttemptEntry a)
    {
        if (a.Output?.ExitCode is { } code)
            yield return new Evidence(act.Spec.Webhook is null ? "exit code" : "HTTP status", code.ToString(System.Globalization.CultureInfo.InvariantCulture), act.Instance ?? act.Spec.Kind, a.ReturnedAt ?? a.StartedAt);
    }
}
