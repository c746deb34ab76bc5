using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rollcall.Simulator.Api.Storage;

/// <summary>Short ways through JSON trees whose shape the server does not own: a missing or mistyped step is null, never an exception.</summary>
internal static class JsonAccess
{
    public static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 128 };

    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            if (node is not JsonObject here || !here.TryGetPropertyValue(step, out node))
                return null;
        }

        return node;
    }

    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        if (node.At(path) is not JsonValue value)
            return null;
        if (value.TryGetValue<long>(out var number))
            return number;
        // A value that was set in code, not parsed, is asked for its own type only.
        return value.TryGetValue<int>(out var small) ? small : null;
    }

    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>The object of that name, made if it is missing.</summary>
    public static JsonObject Child(this JsonObject parent, string name)
    {
        if (parent.TryGetPropertyValue(name, out var node) && node is JsonObject child)
            return child;
        child = [];
        parent[name] = child;
        return child;
    }

    public static JsonObject Meta(this JsonObject json) => json.Child("metadata");

    public static IEnumerable<JsonObject> Objects(this JsonNode? node) => node is JsonArray array ? array.OfType<JsonObject>() : [];

    public static IEnumerable<string> Texts(this JsonNode? node) =>
        node is JsonArray array ? array.OfType<JsonValue>().Where(v => v.GetValueKind() == JsonValueKind.String).Select(v => v.GetValue<string>()) : [];

    public static Dictionary<string, string> StringMap(this JsonNode? node)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (node is not JsonObject pairs)
            return map;
        foreach (var (name, value) in pairs)
            map[name] = value.Text() ?? "";
        return map;
    }

    public static void SetDefault(this JsonObject json, string name, JsonNode value)
    {
        if (json[name] is null)
            json[name] = value;
    }

    /// <summary>Removes members that are null, at every depth: a typed server drops them when it decodes.</summary>
    public static void DropNulls(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject json:
                List<string>? nulls = null;
                foreach (var (name, value) in json)
                {
                    if (value is null)
                        (nulls ??= []).Add(name);
                    else
                        DropNulls(value);
                }

                foreach (var name in nulls ?? [])
                    json.Remove(name);
                break;
            case JsonArray array:
                foreach (var item in array)
                    DropNulls(item);
                break;
        }
    }
}
