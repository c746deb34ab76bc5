using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Composing;

/// <summary>One thing that two plans say differently. Null: the one does not say it.</summary>
/// <param name="Where">"stages › canary › soak".</param>
public sealed record SpecDifference(string Where, string? Before, string? After);

/// <summary>What one specification says that another does not, key by key; items of lists are told by their names, so that a stage that moved is not a change of everything behind it.</summary>
public static class SpecDiff
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    /// <summary>In the order of the documents. The name, which every plan has its own of, is no difference; the order of stages is one.</summary>
    public static ImmutableArray<SpecDifference> Of(PlanSpec before, PlanSpec after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var (old, now) = (Flat(before), Flat(after));
        var found = ImmutableArray.CreateBuilder<SpecDifference>();
        foreach (var where in old.Keys.Union(now.Keys, StringComparer.Ordinal))
            if (old.GetValueOrDefault(where) is var a && now.GetValueOrDefault(where) is var b && a != b)
                found.Add(new SpecDifference(where, a, b));
        return found.ToImmutable();
    }

    private static Dictionary<string, string> Flat(PlanSpec spec)
    {
        var flat = new Dictionary<string, string>(StringComparer.Ordinal);
        Walk(JsonSerializer.SerializeToNode(spec with { Name = "" }, Options), "", flat);
        if (spec.Stages is { Length: > 1 } stages)
            flat["stages › order"] = string.Join(", ", stages.Select(s => s.Name));
        return flat;
    }

    private static void Walk(JsonNode? node, string at, Dictionary<string, string> flat)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (key, value) in map)
                    Walk(value, at.Length == 0 ? key : $"{at} › {key}", flat);
                break;
            case JsonArray list when list.All(i => i is JsonValue):
                if (list.Count > 0)
                    flat[at] = string.Join(" ", list.Select(Text));
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                    Walk(list[i], $"{at} › {Name(list[i]) ?? $"{i + 1}"}", flat);
                break;
            case JsonValue when Text(node) is { Length: > 0 } text:
                flat[at] = text;
                break;
        }
    }

    private static string? Name(JsonNode? item) => item is JsonObject map ? (map["name"] ?? map["component"])?.GetValue<string>() is { Length: > 0 } name ? name : null : null;

    private static string Text(JsonNode? value) => value is JsonValue v && v.TryGetValue<string>(out var text)
        ? TimeSpan.TryParseExact(text, "c", System.Globalization.CultureInfo.InvariantCulture, out var span) ? Engine.Documents.Durations.Write(span) : text
        : value?.ToJsonString() ?? "";
}
