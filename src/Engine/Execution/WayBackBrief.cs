using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>What a person wants to know before they confirm a way back: who leads now and after, what it interrupts, what cannot be undone.</summary>
internal static class WayBackBrief
{
    /// <param name="run">The plan of the run that is taken back.</param>
    /// <param name="back">The plan that takes it back.</param>
    public static WayBack Of(Plan run, Plan back, TopologySnapshot live) => new()
    {
        Leaders = [.. back.Components.SelectMany(c => c.Shards.Select(s => Leader(back, c, s.Name, live))).OfType<LeaderChange>()],
        CannotUndo = [.. CannotUndo(run, back)],
        PauseSeconds = back.Steps.Where(s => s.Kind == StepKind.Switchover).Select(s => s.EstimateSeconds).DefaultIfEmpty(0).Max(),
        // Of several components the one whose backup is the oldest; one without any leaves nothing to fall back on.
        BackupAt = run.Components.Select(c => BackupFresh.Newest(live, c.Name)?.CompletedAt).OrderBy(at => at ?? DateTimeOffset.MinValue).FirstOrDefault(),
        Alone = back.Direction == Direction.Forward ? [] : [.. run.Components.SelectMany(c => c.Shards.Select(s => Ledger.ShardKey(c.Name, s.Name))).Where(key => ShardScope.Narrow(run, live, key).Ok)],
    };

    private static LeaderChange? Leader(Plan back, PlannedComponent c, string shard, TopologySnapshot live)
    {
        var now = live.Components.FirstOrDefault(x => x.Name == c.Name)?.Shards.FirstOrDefault(s => s.Name == shard)?.Instances.FirstOrDefault(m => back.Profile.For(c.Name).Role(m.Role) is { Leads: true })?.Name;
        var moves = back.Steps.Where(s => s.Kind == StepKind.Switchover && s.Component == c.Name && s.Shard == shard).ToList();
        var after = moves.LastOrDefault()?.To ?? now;
        return back.Profile.For(c.Name).HasLeader && (now is not null || after is not null) ? new LeaderChange(c.Name, shard, now, after, moves.Count) : null;
    }

    private static IEnumerable<string> CannotUndo(Plan run, Plan back)
    {
        if (back.Direction == Direction.Rollback && !back.PastSwitchover.IsEmpty)
            yield return $"Writes since the switchover of {string.Join(", ", back.PastSwitchover.Order(StringComparer.Ordinal).Take(4))}{(back.PastSwitchover.Count > 4 ? $" and {back.PastSwitchover.Count - 4} more" : "")} were made by {run.Components[0].To}; they stay, and {run.Components[0].From} goes on from them.";
        if (back.Steps.Any(s => s.Kind == StepKind.Switchover))
            yield return "Each switchover breaks the clients' connections to that shard's leader once more; they reconnect.";
    }
}
