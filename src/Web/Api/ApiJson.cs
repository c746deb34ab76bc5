using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Rollcall.Shared;

namespace Rollcall.Web.Api;

/// <summary>The JSON of the API and of the hub, in one place: camelCase, enums as words, a cluster as <c>namespace/name</c>.</summary>
public static class ApiJson
{
    public static JsonSerializerOptions Options { get; } = Make();

    public static void Apply(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Numbers are numbers; the OpenAPI document would otherwise offer strings too.
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new JsonStringEnumConverter());
        options.Converters.Add(new ClusterKeyConverter());
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        Apply(options);
        options.MakeReadOnly();
        return options;
    }

    private sealed class ClusterKeyConverter : JsonConverter<ClusterKey>
    {
        public override ClusterKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            ClusterKey.TryParse(reader.GetString(), out var key) ? key : throw new JsonException("A cluster is written namespace/name.");

        public override void Write(Utf8JsonWriter writer, ClusterKey value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
