using System.Collections.Immutable;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>What Compose starts from: the wanted changes with the profile's stages written out, so that a person can edit them.</summary>
public static class PlanSpecDefaults
{
    private const int LongestName = 63;
    private const int LongestStage = 40;

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

    /// <summary>Where the profile has one list of stages for all components, that; else each component's own, by name.</summary>
    private static ImmutableArray<StageSpec> Stages(TopologySnapshot cluster, EngineProfile profile, ImmutableArray<ChangeSpec> changes)
    {
        var components = cluster.Components.Where(c => changes.Any(ch => ch.Component == c.Name)).ToList();
        if (components.TrueForAll(c => profile.For(c.Name).Stages.SequenceEqual(profile.Stages)))
            return Folded(profile.Stages, components.Select(c => c.Shards.Length).DefaultIfEmpty(0).Max());
        var names = new HashSet<string>(StringComparer.Ordinal);
        return
        [
            .. ComponentOrder.Sort(profile, components, c => c.Name, down: false)
                .SelectMany(c => Folded(profile.For(c.Name).Stages, c.Shards.Length).Select(s => s with { Component = c.Name, Name = names.Add(s.Name) ? s.Name : Unique(names, s.Name, c.Name) })),
        ];
    }

    /// <summary>With one shard there is nothing to be first among, so the stages fold into one that keeps the gate and the longest soak.</summary>
    private static ImmutableArray<StageSpec> Folded(ImmutableArray<StageSpec> stages, int shards)
    {
        if (shards >= CanaryFirst.LeastShards)
            return CanaryFirst.Propose(stages, shards);
        if (shards > 1 || stages.Length < 2 || stages.Any(s => s.Roles != "all"))
            return stages;
        return
        [
            new StageSpec
            {
                Name = "all",
                Shards = new ShardSelector { Rest = true },
                Gate = stages.Select(s => s.Gate).FirstOrDefault(g => g is not null),
                Soak = stages.Max(s => s.Soak),
            },
        ];
    }

    /// <summary>A stage's name is its own in the plan.</summary>
    private static string Unique(HashSet<string> names, string stage, string component)
    {
        var name = $"{stage}-{component}".Replace('.', '-');
        name = name[..Math.Min(name.Length, LongestStage)].TrimEnd('-');
        names.Add(name);
        return name;
    }

    private static string Name(string cluster, ImmutableArray<ChangeSpec> changes)
    {
        var version = changes.Length == 1 ? changes[0].ServiceVersion ?? changes[0].Images.Select(i => ImageName.Parse(i.Value).Tag).FirstOrDefault() ?? "" : "";
        var name = new string([.. $"{cluster}-{version}".ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-')]);
        return name[..Math.Min(name.Length, LongestName)].Trim('-');
    }
}
