using System.Text.Json.Nodes;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Patches;

/// <summary>
/// Kubernetes' strategic merge: lists with a merge key are merged by that key instead of being replaced. Knows the lists of the kinds served here;
/// honours <c>$patch: delete|replace</c>, <c>$deleteFromPrimitiveList</c> and <c>$retainKeys</c>; an order asked for by <c>$setElementOrder</c> is not enforced.
/// </summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string DeleteFrom = "$deleteFromPrimitiveList/";
    private const string SetOrder = "$setElementOrder/";
    private const string RetainKeys = "$retainKeys";

    private static readonly Dictionary<string, string> MergeKeys = new(StringComparer.Ordinal)
    {
        ["containers"] = "name", ["initContainers"] = "name", ["ephemeralContainers"] = "name", ["env"] = "name", ["volumes"] = "name",
        ["volumeMounts"] = "mountPath", ["volumeDevices"] = "devicePath", ["imagePullSecrets"] = "name", ["secrets"] = "name", ["hostAliases"] = "ip",
        ["topologySpreadConstraints"] = "topologyKey", ["ownerReferences"] = "uid", ["conditions"] = "type", ["addresses"] = "type", ["podIPs"] = "ip",
    };

    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        if (patch.Text(Directive) is "replace")
            return Without(patch, Directive);
        foreach (var (name, value) in patch)
        {
            if (name is Directive or RetainKeys || name.StartsWith(SetOrder, StringComparison.Ordinal))
                continue;
            if (name.StartsWith(DeleteFrom, StringComparison.Ordinal))
            {
                DeletePrimitives(target[name[DeleteFrom.Length..]] as JsonArray, value);
                continue;
            }

            switch (value)
            {
                case null:
                case JsonObject when value.Text(Directive) is "delete":
                    target.Remove(name);
                    break;
                case JsonObject change:
                    target[name] = Apply(target[name] is JsonObject present ? present.DeepClone().AsObject() : [], change);
                    break;
                case JsonArray list:
                    target[name] = Merge(name, target[name] as JsonArray, list);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }

        if (patch[RetainKeys] is JsonArray retained)
        {
            foreach (var dropped in target.Select(p => p.Key).Except(retained.Texts(), StringComparer.Ordinal).ToList())
                target.Remove(dropped);
        }

        return target;
    }

    private static JsonArray Merge(string name, JsonArray? present, JsonArray patch)
    {
        if (name == "finalizers")
            return [.. present.Texts().Union(patch.Texts(), StringComparer.Ordinal).Select(f => (JsonNode)f)];
        if (MergeKey(name, patch) is not { } key || patch.Objects().Any(o => o.Text(Directive) == "replace"))
            return [.. patch.Where(o => o.Text(Directive) != "replace").Select(o => o?.DeepClone())];

        var merged = present.Objects().Select(o => o.DeepClone().AsObject()).ToList();
        foreach (var change in patch.Objects())
        {
            var at = merged.FindIndex(o => JsonNode.DeepEquals(o[key], change[key]));
            if (change.Text(Directive) == "delete")
                merged.RemoveAll(o => JsonNode.DeepEquals(o[key], change[key]));
            else if (at >= 0)
                merged[at] = Apply(merged[at], change);
            else
                merged.Add(Apply([], change));
        }

        return [.. merged];
    }

    // Ports are keyed by containerPort in containers and by port in Services.
    private static string? MergeKey(string name, JsonArray patch) => name != "ports"
        ? MergeKeys.GetValueOrDefault(name)
        : patch.Objects().Any(p => p.ContainsKey("containerPort")) ? "containerPort" : "port";

    private static void DeletePrimitives(JsonArray? list, JsonNode? values)
    {
        foreach (var value in values as JsonArray ?? [])
        {
            for (var i = (list?.Count ?? 0) - 1; i >= 0; i--)
            {
                if (JsonNode.DeepEquals(list![i], value))
                    list.RemoveAt(i);
            }
        }
    }

    private static JsonObject Without(JsonObject json, string member)
    {
        var copy = json.DeepClone().AsObject();
        copy.Remove(member);
        return copy;
    }
}
