using System.Collections.Immutable;
using System.Globalization;
using k8s.Models;
using Rollcall.Engine.Decisions.Rules;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Entry = Rollcall.Engine.Kubernetes.Mapping.KubeBlocksNames.Entry;

namespace Rollcall.Engine.Kubernetes.Mapping;

/// <summary>Everything the API server says about one KubeBlocks Cluster.</summary>
public sealed record KubeBlocksInput(KubeObject Cluster, EngineProfile Profile)
{
    public IReadOnlyCollection<KubeObject> Components { get; init; } = [];
    public IReadOnlyCollection<KubeObject> InstanceSets { get; init; } = [];
    public IReadOnlyCollection<V1Pod> Pods { get; init; } = [];
    public IReadOnlyCollection<KubeObject> Operations { get; init; } = [];
    public IReadOnlyCollection<KubeObject> Backups { get; init; } = [];
    public IReadOnlyCollection<KubeObject> Definitions { get; init; } = [];
    public IReadOnlyCollection<KubeObject> Versions { get; init; } = [];
    public IReadOnlyCollection<V1PodDisruptionBudget> Budgets { get; init; } = [];
    public Func<string?, string?> ZoneOf { get; init; } = _ => null;
    public MemberMemo? Memo { get; init; }
}

/// <summary>A KubeBlocks Cluster as a topology. Pure. Roles come from the label <c>kubeblocks.io/role</c>, the only place that is the same in all versions.</summary>
public static class KubeBlocksMapping
{
    public static TopologySnapshot Map(KubeBlocksInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var pods = input.Pods.ToLookup(p => PodFacts.Label(p, KubeBlocksNames.ComponentName) ?? "", StringComparer.Ordinal);
        var sets = input.InstanceSets.ToDictionary(s => s.Name, StringComparer.Ordinal);
        var components = ComponentOrder.Sort(input.Profile, KubeBlocksNames.Entries(input.Cluster).Select(e => MapComponent(input, e, pods, sets)), c => c.Name, down: false);
        var held = components.SelectMany(c => c.Workloads).Select(w => w.Held).FirstOrDefault(h => h is not null);
        return new TopologySnapshot
        {
            Cluster = new ClusterKey(input.Cluster.Namespace, input.Cluster.Name),
            Version = "",
            Kind = ClusterKind.Cluster,
            Profile = input.Profile.Name,
            Phase = SnapshotPhase.Of(components, held is not null),
            ObservedAt = default,
            Components = components,
            Held = held,
            Backups = KubeBlocksBackups.Of(input.Cluster, input.Backups, [.. components.Select(c => c.Name)]),
            Operations = KubeBlocksOperations.Of(input.Cluster, input.Operations, held),
        };
    }

