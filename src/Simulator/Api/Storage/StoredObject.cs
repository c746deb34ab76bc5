using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rollcall.Simulator.Api.Storage;

internal readonly record struct ObjectKey(string Namespace, string Name);

internal sealed record OwnerReference(string Uid, bool BlocksDeletion);

/// <summary>
/// One version of one object, immutable. It is kept as the UTF-8 that is sent, with what selectors and controllers ask for beside it: a list or a
/// watch event costs a copy into the socket and no serialisation, and a writer that parses it gets a tree of its own.
/// </summary>
internal sealed class StoredObject
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JsonAccess.Compact.Encoder, SkipValidation = true };

    private StoredObject(ResourceKind kind, JsonObject json, long version, byte[] utf8)
    {
        Kind = kind;
        Version = version;
        Utf8 = utf8;
        var meta = json["metadata"];
        Key = new(meta.Text("namespace") ?? "", meta.Text("name") ?? "");
        Uid = meta.Text("uid") ?? "";
        Labels = meta.At("labels").StringMap();
        Fields = kind.SelectableFields.Count == 0 ? Nothing : Select(kind, json);
        Owners = [.. meta.At("ownerReferences").Objects().Select(o => new OwnerReference(o.Text("uid") ?? "", o.Flag("blockOwnerDeletion")))];
        Finalizers = [.. meta.At("finalizers").Texts()];
        IsTerminating = meta.At("deletionTimestamp") is not null;
    }

    private static Dictionary<string, string> Nothing { get; } = [];

    public ResourceKind Kind { get; }

    public ObjectKey Key { get; }

    public long Version { get; }

    public string Uid { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>The selectable fields of this kind that have a value.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; }

    public IReadOnlyList<OwnerReference> Owners { get; }

    public IReadOnlyList<string> Finalizers { get; }

    public bool IsTerminating { get; }

    public byte[] Utf8 { get; }

    /// <summary>The same without kind and apiVersion and without the opening brace, as typed lists send their items.</summary>
    public ReadOnlyMemory<byte> Utf8AfterType => Utf8.AsMemory(TypePrefixLength(Kind));

    /// <summary>Takes the tree as the next version of an object; the tree may be used on, the stored object does not see it.</summary>
    public static StoredObject Seal(ResourceKind kind, JsonObject json, long version)
    {
        json.Meta()["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, kind.Kind);
            writer.WriteString("apiVersion"u8, kind.ApiVersion);
            writer.WritePropertyName("metadata"u8);
            json.Meta().WriteTo(writer, JsonAccess.Compact);
            foreach (var (name, value) in json)
            {
                if (name is "kind" or "apiVersion" or "metadata")
                    continue;
                writer.WritePropertyName(name);
                if (value is null)
                    writer.WriteNullValue();
                else
                    value.WriteTo(writer, JsonAccess.Compact);
            }

            writer.WriteEndObject();
        }

        return new(kind, json, version, buffer.WrittenSpan.ToArray());
    }

    /// <summary>The same state under another resourceVersion.</summary>
    public StoredObject At(long version) => Seal(Kind, Parse(), version);

    public JsonObject Parse() => JsonNode.Parse(Utf8, documentOptions: JsonAccess.Strict)!.AsObject();

    // {"kind":"Pod","apiVersion":"v1",
    private static int TypePrefixLength(ResourceKind kind) =>
        """{"kind":"","apiVersion":"",""".Length + kind.Kind.Length + kind.ApiVersion.Length;

    private static Dictionary<string, string> Select(ResourceKind kind, JsonObject json)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in kind.SelectableFields)
        {
            if (json.At(field.Split('.')) is JsonValue value)
                fields[field] = value.ToString();
        }

        return fields;
    }
}
