using System.Globalization;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Reporting;

/// <summary>How long one hand-over of leadership took: from the request until exactly one member was seen leading again.</summary>
public sealed record HandoverSeen(string Shard, double Seconds);

/// <summary>
/// What can be said of pauses in writing. Nothing here writes to the database, so how long clients could not write is not known; what is known is how long hand-overs took, and it is called just that. Clients may have waited for less
/// (the old leader serves until it steps down) or for longer (they have to find the new one).
/// </summary>
public static class WritePause
{
    public const string NotMeasured = "not measured: no probe writes to the database during a run";

    /// <summary>Of the hand-overs that worked; null when there was none.</summary>
    public static HandoverSeen? Longest(IEnumerable<StepView> steps) => steps
        .Where(s => s is { Kind: StepKind.Switchover, State: StepState.Succeeded, StartedAt: not null, EndedAt: not null })
        .Select(s => new HandoverSeen(s.Shard ?? "", Math.Round((s.EndedAt!.Value - (s.Attempts.IsDefaultOrEmpty ? s.StartedAt!.Value : s.Attempts[^1].StartedAt)).TotalSeconds, 1)))
        .MaxBy(h => h.Seconds);

    public static string Words(HandoverSeen? longest) => longest is null
        ? "none"
        : string.Create(CultureInfo.InvariantCulture, $"{longest.Seconds:0.#} s{(longest.Shard.Length > 0 ? $" in {longest.Shard}" : "")}, from the request until exactly one member led again");
}