    /// <summary>A member as its Pod and its InstanceSet describe it.</summary>
    /// <param name="spec">componentSpec, or the sharding's template.</param>
    public static Instance MapPod(V1Pod pod, KubeObject? instanceSet, Entry entry, EngineProfile profile, string? zone)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(profile);
        var template = Images(instanceSet);
        var instance = PodFacts.Read(pod, VersionContainer(template, profile));
        var label = PodFacts.Label(pod, KubeBlocksNames.ServiceVersion) ?? "";
        var wanted = KubeObject.Text(entry.Spec, "serviceVersion");
        var definition = KubeObject.Text(entry.Spec, "componentDef");
        var runsDefinition = PodFacts.Label(pod, KubeBlocksNames.Definition);
        var runs = PodFacts.HasImages(instance.Images, template) && PodFacts.RunsItsImages(pod);
        return instance with
        {
            Workload = entry.Name,
            Zone = zone,
            LabelRole = profile.Normalise(PodFacts.Label(pod, KubeBlocksNames.Role)),
            Version = label.Length > 0 ? label : instance.Version,
            // Revisions leave images out, so they prove nothing here; label and images together do.
            Updated = runs && (wanted.Length == 0 || label == wanted) && (definition.Length == 0 || runsDefinition is null || ComponentReleases.Matches(definition, runsDefinition)),
        };
    }

    /// <summary>container → image of an InstanceSet's template.</summary>
    public static ImmutableSortedDictionary<string, string> Images(KubeObject? instanceSet) => instanceSet is null
        ? ImmutableSortedDictionary<string, string>.Empty
        : KubeObject.Items(instanceSet.Spec, "template", "spec", "containers").ToImmutableSortedDictionary(c => KubeObject.Text(c, "name"), c => KubeObject.Text(c, "image"), StringComparer.Ordinal);

    private static string VersionContainer(ImmutableSortedDictionary<string, string> images, EngineProfile profile) =>
        profile.Probe?.Containers.FirstOrDefault(images.ContainsKey) ?? "";

    private static Component MapComponent(KubeBlocksInput input, Entry entry, ILookup<string, V1Pod> pods, Dictionary<string, KubeObject> instanceSets)
    {
        var own = input.Components.Where(c => (entry.Sharding ? c.Label(KubeBlocksNames.ShardingName) : ShardName(input.Cluster, c)) == entry.Name)
            .OrderBy(c => c.Name, StringComparer.Ordinal).ToList();
        var sets = own.Select(c => (Component: c, Set: instanceSets.GetValueOrDefault(c.Name))).ToList();
        var shards = sets.Select(s => MapShard(input, entry, s.Component, s.Set, [.. pods[ShardName(input.Cluster, s.Component)]])).ToImmutableArray();
        var version = KubeObject.Text(entry.Spec, "serviceVersion");
        // The specification may name a prefix or a pattern; the Component below has the name it was resolved to.
        var definition = own.Select(c => KubeObject.Text(c.Spec, "compDef")).FirstOrDefault(d => d.Length > 0) ?? KubeObject.Text(entry.Spec, "componentDef");
        var releases = ComponentReleases.For(definition, input.Versions, input.Definitions);
        return new Component
        {
            Name = entry.Name,
            Version = version,
            Versions = VersionOrder.NewestFirst(shards.SelectMany(s => s.Instances).Select(i => i.Version).Where(v => v.Length > 0)),
            AvailableVersions = VersionOrder.NewestFirst(releases.Keys.Where(v => v != version)),
            Definitions = releases,
            Workloads = [MapWorkload(input, entry, sets, shards)],
            Shards = shards,
        };
    }

    private static Workload MapWorkload(KubeBlocksInput input, Entry entry, List<(KubeObject Component, KubeObject? Set)> sets, ImmutableArray<Shard> shards)
    {
        var cluster = input.Cluster;
        var strategy = Strategy(entry.Spec);
        var status = KubeObject.Get(cluster.Status, entry.Sharding ? "shardings" : "components", entry.Name);
        var observed = sets.Count > 0 && sets.All(s => s.Set is not null && Reached(cluster, entry, s.Component, s.Set, strategy));
        var window = KubeObject.Get(entry.Spec, "instanceUpdateStrategy", "rollingUpdate", "replicas");
        return new Workload
        {
            Name = entry.Name,
            Uid = cluster.Uid,
            Shards = [.. shards.Select(s => s.Name)],
            Strategy = strategy,
            Held = Marks.Custody(cluster.Annotation, entry.Name),
            HeldOriginal = cluster.Annotation(Marks.For(Marks.Held, entry.Name)),
            TargetVersion = KubeObject.Text(entry.Spec, "serviceVersion"),
            Images = Images(sets.Select(s => s.Set).FirstOrDefault(s => s is not null)),
            ComponentDefinition = KubeObject.Text(entry.Spec, "componentDef"),
            Observed = observed,
            Settled = observed && KubeObject.Text(status, "phase") == "Running",
            ManagedBy = ManagedElsewhere.Detect(cluster.Label, cluster.Annotation, cluster.FieldManagers),
            Blockers = [.. Blockers(entry, window.ValueKind != default)],
            Replicas = (int)(KubeObject.Number(entry.Spec, "replicas") ?? 1) * (entry.Sharding ? (int)(KubeObject.Number(entry.Item, "shards") ?? 0) : 1),
            GraceSeconds = Grace(sets.Select(s => s.Set)),
        };
    }

    /// <summary>The shortest of its InstanceSets' templates; KubeBlocks leaves Kubernetes' 30 s where the definition says nothing.</summary>
    private static int? Grace(IEnumerable<KubeObject?> sets)
    {
        int? least = null;
        foreach (var set in sets)
            if (set is not null && (int)(KubeObject.Number(set.Spec, "template", "spec", "terminationGracePeriodSeconds") ?? 30) is var seconds && !(least <= seconds))
                least = seconds;
        return least;
    }

    private static string Strategy(System.Text.Json.JsonElement spec) => KubeObject.Text(spec, "instanceUpdateStrategy", "type") is { Length: > 0 } type ? type : "RollingUpdate";

    /// <summary>The Cluster's last write went all the way down: generations agree where they are written, and what was asked for is read back.</summary>
    private static bool Reached(KubeObject cluster, Entry entry, KubeObject component, KubeObject set, string strategy)
    {
        static bool Seen(KubeObject below, long generation) => below.Annotation(KubeBlocksNames.Generation) is not { } said || said == generation.ToString(CultureInfo.InvariantCulture);
        var version = KubeObject.Text(entry.Spec, "serviceVersion");
        return Seen(component, cluster.Generation)
            && Seen(set, component.Generation)
            && (KubeObject.Number(set.Status, "observedGeneration") ?? 0) >= set.Generation
            && Strategy(set.Spec) == strategy
            && (version.Length == 0 || KubeObject.Text(component.Spec, "serviceVersion") == version)
            && (version.Length == 0 || set.Annotation(KubeBlocksNames.ServiceVersion) is not { } said || said == version);
    }

    private static IEnumerable<string> Blockers(Entry entry, bool window)
    {
        if (KubeObject.Flag(entry.Spec, "enableInstanceAPI"))
            yield return $"{entry.Name} uses the Instance API (enableInstanceAPI), whose order of updates cannot be held from outside.";
        if (KubeObject.Flag(entry.Spec, "stop"))
            yield return $"{entry.Name} is stopped.";
        foreach (var template in KubeObject.Items(entry.Spec, "instances").Where(Pins))
            yield return $"Instance template {KubeObject.Text(template, "name")} of {entry.Name} pins a version of its own; a new version of the component would not reach its members.";
        foreach (var template in KubeObject.Items(entry.Item, "shardTemplates").Where(Pins))
            yield return $"Shard template {KubeObject.Text(template, "name")} of {entry.Name} pins a version of its own; a new version of the sharding would not reach its shards.";
        if (window && Strategy(entry.Spec) != "OnDelete")
            yield return $"{entry.Name} has a rollout window (instanceUpdateStrategy.rollingUpdate.replicas), set by somebody else. Finish that rollout first.";
    }

    private static bool Pins(System.Text.Json.JsonElement template) => KubeObject.Text(template, "serviceVersion").Length > 0 || KubeObject.Text(template, "compDef").Length > 0;

    private static Shard MapShard(KubeBlocksInput input, Entry entry, KubeObject component, KubeObject? set, List<V1Pod> pods)
    {
        var instances = pods.Select(p => Member(input, p, set, entry)).ToList();
        instances.AddRange(Missing(component, set, entry, pods));
        instances.Sort(static (a, b) => a.Ordinal.CompareTo(b.Ordinal) is var by and not 0 ? by : string.CompareOrdinal(a.Name, b.Name));
        return new Shard { Name = ShardName(input.Cluster, component), Instances = [.. instances], Budget = Selectors.Tightest(input.Budgets, pods) };
    }

    private static Instance Member(KubeBlocksInput input, V1Pod pod, KubeObject? set, Entry entry)
    {
        var zone = input.ZoneOf(pod.Spec?.NodeName);
        var profile = input.Profile.For(entry.Name);
        if (input.Memo?.Get(pod, set, input.Cluster, profile, zone) is { } had)
            return had;
        var made = MapPod(pod, set, entry, profile, zone);
        input.Memo?.Set(made, pod, set, input.Cluster, profile);
        return made;
    }

    /// <summary>Slots without a Pod, where names follow from numbers alone (templates, explicit ordinals and offline members name theirs otherwise).</summary>
    private static IEnumerable<Instance> Missing(KubeObject component, KubeObject? set, Entry entry, List<V1Pod> pods)
    {
        if (set is null || KubeObject.Items(set.Spec, "instances").Any() || KubeObject.Items(set.Spec, "offlineInstances").Any() || KubeObject.Items(set.Spec, "ordinals", "ranges").Any() || KubeObject.Items(set.Spec, "ordinals", "discrete").Any())
            yield break;
        for (var i = 0; i < (KubeObject.Number(set.Spec, "replicas") ?? 0); i++)
            if (string.Create(CultureInfo.InvariantCulture, $"{component.Name}-{i}") is var slot && pods.TrueForAll(p => p.Metadata.Name != slot))
                yield return PodFacts.Missing(slot, entry.Name);
    }

    /// <summary>The component's short name: <c>redis</c>, or <c>redis-k4x</c> for a shard.</summary>
    public static string ShardName(KubeObject cluster, KubeObject component)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(component);
        return component.Label(KubeBlocksNames.ComponentName)
            ?? (component.Name.StartsWith(cluster.Name + "-", StringComparison.Ordinal) ? component.Name[(cluster.Name.Length + 1)..] : component.Name);
    }
}
