using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Rollcall.Shared;
using Rollcall.Web.Api;

namespace Rollcall.Web.Hubs;

/// <summary>
/// JSON of the frames: the API's, without nulls, and without what a frame does not keep up to date (ages, probe readings, the engine's own bookkeeping):
/// a viewer must never show a value that no delta would correct.
/// </summary>
public static class LiveJson
{
    private static readonly Dictionary<Type, string[]> LeftOut = new()
    {
        [typeof(Instance)] = ["roleSeenAt", "labelRole", "labelRoleSince", "readySince", "resourceVersion", "workload", "revision", "images", "dead", "startedAt", "probe"],
        [typeof(Component)] = ["workloads", "versions"],
        [typeof(Shard)] = ["budget"],
    };

    public static JsonSerializerOptions Options { get; } = Make();

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(ApiJson.Options)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOut } },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void LeaveOut(JsonTypeInfo type)
    {
        if (!LeftOut.TryGetValue(type.Type, out var names))
            return;
        for (var i = type.Properties.Count - 1; i >= 0; i--)
            if (names.Contains(type.Properties[i].Name, StringComparer.Ordinal))
                type.Properties.RemoveAt(i);
    }
}
