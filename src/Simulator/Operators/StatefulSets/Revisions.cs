using System.Text.Json;
using k8s;
using k8s.Models;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.StatefulSets;

/// <summary>
/// The templates a StatefulSet has had, as ControllerRevisions. A template that comes back gets its old name and a new number, so a revert
/// is seen as the old revision. Their names carry a hash of the template.
/// </summary>
internal sealed class Revisions(IKubernetes client, ObjectCache<V1ControllerRevision> cache)
{
    public const string HashLabel = "controller-revision-hash";

    /// <summary>Name of the revision that the present template is, made if need be.</summary>
    public async Task<string> UpdateRevisionAsync(V1StatefulSet set, CancellationToken ct)
    {
        var template = KubernetesJson.Serialize(set.Spec.Template);
        var name = $"{set.Name()}-{StableHash.Hex(template, 10)}";
        var known = cache.OwnedBy(set.Uid());
        var latest = known.Count == 0 ? 0 : known.Max(r => r.Revision);
        if (known.FirstOrDefault(r => r.Name() == name) is { } existing)
        {
            if (existing.Revision != latest)
            {
                var patch = new System.Text.Json.Nodes.JsonObject { ["revision"] = latest + 1 };
                await client.AppsV1.PatchNamespacedControllerRevisionAsync(Writing.Merge(patch), name, set.Namespace(), cancellationToken: ct);
            }
            return name;
        }
        var revision = new V1ControllerRevision
        {
            ApiVersion = "apps/v1",
            Kind = "ControllerRevision",
            Metadata = new()
            {
                Name = name,
                NamespaceProperty = set.Namespace(),
                Labels = new Dictionary<string, string>(set.Spec.Selector.MatchLabels ?? new Dictionary<string, string>()) { [HashLabel] = name },
                OwnerReferences = [OwnerOf(set)],
            },
            Revision = latest + 1,
            Data = JsonSerializer.Deserialize<JsonElement>($$$"""{"spec":{"template":{{{template}}}}}"""),
        };
        await Writing.UnlessExistsAsync(() => client.AppsV1.CreateNamespacedControllerRevisionAsync(revision, set.Namespace(), cancellationToken: ct));
        return name;
    }

    /// <summary>The template of a revision; null when its object is not there (yet).</summary>
    public V1PodTemplateSpec? Template(V1StatefulSet set, string revision) =>
        cache.Find(ObjectKey.Of(set.Namespace(), revision))?.Data is JsonElement data
            ? KubernetesJson.Deserialize<V1PodTemplateSpec>(data.GetProperty("spec").GetProperty("template"))
            : null;

    /// <summary>Drops the oldest ones beyond the set's limit, sparing those in use.</summary>
    public async Task TrimAsync(V1StatefulSet set, IReadOnlySet<string> inUse, CancellationToken ct)
    {
        var spare = cache.OwnedBy(set.Uid()).Where(r => !inUse.Contains(r.Name())).OrderByDescending(r => r.Revision).Skip(set.Spec.RevisionHistoryLimit ?? 10);
        foreach (var old in spare)
            await Writing.UnlessGoneAsync(() => client.AppsV1.DeleteNamespacedControllerRevisionAsync(old.Name(), set.Namespace(), cancellationToken: ct));
    }

    public static V1OwnerReference OwnerOf(V1StatefulSet set) => new()
    {
        ApiVersion = "apps/v1", Kind = "StatefulSet", Name = set.Name(), Uid = set.Uid(), Controller = true, BlockOwnerDeletion = true,
    };
}
