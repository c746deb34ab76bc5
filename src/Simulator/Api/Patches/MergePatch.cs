using System.Text.Json.Nodes;

namespace Rollcall.Simulator.Api.Patches;

/// <summary>RFC 7386: objects merge, null deletes, everything else replaces.</summary>
internal static class MergePatch
{
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject change:
                    target[name] = Apply(target[name] is JsonObject present ? present.DeepClone().AsObject() : [], change);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }

        return target;
    }
}
