using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>
/// Where the members of a change come from when an earlier run stopped half way: some templates ask for the wanted version already although members still run another. A plan that
/// finishes must know that other version, for its rules and for the way back.
/// </summary>
internal static class Origins
{
    public static ImmutableArray<WorkloadTarget> Of(Component component, ImmutableArray<WorkloadTarget> targets)
    {
        if (!targets.Any(There))
            return targets;
        var old = targets.FirstOrDefault(t => !There(t))?.From ?? LeftBehind(component, targets[0].To);
        return old is null ? targets : [.. targets.Select(t => There(t) ? t with { From = old } : t)];
    }

    /// <summary>The template asks for the wanted version.</summary>
    private static bool There(WorkloadTarget t) =>
        t.From.Version == t.To.Version && (t.To.ComponentDef.Length == 0 || t.From.ComponentDef == t.To.ComponentDef) && (t.To.Images.IsEmpty || t.From.Images.SequenceEqual(t.To.Images));

    /// <summary>The one version that members run who are not on their template; null when there is none, or several.</summary>
    private static VersionRef? LeftBehind(Component component, VersionRef to)
    {
        var behind = component.Shards.SelectMany(s => s.Instances).Where(i => !i.Updated && i.Version.Length > 0 && i.Version != to.Version).ToArray();
        return behind.Select(i => i.Version).Distinct(StringComparer.Ordinal).Count() == 1
            ? new VersionRef { Version = behind[0].Version, ComponentDef = component.Definitions.GetValueOrDefault(behind[0].Version) ?? "", Images = to.Images.IsEmpty ? to.Images : behind[0].Images }
            : null;
    }
}
