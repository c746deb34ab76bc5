using System.Globalization;
using System.Text.Json.Nodes;
using Rollcall.Simulator.Api.Semantics;
using Rollcall.Simulator.Api.Storage;

namespace Rollcall.Simulator.Api.Patches;

/// <summary>RFC 6902. Operations that do not fit the object, <c>test</c> among them, are 422 Invalid, as Kubernetes answers them.</summary>
internal static class JsonPatch
{
    public static JsonObject Apply(JsonObject target, JsonArray operations)
    {
        JsonNode? root = target;
        foreach (var operation in operations)
        {
            var path = Pointer(operation, "path");
            switch (operation.Text("op"))
            {
                case "add":
                    root = Add(root, path, Value(operation));
                    break;
                case "remove":
                    Remove(root, path);
                    break;
                case "replace":
                    Find(root, path);
                    if (path.Length > 0)
                        Remove(root, path);
                    root = Add(root, path, Value(operation));
                    break;
                case "copy":
                    root = Add(root, path, Find(root, Pointer(operation, "from"))?.DeepClone());
                    break;
                case "move":
                    var from = Pointer(operation, "from");
                    var moved = Find(root, from)?.DeepClone();
                    Remove(root, from);
                    root = Add(root, path, moved);
                    break;
                case "test":
                    if (!JsonNode.DeepEquals(FindOrNull(root, path), Value(operation)))
                        throw StatusException.Unprocessable($"testing path {operation.Text("path")}: value differs");
                    break;
                default:
                    throw StatusException.BadRequest($"unexpected JSON patch operation \"{operation.Text("op")}\"");
            }
        }

        return root as JsonObject ?? throw StatusException.Unprocessable("the patch leaves no object");
    }

    private static JsonNode? Value(JsonNode? operation) =>
        operation is JsonObject json && json.TryGetPropertyValue("value", out var value)
            ? value?.DeepClone()
            : throw StatusException.BadRequest("a JSON patch operation lacks its value");

    private static string[] Pointer(JsonNode? operation, string member)
    {
        var text = operation.Text(member);
        if (text is null || (text.Length > 0 && text[0] != '/'))
            throw StatusException.BadRequest($"a JSON patch operation has no valid {member}: \"{text}\"");
        return text.Length == 0 ? [] : [.. text[1..].Split('/').Select(s => s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static JsonNode? Add(JsonNode? root, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
            return value;
        switch (Find(root, path[..^1]))
        {
            case JsonObject json:
                json[path[^1]] = value;
                break;
            case JsonArray array when path[^1] == "-":
                array.Add(value);
                break;
            case JsonArray array when TryIndex(path[^1], array.Count, out var index):
                array.Insert(index, value);
                break;
            default:
                throw Missing(path);
        }

        return root;
    }

    private static void Remove(JsonNode? root, string[] path)
    {
        var parent = path.Length == 0 ? null : Find(root, path[..^1]);
        if (parent is JsonObject json && json.Remove(path[^1]))
            return;
        if (parent is not JsonArray array || !TryIndex(path[^1], array.Count - 1, out var index))
            throw Missing(path);
        array.RemoveAt(index);
    }

    private static JsonNode? Find(JsonNode? root, string[] path) => TryFind(root, path, out var node) ? node : throw Missing(path);

    // A test against null also holds where there is nothing, as in the library that Kubernetes uses.
    private static JsonNode? FindOrNull(JsonNode? root, string[] path) => TryFind(root, path, out var node) ? node : null;

    private static bool TryFind(JsonNode? root, string[] path, out JsonNode? node)
    {
        node = root;
        foreach (var step in path)
        {
            if (node is JsonObject json && json.TryGetPropertyValue(step, out var member))
                node = member;
            else if (node is JsonArray array && TryIndex(step, array.Count - 1, out var index))
                node = array[index];
            else
                return false;
        }

        return true;
    }

    private static bool TryIndex(string step, int last, out int index) =>
        int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index <= last;

    private static StatusException Missing(string[] path) => StatusException.Unprocessable($"the path /{string.Join('/', path)} does not exist");
}
