using System.Collections.Immutable;
using Rollcall.Engine.Documents;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Planning;

/// <summary>Which hooks a stage really has: the profile's, then the plan's, then its own, in the order written. What the cluster or its profile does not allow is an error.</summary>
internal static class StageHooks
{
    public static ImmutableArray<HookSpec> Of(PlannedStage stage, PlanSpec spec, EngineProfile profile) =>
        [.. profile.Hooks.Where(h => !h.AroundRollback), .. spec.Hooks.Where(h => !h.AroundRollback), .. stage.Hooks];

    /// <summary>The hooks around a rollback, in the order written.</summary>
    public static ImmutableArray<HookSpec> OfRollback(PlanSpec spec, EngineProfile profile) => [.. profile.Hooks.Where(h => h.AroundRollback), .. spec.Hooks.Where(h => h.AroundRollback)];

    public static void Check(PlanSpec spec, TopologySnapshot cluster, EngineProfile profile, PlanErrors errors)
    {
        var changed = spec.Changes.Select(c => c.Component).ToHashSet(StringComparer.Ordinal);
        var containers = cluster.Components.Where(c => changed.Contains(c.Name)).SelectMany(c => c.Shards).SelectMany(s => s.Instances).SelectMany(i => i.Images.Keys).ToHashSet(StringComparer.Ordinal);
        Check(spec.Hooks, "/spec/hooks", profile.Hooks, cluster, profile, containers, errors);
        var stages = spec.Stages ?? [];
        for (var i = 0; i < stages.Length; i++)
            Check(stages[i].Hooks, $"/spec/stages/{i}/hooks", [.. profile.Hooks, .. spec.Hooks], cluster, profile, containers, errors);
    }

    private static void Check(ImmutableArray<HookSpec> hooks, string path, ImmutableArray<HookSpec> others, TopologySnapshot cluster, EngineProfile profile, HashSet<string> containers, PlanErrors errors)
    {
        // Sections of a profile may have roles of their own.
        EngineProfile[] rolled = [profile, .. cluster.Components.Select(c => profile.For(c.Name))];
        for (var i = 0; i < hooks.Length; i++)
        {
            var (hook, at) = (hooks[i], Pointer.Child(path, i));
            if (others.Any(o => o.Name == hook.Name))
                errors.Add($"{at}/name", $"A hook '{hook.Name}' is there already, in the plan or in the profile {profile.Name}; names tell their steps apart.");
            if (hook.Roles.RemoveAll(r => rolled.Any(p => p.Role(r) is not null)) is { IsEmpty: false } unknown)
                errors.Add($"{at}/roles", $"The profile {profile.Name} knows no role {string.Join(", ", unknown)}.", [.. rolled.SelectMany(p => p.Roles).Select(r => r.Name).Distinct(StringComparer.Ordinal)]);
            if (hook.On is HookPoints.BeforeSwitchover or HookPoints.AfterSwitchover && !rolled.Any(p => p.HasLeader))
                errors.Add($"{at}/on", $"The profile {profile.Name} knows no leader, so there is no switchover.", HookPoints.BeforeShard, HookPoints.AfterShard);
            if (hook.Action.Ops is not null && cluster.Kind != ClusterKind.Cluster)
                errors.Add($"{at}/ops", "Only a KubeBlocks Cluster has OpsRequests.", "exec", "job", "webhook");
            if (hook.Action.Exec?.Container is { } container && containers.Count > 0 && !containers.Contains(container))
                errors.Add($"{at}/exec/container", $"No member has a container {container}.", [.. containers.Order(StringComparer.Ordinal)]);
        }
    }
}
