using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 15. A member on the new version that does not come up stops everything: at once when its image or container can never start as it is, else at its deadline.
/// </summary>
public static class UpdatedUnhealthyHalts
{
    public const string Name = "UpdatedUnhealthyHalts";

    /// <summary>Waiting reasons of the kubelet that do not go away by waiting.</summary>
    public static bool Fatal(string? problem) => problem is not null &&
        (problem is "ErrImagePull" or "ImageInspectError" or "InvalidImageName" or "ErrImageNeverPull" or "CrashLoopBackOff" or "RunContainerError"
         || problem.StartsWith("ImagePull", StringComparison.Ordinal) || (problem.StartsWith("CreateContainer", StringComparison.Ordinal) && problem.EndsWith("Error", StringComparison.Ordinal)));

    /// <param name="since">When it was replaced (or when a person asked to try again, if later).</param>
    public static Verdict Check(ShardContext s, Instance m, DateTimeOffset since)
    {
        if (m.Ready)
            return Verdict.Allow;
        var limit = s.State.Plan.Spec.Safety.ReadyDeadline ?? s.Profile.Deadlines.Ready;
        var grace = s.Ledger.RetriedAt is { } retried && s.Now - retried < TimeSpan.FromSeconds(15);
        if (Fatal(m.Problem) && !grace)
            return Verdict.Pause(new Reason($"{m.Name} cannot start on {s.Component.To}: {m.Problem}{(string.IsNullOrEmpty(m.ProblemMessage) ? "" : $" ({m.ProblemMessage.TrimEnd('.')})")}.", Name)
            {
                Evidence = [new Evidence($"{m.Name} container", m.Problem!, "API server", s.State.Topology!.ObservedAt), new Evidence("image", string.Join(", ", m.Images.Values), "API server", s.State.Topology.ObservedAt)],
                Next = $"All other members still run as before. Roll back to replace {m.Name} by {s.Component.From}, or mend the cause and press Retry.",
            });
        var deadline = RecoveryIsProgress.Extend(m, since + limit);
        if (s.Now >= deadline)
            return Verdict.Pause(new Reason($"{m.Name} is not Ready {ShardContext.Duration(deadline - since)} after it was replaced ({m.Problem ?? m.Phase}).", Name)
            {
                Evidence = [s.ReadyEvidence(m)], Next = "Roll back, or mend the cause and press Retry.",
            });
        if (RecoveryIsProgress.Asks(s, m))
        {
            var recovering = RecoveryIsProgress.Seen(m);
            return Verdict.Ask(new Reason($"{m.Name} runs {s.Component.To} and {(recovering is null ? "is starting" : "recovers")}.", recovering is null ? Name : RecoveryIsProgress.Name)
            {
                Deadline = deadline, Evidence = recovering is null ? [] : [recovering], Next = "Goes on by itself when it is Ready; pauses for a person when nothing moves any more.",
            }, [m.Name], s.Profile.Probe!.Period);
        }
        return Verdict.Wait(new Reason($"{m.Name} is starting on {s.Component.To}{(m.Problem is null ? "" : $" ({m.Problem})")}.", Name) { Deadline = deadline, Next = "Goes on by itself when it is Ready; pauses for a person at its deadline." },
            Fatal(m.Problem) ? s.Now + TimeSpan.FromSeconds(15) : deadline);
    }
}
