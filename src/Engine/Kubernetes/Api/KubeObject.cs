using System.Collections.Immutable;
using System.Text.Json;

namespace Rollcall.Engine.Kubernetes.Api;

/// <summary>An object whose kind has no class here: KubeBlocks' own. Reading what is absent gives nothing, never an exception, since CRDs change by version.</summary>
public sealed class KubeObject
{
    private readonly JsonElement _metadata;

    public KubeObject(JsonElement root)
    {
        Root = root;
        _metadata = Get(root, "metadata");
        Name = Text(_metadata, "name");
        Namespace = Text(_metadata, "namespace");
        Uid = Text(_metadata, "uid");
        ResourceVersion = Text(_metadata, "resourceVersion");
        Generation = Number(_metadata, "generation") ?? 0;
        Labels = Map(Get(_metadata, "labels"));
        Annotations = Map(Get(_metadata, "annotations"));
        Spec = Get(root, "spec");
        Status = Get(root, "status");
    }

    public JsonElement Root { get; }
    public JsonElement Spec { get; }
    public JsonElement Status { get; }
    public string Name { get; }
    public string Namespace { get; }
    public string Uid { get; }
    public string ResourceVersion { get; }
    public long Generation { get; }
    public ImmutableDictionary<string, string> Labels { get; }
    public ImmutableDictionary<string, string> Annotations { get; }
    public bool Deleting => Get(_metadata, "deletionTimestamp").ValueKind == JsonValueKind.String;

    public IEnumerable<string> FieldManagers => Items(_metadata, "managedFields").Select(f => Text(f, "manager"));

    public string? Label(string key) => Labels.GetValueOrDefault(key);
    public string? Annotation(string key) => Annotations.GetValueOrDefault(key);

    public static JsonElement Get(JsonElement of, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            if (of.ValueKind != JsonValueKind.Object || !of.TryGetProperty(name, out of))
                return default;
        return of;
    }

    public static string Text(JsonElement of, params ReadOnlySpan<string> path)
    {
        var found = Get(of, path);
        return found.ValueKind == JsonValueKind.String ? found.GetString()! : "";
    }

    public static long? Number(JsonElement of, params ReadOnlySpan<string> path)
    {
        var found = Get(of, path);
        return found.ValueKind == JsonValueKind.Number && found.TryGetInt64(out var n) ? n : null;
    }

    public static bool Flag(JsonElement of, params ReadOnlySpan<string> path) => Get(of, path).ValueKind == JsonValueKind.True;

    public static IEnumerable<JsonElement> Items(JsonElement of, params ReadOnlySpan<string> path)
    {
        var found = Get(of, path);
        return found.ValueKind == JsonValueKind.Array ? found.EnumerateArray() : [];
    }

    public static IEnumerable<string> Texts(JsonElement of, params ReadOnlySpan<string> path) =>
        Items(of, path).Where(i => i.ValueKind == JsonValueKind.String).Select(i => i.GetString()!);

    private static ImmutableDictionary<string, string> Map(JsonElement of) => of.ValueKind != JsonValueKind.Object
        ? ImmutableDictionary<string, string>.Empty
        : of.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String).ToImmutableDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal);
}
