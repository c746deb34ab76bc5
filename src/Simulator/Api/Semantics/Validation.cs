using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Semantics;

/// <summary>The refusals of a real API server that a rollout engine or an operator can run into. Everything else is accepted as it comes.</summary>
internal static partial class Validation
{
    private static readonly string[] MutableStatefulSetFields =
        ["replicas", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds", "ordinals", "revisionHistoryLimit"];

    private static readonly string[] MutablePodFields = ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates"];

    /// <summary>Types that the store itself relies on; a body that does not decode is a 400, as any other malformed one.</summary>
    public static void Shape(JsonObject json)
    {
        if (json["metadata"] is not (null or JsonObject))
            throw StatusException.BadRequest("metadata is not an object");
        var meta = json["metadata"];
        foreach (var map in (string[])["labels", "annotations"])
        {
            if (meta.At(map) is { } node && (node is not JsonObject pairs || pairs.Any(p => p.Value is not JsonValue v || v.GetValueKind() != JsonValueKind.String)))
                throw StatusException.BadRequest($"json: cannot unmarshal metadata.{map}: every value must be a string");
        }

        foreach (var text in (string[])["name", "namespace", "generateName", "uid", "resourceVersion"])
        {
            if (meta.At(text) is { } node && node.GetValueKind() != JsonValueKind.String)
                throw StatusException.BadRequest($"json: cannot unmarshal metadata.{text}: not a string");
        }
    }

    public static void Create(ResourceKind kind, JsonObject json)
    {
        var name = json.Text("metadata", "name") ?? "";
        if (name.Length == 0)
            throw StatusException.Invalid(kind, name, "metadata.name", "Required value: name or generateName is required", "FieldValueRequired");
        if (name.Length > 253 || !Subdomain().IsMatch(name))
        {
            throw StatusException.Invalid(kind, name, "metadata.name",
                $"Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character");
        }

        Common(kind, name, json);
    }

    public static void Update(ResourceKind kind, JsonObject previous, JsonObject next)
    {
        var name = previous.Text("metadata", "name") ?? "";
        Common(kind, name, next);
        if (previous.At("metadata", "deletionTimestamp") is not null
            && next.At("metadata", "finalizers").Texts().Except(previous.At("metadata", "finalizers").Texts(), StringComparer.Ordinal).FirstOrDefault() is { } added)
        {
            throw StatusException.Invalid(kind, name, "metadata.finalizers",
                $"Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{{\"{added}\"}}", "FieldValueForbidden");
        }

        if (kind == ResourceCatalog.StatefulSets && !SameExcept(previous["spec"], next["spec"], MutableStatefulSetFields))
        {
            throw StatusException.Invalid(kind, name, "spec",
                "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
                "FieldValueForbidden");
        }

        if (kind == ResourceCatalog.Pods && !SameExcept(WithoutImages(previous["spec"]), WithoutImages(next["spec"]), MutablePodFields))
        {
            throw StatusException.Invalid(kind, name, "spec",
                "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
                "FieldValueForbidden");
        }
    }

    private static void Common(ResourceKind kind, string name, JsonObject json)
    {
        if (kind == ResourceCatalog.Pods)
            Containers(kind, name, json["spec"], "spec");
        if (kind == ResourceCatalog.StatefulSets)
            StatefulSet(kind, name, json["spec"]);
        if (kind != ResourceCatalog.DisruptionBudgets)
            return;
        // Refused here, or the controller that works with it would stumble over it later.
        LabelSelector.From(json.At("spec", "selector"));
        if (json.At("spec", "minAvailable") is not null && json.At("spec", "maxUnavailable") is not null)
            throw StatusException.Invalid(kind, name, "spec", "Invalid value: minAvailable and maxUnavailable cannot be both set");
    }

    private static void StatefulSet(ResourceKind kind, string name, JsonNode? spec)
    {
        Containers(kind, name, spec.At("template", "spec"), "spec.template.spec");
        var selector = LabelSelector.From(spec.At("selector"));
        if (selector.IsEmpty)
            throw StatusException.Invalid(kind, name, "spec.selector", "Required value", "FieldValueRequired");
        if (!selector.Matches(spec.At("template", "metadata", "labels").StringMap()))
            throw StatusException.Invalid(kind, name, "spec.template.metadata.labels", "Invalid value: `selector` does not match template `labels`");
        // The trap of every hand-written switch to OnDelete: the defaulted rollingUpdate must be taken out in the same patch.
        if (spec.Text("updateStrategy", "type") == "OnDelete" && spec.At("updateStrategy", "rollingUpdate") is not null)
            throw StatusException.Invalid(kind, name, "spec.updateStrategy.rollingUpdate", "Invalid value: only allowed for updateStrategy 'RollingUpdate'");
        if (spec.Text("updateStrategy", "type") is not ("OnDelete" or "RollingUpdate"))
            throw StatusException.Invalid(kind, name, "spec.updateStrategy", "Invalid value: must be 'RollingUpdate' or 'OnDelete'");
    }

    private static void Containers(ResourceKind kind, string name, JsonNode? spec, string path)
    {
        if (!spec.At("containers").Objects().Any())
            throw StatusException.Invalid(kind, name, path + ".containers", "Required value", "FieldValueRequired");
        var index = 0;
        foreach (var container in spec.At("containers").Objects())
        {
            if (string.IsNullOrEmpty(container.Text("name")))
                throw StatusException.Invalid(kind, name, $"{path}.containers[{index}].name", "Required value", "FieldValueRequired");
            index++;
        }
    }

    private static bool SameExcept(JsonNode? previous, JsonNode? next, string[] mutable)
    {
        var (before, after) = (previous as JsonObject ?? [], next as JsonObject ?? []);
        return before.Select(p => p.Key).Union(after.Select(p => p.Key)).Except(mutable, StringComparer.Ordinal)
            .All(field => JsonNode.DeepEquals(before[field], after[field]));
    }

    private static JsonNode? WithoutImages(JsonNode? spec)
    {
        var copy = spec?.DeepClone();
        foreach (var container in copy.At("containers").Objects().Concat(copy.At("initContainers").Objects()))
        {
            container.Remove("image");
            // Follows the image's tag when it is defaulted, so it is no change of its own.
            container.Remove("imagePullPolicy");
        }

        return copy;
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Subdomain();
}
