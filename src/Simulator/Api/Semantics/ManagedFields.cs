using System.Text.Json.Nodes;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Semantics;

/// <summary>
/// metadata.managedFields, simplified: fields are tracked two levels deep (<c>f:spec</c> / <c>f:replicas</c>), enough to tell who manages an
/// object. There are no apply conflicts.
/// </summary>
internal static class ManagedFields
{
    private static readonly string[] TrackedMetadata = ["labels", "annotations", "ownerReferences", "finalizers"];

    public static void Record(JsonObject next, JsonObject? previous, ResourceKind kind, WriteContext context, string now)
    {
        var changed = Changed(next, previous);
        if (changed.Count == 0)
            return;
        var operation = context.IsApply ? "Apply" : "Update";
        var meta = next.Meta();
        var entries = meta["managedFields"] as JsonArray ?? [];
        JsonObject? mine = null;
        foreach (var entry in entries.Objects().ToList())
        {
            if (entry.Text("manager") == context.Manager && entry.Text("operation") == operation && (entry.Text("subresource") ?? "") == context.Subresource)
                mine = entry;
            else if (entry["fieldsV1"] is JsonObject fields && Subtract(fields, changed))
                entries.Remove(entry);
        }

        if (mine is null)
        {
            mine = new() { ["manager"] = context.Manager, ["operation"] = operation, ["apiVersion"] = kind.ApiVersion, ["time"] = now, ["fieldsType"] = "FieldsV1" };
            if (context.Subresource.Length > 0)
                mine["subresource"] = context.Subresource;
            entries.Add(mine);
        }

        mine["time"] = now;
        var owned = mine.Child("fieldsV1");
        foreach (var (section, field) in changed)
            owned.Child("f:" + section).SetDefault("f:" + field, new JsonObject());
        meta["managedFields"] = entries;
    }

    // Entries that own nothing any more disappear.
    private static bool Subtract(JsonObject fields, HashSet<(string Section, string Field)> changed)
    {
        foreach (var (section, field) in changed)
        {
            if (fields["f:" + section] is JsonObject inSection && inSection.Remove("f:" + field) && inSection.Count == 0)
                fields.Remove("f:" + section);
        }

        return fields.Count == 0;
    }

    private static HashSet<(string Section, string Field)> Changed(JsonObject next, JsonObject? previous)
    {
        var changed = new HashSet<(string, string)>();
        foreach (var section in next.Select(p => p.Key).Union(previous?.Select(p => p.Key) ?? []))
        {
            if (section is "kind" or "apiVersion")
                continue;
            var (after, before) = (next[section], previous?[section]);
            if (after is not JsonObject && before is not JsonObject)
            {
                // A top-level list or value, such as an Event's reason, is a section of its own.
                if (!JsonNode.DeepEquals(after, before))
                    changed.Add((section, "."));
                continue;
            }

            foreach (var field in Names(after).Union(Names(before)))
            {
                if ((section != "metadata" || TrackedMetadata.Contains(field)) && !JsonNode.DeepEquals(after.At(field), before.At(field)))
                    changed.Add((section, field));
            }
        }

        return changed;
    }

    private static IEnumerable<string> Names(JsonNode? node) => node is JsonObject json ? json.Select(p => p.Key) : [];
}
