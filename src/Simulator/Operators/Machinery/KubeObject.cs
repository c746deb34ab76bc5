using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Rollcall.Simulator.Operators.Machinery;

/// <summary>
/// An object of a kind that has no class in KubernetesClient: typed metadata, free spec and status.
/// Only patches are ever written back, so a field that is not modelled here is never lost.
/// </summary>
internal sealed class KubeObject : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    [JsonPropertyName("spec")]
    public JsonObject Spec { get; set; } = [];

    [JsonPropertyName("status")]
    public JsonObject Status { get; set; } = [];

    public static KubeObject Parse(object raw) =>
        raw is JsonElement element
            ? KubernetesJson.Deserialize<KubeObject>(element)
            : throw new InvalidOperationException($"The client answered a custom object as {raw.GetType()}.");
}

/// <summary>Reads of loosely typed JSON that answer a default instead of throwing: absent and null mean the same in Kubernetes.</summary>
internal static class JsonReading
{
    public static JsonObject Child(this JsonObject? node, string name) => node?[name] as JsonObject ?? [];

    public static IReadOnlyList<JsonObject> Objects(this JsonObject? node, string name) =>
        node?[name] is JsonArray array ? [.. array.OfType<JsonObject>()] : [];

    public static IReadOnlyList<string> Strings(this JsonObject? node, string name) =>
        node?[name] is JsonArray array ? [.. array.Select(n => n?.GetValue<string>()).OfType<string>()] : [];

    public static string Text(this JsonObject? node, string name) =>
        node?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    public static int Int(this JsonObject? node, string name, int absent = 0) =>
        node?[name] is JsonValue value && value.TryGetValue<int>(out var number) ? number : absent;

    public static long Long(this JsonObject? node, string name) =>
        node?[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : 0;

    public static bool Bool(this JsonObject? node, string name) =>
        node?[name] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;
}
