using System.Collections.Immutable;
using System.Globalization;
using k8s.Models;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>Everything the API server says about one group of StatefulSets.</summary>
/// <param name="Pods">Of each StatefulSet, by its uid.</param>
public sealed record StatefulSetGroupInput(
    ClusterKey Cluster, EngineProfile Profile, IReadOnlyList<V1StatefulSet> Sets, IReadOnlyDictionary<string, IReadOnlyList<V1Pod>> Pods, IReadOnlyList<V1PodDisruptionBudget> Budgets, Func<string?, string?> ZoneOf)
{
    public MemberMemo? Memo { get; init; }
}

/// <summary>StatefulSets, their Pods and budgets as a topology. Pure: what engines answer is laid over it later.</summary>
public static class StatefulSetMapping
{
    public static TopologySnapshot Map(StatefulSetGroupInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var components = ComponentOrder.Sort(input.Profile, input.Sets.GroupBy(StatefulSetGroup.Component, StringComparer.Ordinal), g => g.Key, down: false)
            .Select(g => MapComponent(input, g.Key, [.. g.OrderBy(s => s.Metadata.Name, StringComparer.Ordinal)]))
            .ToImmutableArray();
        var held = components.SelectMany(c => c.Workloads).Select(w => w.Held).FirstOrDefault(h => h is not null);
        return new TopologySnapshot
        {
            Cluster = input.Cluster,
            Version = "",
            Kind = ClusterKind.StatefulSetGroup,
            Profile = input.Profile.Name,
            Phase = SnapshotPhase.Of(components, held is not null),
            ObservedAt = default,
            Components = components,
            Held = held,
        };
    }

    /// <summary>A member of a StatefulSet as its Pod and its StatefulSet describe it. Drivers use it for their fresh look too.</summary>
    public static Instance MapPod(V1StatefulSet set, V1Pod pod, EngineProfile profile, string? zone)
    {
        ArgumentNullException.ThrowIfNull(set);
        var instance = PodFacts.Read(pod, StatefulSetGroup.VersionContainer(set, profile));
        return instance with
        {
            Workload = set.Metadata.Name,
            Zone = zone,
            LabelRole = LabelRole(set, pod, profile),
            // The Pod's own revision is the truth; the StatefulSet's counters are not kept up to date under OnDelete (kubernetes#73492).
            Updated = instance.Revision.Length > 0 && instance.Revision == set.Status?.UpdateRevision && PodFacts.HasImages(instance.Images, StatefulSetGroup.Images(set)),
        };
    }

    private static Component MapComponent(StatefulSetGroupInput input, string name, IReadOnlyList<V1StatefulSet> sets)
    {
        var profile = input.Profile.For(name);
        var workloads = sets.Select(s => MapWorkload(s, profile)).ToImmutableArray();
        var shards = sets.GroupBy(StatefulSetGroup.Shard, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => MapShard(input, profile, g.Key, [.. g]))
            .ToImmutableArray();
        var asked = VersionOrder.NewestFirst(workloads.Select(w => w.TargetVersion));
        return new Component
        {
            Name = name,
            Version = asked[0],
            Versions = VersionOrder.NewestFirst(shards.SelectMany(s => s.Instances).Select(i => i.Version).Where(v => v.Length > 0)),
            AvailableVersions = Available(sets, asked.Length == 1 ? asked[0] : null),
            Workloads = workloads,
            Shards = shards,
        };
    }

    private static ImmutableArray<string> Available(IReadOnlyList<V1StatefulSet> sets, string? present) => VersionOrder.NewestFirst(sets
        .SelectMany(s => (StatefulSetGroup.Annotation(s, Marks.AvailableVersions) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        .Where(v => v != present));

    private static Workload MapWorkload(V1StatefulSet set, EngineProfile profile)
    {
        var container = StatefulSetGroup.VersionContainer(set, profile);
        var images = StatefulSetGroup.Images(set);
        var strategy = set.Spec.UpdateStrategy;
        var partition = strategy?.RollingUpdate?.Partition ?? 0;
        var held = Marks.Custody(k => StatefulSetGroup.Annotation(set, k));
        var observed = set.Status?.ObservedGeneration >= (set.Metadata.Generation ?? 0);
        return new Workload
        {
            Name = set.Metadata.Name,
            Uid = set.Metadata.Uid ?? "",
            Shards = [StatefulSetGroup.Shard(set)],
            Strategy = strategy?.Type ?? "RollingUpdate",
            Partition = partition,
            Held = held,
            HeldOriginal = StatefulSetGroup.Annotation(set, Marks.Held),
            TargetVersion = Mapping.Images.Version(images[container]),
            Images = images,
            VersionContainer = container,
            Observed = observed,
            Settled = observed && set.Status!.CurrentRevision == set.Status.UpdateRevision,
            ManagedBy = ManagedElsewhere.Detect(
                k => StatefulSetGroup.Label(set, k), k => StatefulSetGroup.Annotation(set, k), (set.Metadata.ManagedFields ?? []).Select(f => f.Manager ?? "")),
            Blockers = partition > 0 && held is null
                ? [$"StatefulSet {set.Metadata.Name} has a partition of {partition} in its update strategy, set by somebody else. Finish that rollout first (partition 0)."]
                : [],
            Replicas = set.Spec.Replicas ?? 1,
            // The API server writes 30 where nobody said anything.
            GraceSeconds = (int)(set.Spec.Template.Spec?.TerminationGracePeriodSeconds ?? 30),
        };
    }

    private static Shard MapShard(StatefulSetGroupInput input, EngineProfile profile, string name, IReadOnlyList<V1StatefulSet> sets)
    {
        var instances = ImmutableArray.CreateBuilder<Instance>();
        List<V1Pod> members = [];
        foreach (var set in sets)
        {
            var pods = input.Pods.GetValueOrDefault(set.Metadata.Uid ?? "") ?? [];
            members.AddRange(pods);
            var there = new HashSet<string>(StringComparer.Ordinal);
            foreach (var pod in pods)
            {
                there.Add(pod.Metadata.Name);
                var zone = input.ZoneOf(pod.Spec?.NodeName);
                instances.Add(input.Memo?.Get(pod, set, set, profile, zone) ?? Remember(input.Memo, MapPod(set, pod, profile, zone), pod, set, profile));
            }
            var first = set.Spec.Ordinals?.Start ?? 0;
            for (var i = 0; i < (set.Spec.Replicas ?? 1); i++)
                if (string.Create(CultureInfo.InvariantCulture, $"{set.Metadata.Name}-{first + i}") is var slot && !there.Contains(slot))
                    instances.Add(PodFacts.Missing(slot, set.Metadata.Name));
        }
        instances.Sort(static (a, b) => string.CompareOrdinal(a.Workload, b.Workload) is var by and not 0 ? by : a.Ordinal.CompareTo(b.Ordinal));
        return new Shard { Name = name, Instances = instances.ToImmutable(), Budget = Selectors.Tightest(input.Budgets, members) };
    }

    private static Instance Remember(MemberMemo? memo, Instance made, V1Pod pod, V1StatefulSet set, EngineProfile profile)
    {
        memo?.Set(made, pod, set, set, profile);
        return made;
    }

    private static string? LabelRole(V1StatefulSet set, V1Pod pod, EngineProfile profile)
    {
        if (StatefulSetGroup.Said(set, Marks.RoleLabel) is { } key)
            return profile.Normalise(PodFacts.Label(pod, key));
        return profile.Normalise(PodFacts.Label(pod, "kubeblocks.io/role")) ?? profile.Normalise(PodFacts.Label(pod, "role"));
    }
}
