using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Probing;

/// <summary>Turns what a probe printed into a reading, as its profile says. Pure.</summary>
public static class ProbeReader
{
    /// <param name="bare">Who was asked, when, and how long it took.</param>
    public static Reading Read(EngineProfile profile, string output, Reading bare)
    {
        ArgumentNullException.ThrowIfNull(bare);
        ArgumentNullException.ThrowIfNull(profile);
        var probe = profile.Probe!;
        var (found, error) = probe.Reader switch
        {
            "json" => Json(output) is { } json ? (json, "") : (null, "The answer is not a JSON object."),
            "kafka" => KafkaReader.Read(output),
            "etcd" => EtcdReader.Read(output),
            _ => (KeyValue(output), ""),
        };
        if (found is null)
            return bare with { Error = error };
        string? Value(string? key) => key is not null && found.TryGetValue(key, out var v) && v.Length > 0 ? v : null;
        if (Value(probe.Role) is not { } said)
            return bare with { Error = $"The answer has no {probe.Role}." };
        var role = profile.Normalise(said);
        var leads = profile.Role(role)?.Leads == true;
        return bare with
        {
            Role = role ?? said,
            Position = probe.Position.Select(Value).Where(v => v is not null).Select(Long).FirstOrDefault(),
            LagSeconds = leads ? null : Double(Value(probe.LagSeconds)),
            Version = Value(probe.Version),
            Linked = leads ? true : probe.Linked.IsEmpty ? null : probe.Linked.All(w => Value(w.Key) == w.Value),
            Healthy = probe.Healthy.IsEmpty ? null : probe.Healthy.All(w => Value(w.Key) == w.Value),
            Values = Mentioned(probe).Where(k => found.ContainsKey(k)).ToImmutableSortedDictionary(k => k, k => found[k], StringComparer.Ordinal),
        };
    }

    private static IEnumerable<string> Mentioned(ProbeSpec probe) =>
        new[] { probe.Role, probe.LagSeconds, probe.Version, probe.Copies, probe.CopiesExempt }.OfType<string>().Concat(probe.Position).Concat(probe.Keep).Concat(probe.Linked.Keys).Concat(probe.Healthy.Keys).Concat(probe.Progress).Concat(probe.SameAsLeader).Distinct(StringComparer.Ordinal);

    /// <summary><c>key:value</c> lines; what is no such line is a heading or a comment. The first of a key counts.</summary>
    private static Dictionary<string, string> KeyValue(string output)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in output.AsSpan().EnumerateLines())
            if (line.IndexOf(':') is > 0 and var colon)
                found.TryAdd(line[..colon].Trim().ToString(), line[(colon + 1)..].Trim().ToString());
        return found;
    }

    private static Dictionary<string, string>? Json(string output)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            var found = new Dictionary<string, string>(StringComparer.Ordinal);
            Flatten(document.RootElement, "", found);
            return found;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Inner objects by dotted names: <c>xlog.location</c>.</summary>
    private static void Flatten(JsonElement from, string prefix, Dictionary<string, string> into)
    {
        foreach (var property in from.EnumerateObject())
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Object:
                    Flatten(property.Value, $"{prefix}{property.Name}.", into);
                    break;
                case JsonValueKind.String:
                    into[prefix + property.Name] = property.Value.GetString()!;
                    break;
                case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                    into[prefix + property.Name] = property.Value.GetRawText();
                    break;
            }
    }

    private static long? Long(string? text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : null;

    private static double? Double(string? text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n) ? n : null;
}
