using System.Globalization;
using System.Text.Json;

namespace Rollcall.Engine.Kubernetes.Probing;

/// <summary>
/// The reader named <c>etcd</c>: what <c>etcdctl endpoint status --write-out=json</c> prints about one endpoint. Who leads shows only when two ids are compared, and the image has no shell to do it.
/// <c>role</c> (leader, follower, learner), <c>leader</c> (known, none), <c>applied</c> (close, behind), <c>errors</c> (none, or the first), <c>raftTerm</c>, <c>raftIndex</c>, <c>appliedIndex</c>, <c>version</c>. Pure.
/// </summary>
public static class EtcdReader
{
    /// <summary>A member that has applied all but so many entries keeps up; etcd itself begins to refuse requests at five times that.</summary>
    private const ulong Close = 1000;

    /// <summary>Keys and values, or why there are none.</summary>
    public static (Dictionary<string, string>? Found, string Error) Read(string output)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            if (document.RootElement.ValueKind != JsonValueKind.Array || document.RootElement.GetArrayLength() != 1 || !document.RootElement[0].TryGetProperty("Status", out var status) || status.ValueKind != JsonValueKind.Object)
                return (null, "The answer is not the status of one endpoint.");
            return (Status(status), "");
        }
        catch (JsonException)
        {
            return (null, "The answer is not JSON.");
        }
    }

    private static Dictionary<string, string> Status(JsonElement status)
    {
        var member = status.TryGetProperty("header", out var header) && header.ValueKind == JsonValueKind.Object ? Number(header, "member_id") : 0;
        var (leader, index, applied) = (Number(status, "leader"), Number(status, "raftIndex"), Number(status, "raftAppliedIndex"));
        var learner = status.TryGetProperty("isLearner", out var l) && l.ValueKind == JsonValueKind.True;
        var found = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["role"] = learner ? "learner" : leader != 0 && leader == member ? "leader" : "follower",
            ["leader"] = leader == 0 ? "none" : "known",
            ["applied"] = index <= applied + Close ? "close" : "behind",
            ["errors"] = status.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0 ? errors[0].ToString() : "none",
            ["raftIndex"] = Text(index),
            ["appliedIndex"] = Text(applied),
            ["raftTerm"] = Text(Number(status, "raftTerm")),
        };
        if (status.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.String)
            found["version"] = version.GetString()!;
        return found;
    }

    private static ulong Number(JsonElement from, string key) => from.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var n) ? n : 0;

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
