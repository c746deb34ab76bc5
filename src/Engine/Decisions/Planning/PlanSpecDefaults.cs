using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>What Compose starts from: the wanted changes with the profile's stages written out, so that a person can edit them.</summary>
public static class PlanSpecDefaults
{
    private const int LongestName = 63;

    /// <param name="changes">Empty: every component that has a version to go to, each to its newest.</param>
    public static PlanSpec For(TopologySnapshot cluster, EngineProfile profile, ImmutableArray<ChangeSpec> changes)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(profile);
        if (changes.IsDefaultOrEmpty)
            changes = [.. cluster.Components.Where(c => !c.AvailableVersions.IsEmpty).Select(c => new ChangeSpec { Component = c.Name, ServiceVersion = ComponentSummary.Suggest(c.AvailableVersions) })];
        return new PlanSpec
        {
            Name = Name(cluster.Cluster.Name, changes),
            Namespace = cluster.Cluster.Namespace,
            Target = new TargetSpec(cluster.Kind, cluster.Cluster.Name),
            Changes = changes,
            Stages = Stages(cluster, profile, changes),
        };
    }

    /// <summary>With one shard there is nothing to be first among, so the stages fold into one that keeps the gate and the longest soak.</summary>
    private static ImmutableArray<StageSpec> Stages(TopologySnapshot cluster, EngineProfile profile, ImmutableArray<ChangeSpec> changes)
    {
        var shards = cluster.Components.Where(c => changes.Any(ch => ch.Component == c.Name)).Select(c => c.Shards.Length).DefaultIfEmpty(0).Max();
        if (shards >= CanaryFirst.LeastShards)
            return CanaryFirst.Propose(profile.Stages, shards);
        if (shards > 1 || profile.Stages.Length < 2 || profile.Stages.Any(s => s.Roles != "all"))
            return profile.Stages;
        return
        [
            new StageSpec
            {
                Name = "all",
                Shards = new ShardSelector { Rest = true },
                Gate = profile.Stages.Select(s => s.Gate).FirstOrDefault(g => g is not null),
                Soak = profile.Stages.Max(s => s.Soak),
            },
        ];
    }

    private static string Name(string cluster, ImmutableArray<ChangeSpec> changes)
    {
        var version = changes.Length == 1 ? changes[0].ServiceVersion ?? changes[0].Images.Select(i => ImageName.Parse(i.Value).Tag).FirstOrDefault() ?? "" : "";
        var name = new string([.. $"{cluster}-{version}".ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-')]);
        return name[..Math.Min(name.Length, LongestName)].Trim('-');
    }
}
