using System.Collections.Immutable;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Rollcall.Web.Components.Controls;

namespace Rollcall.Web.Model;

/// <summary>Roles and limits of one component, as they are drawn.</summary>
public sealed record GraphPart(ImmutableArray<GraphRole> Roles, GraphLimits Limits)
{
    public bool Equals(GraphPart? other) => other is not null && Limits == other.Limits && Roles.SequenceEqual(other.Roles);
    public override int GetHashCode() => HashCode.Combine(Limits, Roles.Length);

    public static GraphPart Of(EngineProfile profile) =>
        new([.. profile.Roles.Select(r => new GraphRole(r.Name, r.Letter, r.Leads))], new GraphLimits(profile.Lag.MaxSeconds, profile.Lag.MaxBytes));
}

/// <summary>What a profile says about the roles of each component: config servers elect, routers have none.</summary>
public static class GraphParts
{
    /// <summary>By component, only where a section of the profile speaks; what is not in it is drawn by the profile's own roles.</summary>
    public static ImmutableDictionary<string, GraphPart>? Of(EngineProfile? profile, TopologySnapshot? topology)
    {
        if (profile is null || topology is null || profile.Sections.IsEmpty)
            return null;
        return topology.Components.Select(c => (c.Name, Rolled: profile.For(c.Name))).Where(c => !ReferenceEquals(c.Rolled, profile)).ToImmutableDictionary(c => c.Name, c => GraphPart.Of(c.Rolled), StringComparer.Ordinal);
    }

    public static bool Same(ImmutableDictionary<string, GraphPart>? a, ImmutableDictionary<string, GraphPart>? b) =>
        (a?.Count ?? 0) == (b?.Count ?? 0) && (a is null || a.All(p => b!.TryGetValue(p.Key, out var other) && p.Value.Equals(other)));
}
