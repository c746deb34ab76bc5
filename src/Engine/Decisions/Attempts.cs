using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>
/// What an attempt whose effect is not to be seen (yet) means. An intent without an outcome is in flight until the action's time-out plus one probe period; after
/// that the cluster itself is the judge, and another attempt is a new, counted intent.
/// </summary>
internal static class Attempts
{
    public const int MaxFailures = 3;

    /// <param name="Retry">The act may be offered again now.</param>
    /// <param name="Verdict">Otherwise: wait, or stop for a person.</param>
    public readonly record struct Outcome(bool Retry, Verdict Verdict);

    public static Outcome Judge(DecisionState state, StepEntry step, string what, TimeSpan? effectTimeout = null)
    {
        var a = step.Last;
        var profile = state.Plan.Profile.For(step.Component);
        var limits = profile.Deadlines;
        var period = profile.Probe?.Period ?? TimeSpan.FromSeconds(5);
        var retriedSince = state.Ledger.RetriedSeq > Math.Max(a.Seq, a.ReturnedSeq);
        switch (a.Status)
        {
            case ActStatus.NotNow:
                return WaitThenRetry(state, a.ReturnedAt!.Value + Backoff(step.Attempts.Length), a.Reason! with { Next = a.Reason.Next ?? "Tried again by itself." });
            case ActStatus.Refused:
                return retriedSince ? new(true, Verdict.Allow) : new(false, Verdict.Pause(a.Reason! with { Next = a.Reason.Next ?? "Clear the cause, then press Retry." }));
            case ActStatus.Failed:
                if (retriedSince)
                    return new(true, Verdict.Allow);
                return SinceRetry(state, step) >= MaxFailures
                    ? new(false, Verdict.Pause(a.Reason! with { Next = $"It was tried {SinceRetry(state, step)} times. Mend the cause, then press Retry." }))
                    : WaitThenRetry(state, a.ReturnedAt!.Value + Backoff(step.Attempts.Length), a.Reason! with { Next = "Tried again by itself." });
            case ActStatus.Accepted:
            {
                var due = a.ReturnedAt!.Value + (effectTimeout ?? limits.Action);
                if (state.Now < due)
                    return new(false, Verdict.Wait(new Reason($"{what}: accepted, not yet to be seen."), due));
                return retriedSince || SinceRetry(state, step) < MaxFailures - 1
                    ? new(true, Verdict.Allow)
                    : new(false, Verdict.Pause(new Reason($"{what} was accepted {step.Attempts.Length} times without effect within {ShardContext.Duration(effectTimeout ?? limits.Action)}.") { Next = "Look at the controller's logs, then press Retry." }));
            }
            default:
                return WaitThenRetry(state, (a.ReturnedAt ?? a.StartedAt) + limits.Action + period,
                    new Reason($"{what}: asked, no answer yet{(a.Reason is null ? "" : $" ({a.Reason.Text.TrimEnd('.')})")}.") { Next = "The cluster itself is asked when no answer comes." });
        }
    }

    private static Outcome WaitThenRetry(DecisionState state, DateTimeOffset due, Reason reason) =>
        state.Now < due ? new(false, Verdict.Wait(reason, due)) : new(true, Verdict.Allow);

    /// <summary>Attempts since a person last asked to try again.</summary>
    public static int SinceRetry(DecisionState state, StepEntry step) => step.Attempts.Count(a => a.Seq > state.Ledger.RetriedSeq);

    /// <summary>How often an action failed or was lost since it last went well, or a person last asked to try again: one that is asked every few seconds may fail now and then.</summary>
    public static int FailuresInARow(Ledger ledger, StepEntry step) =>
        step.Attempts.Reverse().TakeWhile(a => a.Seq > ledger.RetriedSeq && a.Status is not ActStatus.Accepted).Count(a => a.Status is ActStatus.Failed or ActStatus.Unknown);

    public static TimeSpan Backoff(int attempt) => TimeSpan.FromSeconds(Math.Min(30, Math.Pow(2, Math.Min(attempt, 6) - 1)));
}
