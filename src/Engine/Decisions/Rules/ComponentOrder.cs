using System.Collections.Immutable;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Components are rolled one after another in the order their database asks for; on a downgrade the other way round.</summary>
public static class ComponentOrder
{
    public const string Name = "ComponentOrder";

    /// <summary>
    /// By the profile's patterns. The first pattern other than <c>*</c> that matches decides; what matches none stands where <c>*</c> stands, or last; equal places are ordered by name.
    /// </summary>
    public static ImmutableArray<PlannedComponent> Sort(EngineProfile profile, ImmutableArray<PlannedComponent> components)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var downgrade = !components.IsEmpty && components.All(c => VersionRules.IsDowngrade(c.From.Version, c.To.Version) == true);
        return Sort(profile, components, c => c.Name, downgrade);
    }

    /// <summary>The same for anything with a component's name; <paramref name="down"/> also for a rollback.</summary>
    public static ImmutableArray<T> Sort<T>(EngineProfile profile, IEnumerable<T> items, Func<T, string> name, bool down)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var explicitDown = down && !profile.ComponentsDown.IsEmpty;
        var patterns = explicitDown ? profile.ComponentsDown : profile.ComponentsUp;
        var up = items.OrderBy(i => Place(patterns, name(i))).ThenBy(name, StringComparer.Ordinal).ToImmutableArray();
        return down && !explicitDown ? [.. up.Reverse()] : up;
    }

    /// <summary>Several components in one plan, and the profile does not say which comes first.</summary>
    public static Finding? Check(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Components.Length < 2)
            return null;
        var order = string.Join(", then ", plan.Components.Select(c => c.Name));
        var unplaced = plan.Components.Where(c => !plan.Profile.ComponentsUp.Any(p => p != "*" && NamePattern.Matches(p, c.Name))).ToList();
        return unplaced.Count < 2
            ? new Finding(Severity.Info, Name, $"Components are rolled one after another: {order}.", "/spec/changes")
            : new Finding(Severity.Warning, Name, $"The profile {plan.Profile.Name} does not say in which order {string.Join(" and ", unplaced.Select(c => c.Name))} belong; they go by name: {order}.", "/spec/changes");
    }

    private static int Place(ImmutableArray<string> patterns, string name)
    {
        for (var i = 0; i < patterns.Length; i++)
            if (patterns[i] != "*" && NamePattern.Matches(patterns[i], name))
                return i;
        return patterns.IndexOf("*") is var star and >= 0 ? star : patterns.Length;
    }
}
