using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions;

/// <summary>How far a gate's quorum is: each person once, only approvals of the plan in force, only from groups that count here, and one of each group that must speak.</summary>
/// <param name="Counted">The approvals that count.</param>
/// <param name="MissingGroups">Required groups that have not spoken.</param>
public sealed record GateQuorum(ImmutableArray<ApprovalEntry> Counted, int Required, ImmutableArray<string> MissingGroups)
{
    public bool Reached => Counted.Length >= Required && MissingGroups.IsEmpty;

    /// <summary>How many more people must approve at the least.</summary>
    public int Missing => Math.Max(Required - Counted.Length, MissingGroups.Length);

    public static GateQuorum Of(GateSpec spec, GateEntry? gate, string planHash)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ImmutableArray<ApprovalEntry> counted = gate is null ? [] : [.. gate.Approvals.Where(a => !a.Void && a.PlanHash == planHash && Counts(spec, Groups(a.Group))).DistinctBy(a => a.By, StringComparer.OrdinalIgnoreCase)];
        return new GateQuorum(counted, spec.Approvals, [.. spec.Groups.Where(g => counted.All(a => !Groups(a.Group).Contains(g, StringComparer.Ordinal)))]);
    }

    /// <summary>A member of these groups may count at this gate.</summary>
    public static bool Counts(GateSpec spec, IEnumerable<string> groups)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.From.IsEmpty || groups.Any(g => spec.From.Contains(g));
    }

    public static string[] Groups(string joined) => joined.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
