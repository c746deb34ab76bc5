using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rollcall.Web.Hubs;

/// <summary>A frame that is JSON already: built once, written to every viewer who needs the same step.</summary>
[JsonConverter(typeof(AsItIs))]
public sealed record RawFrame(byte[] Utf8)
{
    private sealed class AsItIs : JsonConverter<RawFrame>
    {
        public override RawFrame Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Frames are only sent.");

        public override void Write(Utf8JsonWriter writer, RawFrame value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Utf8, skipInputValidation: true);
    }
}
