using k8s.Models;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Mapping;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Observing;

/// <summary>
/// What the informers have told, indexed by cluster, and which clusters must be looked at again. Owned by the writer's loop; nobody else touches it.
/// </summary>
internal sealed class World
{
    private readonly Dictionary<ObjectKey, V1StatefulSet> _sets = [];
    private readonly Dictionary<ObjectKey, V1Pod> _pods = [];
    private readonly Dictionary<ClusterKey, Dictionary<string, V1StatefulSet>> _groups = [];
    private readonly Dictionary<string, ClusterKey> _groupOfSet = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, V1Pod>> _podsOfSet = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, V1PodDisruptionBudget>> _budgets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _zones = new(StringComparer.Ordinal);
    private readonly Dictionary<ClusterKey, KubeObject> _clusters = [];
    private readonly ByCluster<KubeObject> _components = new();
    private readonly ByCluster<KubeObject> _instanceSets = new();
    private readonly ByCluster<KubeObject> _operations = new();
    private readonly ByCluster<KubeObject> _backups = new();
    private readonly ByCluster<V1Pod> _clusterPods = new();
    private readonly Dictionary<string, KubeObject> _definitions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KubeObject> _versions = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _foreign = new(StringComparer.Ordinal);

    public HashSet<ClusterKey> Dirty { get; } = [];

    /// <summary>StatefulSets that another controller makes, with whose they are.</summary>
    public IReadOnlyDictionary<string, string> Foreign => _foreign;

    public void Set(ObjectKey key, V1StatefulSet? set)
    {
        if (_sets.Remove(key, out var before))
            Leave(key, before);
        if (set is null)
            return;
        _sets[key] = set;
        if (StatefulSetGroup.Owner(set) is { } owner)
        {
            _foreign[key.ToString()] = $"{owner.Kind} {owner.Name}";
            return;
        }
        var group = StatefulSetGroup.Cluster(set);
        if (!_groups.TryGetValue(group, out var members))
            _groups[group] = members = new Dictionary<string, V1StatefulSet>(StringComparer.Ordinal);
        members[key.Name] = set;
        _groupOfSet[set.Metadata.Uid] = group;
        Dirty.Add(group);
    }

    public void Pod(ObjectKey key, V1Pod? pod)
    {
        if (_pods.Remove(key, out var before))
        {
            if (Home(before) is { } was)
            {
                _clusterPods.Remove(was, key.Name);
                Dirty.Add(was);
            }
            else if (SetOf(before) is { } set && _podsOfSet.TryGetValue(set, out var others) && others.Remove(key.Name))
                Touch(set);
        }
        if (pod is null)
            return;
        _pods[key] = pod;
        if (Home(pod) is { } home)
        {
            _clusterPods.Set(home, key.Name, pod);
            Dirty.Add(home);
        }
        else if (SetOf(pod) is { } set)
        {
            if (!_podsOfSet.TryGetValue(set, out var members))
                _podsOfSet[set] = members = new Dictionary<string, V1Pod>(StringComparer.Ordinal);
            members[key.Name] = pod;
            Touch(set);
        }
    }

    public void Budget(ObjectKey key, V1PodDisruptionBudget? budget)
    {
        if (!_budgets.TryGetValue(key.Namespace, out var there))
            _budgets[key.Namespace] = there = new Dictionary<string, V1PodDisruptionBudget>(StringComparer.Ordinal);
        if (budget is null)
            there.Remove(key.Name);
        else
            there[key.Name] = budget;
        Dirty.UnionWith(Keys().Where(k => k.Namespace == key.Namespace));
    }

    public void Zone(string node, string? zone)
    {
        if (_zones.GetValueOrDefault(node) == zone)
            return;
        if (zone is null)
            _zones.Remove(node);
        else
            _zones[node] = zone;
        Dirty.UnionWith(Keys());
    }

    public void Cluster(ObjectKey key, KubeObject? cluster)
    {
        var at = new ClusterKey(key.Namespace, key.Name);
        if (cluster is null)
            _clusters.Remove(at);
        else
            _clusters[at] = cluster;
        Dirty.Add(at);
    }

    public void Component(ObjectKey key, KubeObject? component) => Below(_components, key, component, o => o.Label(KubeBlocksNames.Instance));

    public void InstanceSet(ObjectKey key, KubeObject? set) => Below(_instanceSets, key, set, o => o.Label(KubeBlocksNames.Instance));

    public void Operation(ObjectKey key, KubeObject? request) => Below(_operations, key, request, o => KubeObject.Text(o.Spec, "clusterName"));

    public void Backup(ObjectKey key, KubeObject? backup) => Below(_backups, key, backup, o => o.Label(KubeBlocksNames.Instance));

    public void Definition(ObjectKey key, KubeObject? definition) => Shared(_definitions, key, definition);

    public void Versions(ObjectKey key, KubeObject? versions) => Shared(_versions, key, versions);

