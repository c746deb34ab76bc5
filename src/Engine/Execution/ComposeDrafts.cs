using System.Collections.Immutable;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>What Compose starts from: the newest version there is for every component that has one, rolled in the profile's own stages.</summary>
internal static class ComposeDrafts
{
    public static PlanSpec Of(TopologySnapshot topology, EngineProfile profile)
    {
        var changes = topology.Components.Where(c => !c.AvailableVersions.IsEmpty).Select(c => new ChangeSpec
        {
            Component = c.Name,
            ServiceVersion = c.AvailableVersions[0],
            ComponentDef = c.Definitions.GetValueOrDefault(c.AvailableVersions[0]),
        }).ToImmutableArray();
        var version = changes.IsEmpty ? "" : $"-{Label(changes[0].ServiceVersion!)}";
        return new PlanSpec
        {
            Name = $"{topology.Cluster.Name}{version}",
            Namespace = topology.Cluster.Namespace,
            Target = new TargetSpec(topology.Kind, topology.Cluster.Name),
            Changes = changes,
            Stages = profile.Stages.IsEmpty ? null : profile.Stages,
        };
    }

    private static string Label(string version) => new([.. version.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
}
