using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Workloads that cannot be taken at all: a lever in use by others, or a foreign owner.</summary>
public static class WorkloadBlockers
{
    public const string Name = "WorkloadBlockers";

    public static IEnumerable<Finding> Check(Workload workload, string path)
    {
        ArgumentNullException.ThrowIfNull(workload);
        foreach (var blocker in workload.Blockers)
            yield return new Finding(Severity.Error, Name, $"{workload.Name} cannot be rolled: {blocker}", path);
        if (workload.Partition > 0 && !workload.Blockers.Any(b => b.Contains("partition", StringComparison.OrdinalIgnoreCase)))
            yield return new Finding(Severity.Error, Name, $"{workload.Name} cannot be rolled: its update strategy has partition {workload.Partition}, so somebody else is in the middle of a staged update. Finish that or set the partition to 0.", path);
    }

    /// <summary>An update strategy that is already held: by this Rollcall (an earlier run kept it), or by another one, which is asked first.</summary>
    /// <param name="owner">This Rollcall's own name; null where nobody knows it.</param>
    public static Finding? Held(Workload workload, string? owner, string path)
    {
        ArgumentNullException.ThrowIfNull(workload);
        if (workload.Held is not { } held)
            return null;
        var since = held.Since is { } at ? $" since {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "";
        if (held.Owner == owner)
            return new Finding(Severity.Info, Name, $"{workload.Name} is still held by run {held.Run}{since}; this plan goes on from there.", path);
        return new Finding(owner is null ? Severity.Warning : Severity.Error, Name,
            $"{workload.Name} is held by {held.Owner}{since} (run {held.Run}). Let that Rollcall release it; if it is gone for good: rollcall release NAMESPACE/NAME.", path);
    }
}
