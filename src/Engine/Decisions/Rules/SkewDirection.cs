using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Where a follower must not be older than its leader, followers first is right for an upgrade and wrong for a downgrade.</summary>
public static class SkewDirection
{
    public const string Name = "SkewDirection";

    /// <summary>The planner's side: a plan whose followers would be older than the leader while it runs.</summary>
    public static Finding? Check(PlannedComponent component, EngineProfile profile, string path)
    {
        ArgumentNullException.ThrowIfNull(component);
        ArgumentNullException.ThrowIfNull(profile);
        var (from, to) = (component.From.Version, component.To.Version);
        if (!profile.HasLeader || profile.Versions.MayFollow(to, from) || component.Shards.All(s => s.Instances.Length < 2))
            return null;
        return VersionRules.IsDowngrade(from, to) is null
            ? new Finding(Severity.Warning, Name, $"{component.Name}: {from} and {to} cannot be compared as versions; if {to} is the older one, its followers cannot follow a leader on {from}.", path)
            : new Finding(Severity.Error, Name, $"{component.Name}: followers go first, and a follower on {to} cannot follow a leader on {from}: a follower must not be older than its leader.{VersionStep.Source(profile.Versions)}", path);
    }
}
