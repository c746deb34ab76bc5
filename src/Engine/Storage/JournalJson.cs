using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Rollcall.Engine.Decisions;

namespace Rollcall.Engine.Storage;

/// <summary>How plans and journal lines are written to the database: camelCase, enums as words, nothing that can be computed.</summary>
public static class JournalJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    public static string Write(RunEvent e) => JsonSerializer.Serialize(e, Options);

    public static RunEvent ReadEvent(string json) =>
        JsonSerializer.Deserialize<RunEvent>(json, Options) ?? throw new JsonException("The journal line is empty.");

    public static string Write(Plan plan) => JsonSerializer.Serialize(plan, Options);

    public static Plan ReadPlan(string json) =>
        JsonSerializer.Deserialize<Plan>(json, Options) ?? throw new JsonException("The stored plan is empty.");

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveComputedOut } },
        };
        options.Converters.Add(new JsonStringEnumConverter());
        options.MakeReadOnly();
        return options;
    }

    /// <summary>A property without a setter and without a constructor parameter comes from the others; storing it would only be a second truth.</summary>
    private static void LeaveComputedOut(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || type.Type.Namespace?.StartsWith("Rollcall", StringComparison.Ordinal) != true)
            return;
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            var property = type.Properties[i];
            if (property.Set is null && property.AssociatedParameter is null)
                type.Properties.RemoveAt(i);
        }
    }
}