    public bool IsKubeBlocks(ClusterKey key) => _clusters.ContainsKey(key);

    public KubeBlocksInput? KubeBlocks(ClusterKey key, ProfileResolver resolve, MemberMemo memo)
    {
        if (!_clusters.TryGetValue(key, out var cluster))
            return null;
        var definitions = KubeBlocksNames.Entries(cluster).SelectMany(e => new[] { KubeObject.Text(e.Item, "shardingDef"), KubeObject.Text(e.Spec, "componentDef") })
            .Concat(_components.Of(key).Select(c => KubeObject.Text(c.Spec, "compDef"))).Where(d => d.Length > 0);
        var images = _instanceSets.Of(key).SelectMany(s => KubeBlocksMapping.Images(s).Values);
        var profile = resolve(cluster.Label(Marks.Profile) ?? cluster.Annotation(Marks.Profile), definitions.Distinct(StringComparer.Ordinal), images.Distinct(StringComparer.Ordinal));
        return new KubeBlocksInput(cluster, profile)
        {
            Components = _components.Of(key), InstanceSets = _instanceSets.Of(key), Pods = _clusterPods.Of(key), Operations = _operations.Of(key), Backups = _backups.Of(key),
            Definitions = _definitions.Values, Versions = _versions.Values, Budgets = Budgets(key.Namespace), ZoneOf = ZoneOf, Memo = memo,
        };
    }

    public StatefulSetGroupInput? Group(ClusterKey key, ProfileResolver resolve, MemberMemo memo)
    {
        if (!_groups.TryGetValue(key, out var members) || members.Count == 0)
            return null;
        var sets = members.Values.OrderBy(s => s.Metadata.Name, StringComparer.Ordinal).ToList();
        var label = sets.Select(s => StatefulSetGroup.Said(s, Marks.Profile)).FirstOrDefault(l => l is not null);
        var profile = resolve(label, [], sets.SelectMany(s => StatefulSetGroup.Images(s).Values).Distinct(StringComparer.Ordinal));
        var pods = sets.ToDictionary(s => s.Metadata.Uid, s => (IReadOnlyList<V1Pod>)(_podsOfSet.TryGetValue(s.Metadata.Uid, out var p) ? [.. p.Values] : []), StringComparer.Ordinal);
        return new StatefulSetGroupInput(key, profile, sets, pods, Budgets(key.Namespace), ZoneOf) { Memo = memo };
    }

    /// <summary>The profile that a cluster's label names; null without one.</summary>
    public string? NamedProfile(ClusterKey key) => _clusters.TryGetValue(key, out var cluster) ? cluster.Label(Marks.Profile) ?? cluster.Annotation(Marks.Profile)
        : _groups.TryGetValue(key, out var members) ? members.Values.Select(s => StatefulSetGroup.Said(s, Marks.Profile)).FirstOrDefault(l => l is not null) : null;

    private IEnumerable<ClusterKey> Keys() => _clusters.Keys.Concat(_groups.Keys);

    private string? ZoneOf(string? node) => node is null ? null : _zones.GetValueOrDefault(node);

    private IReadOnlyList<V1PodDisruptionBudget> Budgets(string ns) => _budgets.TryGetValue(ns, out var there) ? [.. there.Values] : [];

    private void Leave(ObjectKey key, V1StatefulSet set)
    {
        _foreign.Remove(key.ToString());
        if (!_groupOfSet.Remove(set.Metadata.Uid, out var group))
            return;
        if (_groups.TryGetValue(group, out var members) && members.Remove(key.Name) && members.Count == 0)
            _groups.Remove(group);
        Dirty.Add(group);
    }

    private void Touch(string set)
    {
        if (_groupOfSet.TryGetValue(set, out var group))
            Dirty.Add(group);
    }

    private void Below(ByCluster<KubeObject> index, ObjectKey key, KubeObject? item, Func<KubeObject, string?> cluster)
    {
        if (index.Remove(key) is { } was)
            Dirty.Add(was);
        if (item is null || cluster(item) is not { Length: > 0 } name)
            return;
        var home = new ClusterKey(key.Namespace, name);
        index.Set(home, key.Name, item);
        Dirty.Add(home);
    }

    private void Shared(Dictionary<string, KubeObject> index, ObjectKey key, KubeObject? item)
    {
        if (item is null)
            index.Remove(key.Name);
        else
            index[key.Name] = item;
        Dirty.UnionWith(_clusters.Keys);
    }

    /// <summary>The KubeBlocks Cluster a Pod belongs to by its labels.</summary>
    private static ClusterKey? Home(V1Pod pod) =>
        PodFacts.Label(pod, KubeBlocksNames.ManagedBy) == KubeBlocksNames.KubeBlocks && PodFacts.Label(pod, KubeBlocksNames.Instance) is { } name ? new ClusterKey(pod.Metadata.NamespaceProperty, name) : null;

    private static string? SetOf(V1Pod pod) => pod.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true && o.Kind == "StatefulSet")?.Uid;
}
