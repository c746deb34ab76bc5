using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 25. A complete backup of the component, younger than the plan asks for, before its first disruptive act. How old it may be is the plan's word; without one nothing is asked.
/// </summary>
public static class BackupFresh
{
    public const string Name = "BackupFresh";

    /// <summary>The newest complete backup of the component; one that names no component may hold any, and counts.</summary>
    public static BackupFact? Newest(TopologySnapshot topology, string component)
    {
        ArgumentNullException.ThrowIfNull(topology);
        return topology.Backups.Where(b => b.Complete && (b.Component == component || b.Component.Length == 0)).OrderByDescending(b => b.CompletedAt).FirstOrDefault();
    }

    public static Verdict Check(DecisionState state, string component)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Plan.Spec.Safety.Backup is not { MaxAge: { } limit } || state.Plan.Direction == Direction.Rollback)
            return Verdict.Allow;
        var newest = Newest(state.Topology!, component);
        var age = state.Now - newest?.CompletedAt;
        // A backup from the future was stamped by another clock; it is not older than now.
        if (age <= limit)
            return Verdict.Allow;
        var running = state.Topology!.Backups.FirstOrDefault(b => (b.Component == component || b.Component.Length == 0) && b.CompletedAt is null && b.Phase is "Running" or "New");
        return Verdict.Wait(new Reason(newest is null
            ? $"No complete backup of {component} is known; the plan wants one that is at most {ShardContext.Duration(limit)} old."
            : $"The newest backup of {component}, {newest.Name}, is {ShardContext.Duration(age!.Value)} old; the plan wants one that is at most {ShardContext.Duration(limit)} old.", Name)
        {
            Evidence = newest is null ? [] : [Evidence(newest)],
            Next = running is null ? "Take a backup; it goes on by itself when one is complete." : $"Backup {running.Name} is {running.Phase}; it goes on by itself when it is complete.",
        });
    }

    public static Evidence Evidence(BackupFact backup)
    {
        ArgumentNullException.ThrowIfNull(backup);
        return new Evidence($"backup {backup.Name}", $"complete at {backup.CompletedAt?.UtcDateTime:yyyy-MM-dd HH:mm} UTC{(backup.Method.Length > 0 ? $" by {backup.Method}" : "")}", "API server", backup.CompletedAt ?? default);
    }

    /// <summary>What a person should know of the backups before starting; null where the plan asks for none and none is known.</summary>
    public static Finding? Finding(DecisionState state, string component)
    {
        ArgumentNullException.ThrowIfNull(state);
        var newest = Newest(state.Topology!, component);
        var spec = state.Plan.Spec.Safety.Backup;
        if (Check(state, component) is { Allows: false } no)
            return spec?.Take is null ? null : new Finding(Severity.Info, Name, $"{no.Reason!.Text} One is taken first.", "/spec/safety/backup");
        if (newest is not null)
            return new Finding(Severity.Info, Name, $"The newest backup of {component}, {newest.Name}, is {ShardContext.Duration(state.Now - newest.CompletedAt!.Value)} old{(spec?.Take is not null && spec.MaxAge is null ? "; another one is taken first" : "")}.", spec is null ? "" : "/spec/safety/backup");
        return spec?.Take is not null ? new Finding(Severity.Info, Name, $"A backup of {component} is taken first.", "/spec/safety/backup") : null;
    }
}
