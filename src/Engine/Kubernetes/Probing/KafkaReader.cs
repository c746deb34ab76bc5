using System.Globalization;

namespace Rollcall.Engine.Kubernetes.Probing;

/// <summary>
/// The reader named <c>kafka</c>: what kafka-metadata-quorum.sh and kafka-topics.sh print, in sections that begin with <c>## name</c>. It answers for the node that the section <c>node</c> names:
/// <c>node</c>, <c>role</c> (leader, follower, observer; broker where no quorum was asked), <c>quorum</c> (joined), <c>lagSeconds</c>, <c>isr</c> (complete, or what it is missing from),
/// <c>copies</c> (partitions that would fall below min.insync.replicas without it) and <c>copiesExempt</c> (its partitions that can never have one to spare). Pure.
/// </summary>
public static class KafkaReader
{
    private const int Named = 3;

    private sealed record Partition(string Name, bool Led, HashSet<string> Replicas, HashSet<string> InSync)
    {
        /// <summary>Every replica is in sync and yet there is none to spare: it was made with too few replicas, and waiting would not help.</summary>
        public bool NeverSpare => Led && InSync.Count == Replicas.Count;
    }

    /// <summary>Keys and values, or why there are none.</summary>
    public static (Dictionary<string, string>? Found, string Error) Read(string output)
    {
        var sections = Sections(output);
        if (!sections.ContainsKey("end"))
            return (null, "The answer was cut off.");
        if (Node(sections.GetValueOrDefault("node") ?? []) is not { } node)
            return (null, "The answer does not say which node this is.");
        var found = new Dictionary<string, string>(StringComparer.Ordinal) { ["node"] = node, ["role"] = "broker" };
        if (sections.TryGetValue("quorum", out var table) && Quorum(table, node, found) is { } error)
            return (null, error);
        if (sections.TryGetValue("underReplicated", out var behind))
        {
            var missing = Partitions(behind).Where(p => p.Replicas.Contains(node) && !p.InSync.Contains(node)).Select(p => p.Name).ToList();
            found["isr"] = missing.Count == 0 ? "complete" : $"missing from {Names(missing)}";
        }
        if (sections.TryGetValue("atMinIsr", out var at) && sections.TryGetValue("underMinIsr", out var under))
            Copies([.. Partitions(at)], [.. Partitions(under)], node, found);
        return (found, "");
    }

    private static void Copies(List<Partition> at, List<Partition> under, string node, Dictionary<string, string> found)
    {
        var blocked = at.Where(p => p.InSync.Contains(node) && !p.NeverSpare).Concat(under.Where(p => p.Replicas.Contains(node) && !p.NeverSpare));
        var never = at.Concat(under).Where(p => p.Replicas.Contains(node) && p.NeverSpare);
        found["copies"] = Names([.. blocked.Select(p => p.Name).Distinct(StringComparer.Ordinal)]);
        found["copiesExempt"] = Names([.. never.Select(p => p.Name).Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>The node's row of "describe --replication"; columns are found by their headings, which grew over the releases.</summary>
    private static string? Quorum(List<string> lines, string node, Dictionary<string, string> found)
    {
        var rows = lines.Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Where(r => r.Length > 0).ToList();
        var at = rows.FindIndex(r => r[0] is "NodeId" or "ReplicaId");
        if (at < 0)
            return "The answer has no table of the quorum.";
        var heading = rows[at];
        var (status, caughtUp) = (Array.IndexOf(heading, "Status"), Array.FindIndex(heading, h => h.StartsWith("LastCaughtUp", StringComparison.Ordinal)));
        var members = rows.Skip(at + 1).Where(r => r.Length == heading.Length).ToList();
        if (status < 0 || members.Find(r => r[0] == node) is not { } me)
            return $"Node {node} is not in the quorum's table.";
        found["role"] = me[status].ToLowerInvariant();
        found["quorum"] = "joined";
        if (caughtUp >= 0 && members.Find(r => r[status] == "Leader") is { } leader && Millis(leader[caughtUp]) is { } now && Millis(me[caughtUp]) is { } mine)
            found["lagSeconds"] = (Math.Max(0, now - mine) / 1000.0).ToString(CultureInfo.InvariantCulture);
        return null;
    }

    private static long? Millis(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ms) && ms > 0 ? ms : null;

    /// <summary>An id, or the ordinal at the end of a Pod's name.</summary>
    private static string? Node(List<string> lines)
    {
        var said = lines.Select(l => l.Trim()).LastOrDefault(l => l.Length > 0);
        var id = said is null ? "" : said[(said.LastIndexOf('-') + 1)..];
        return id.Length > 0 && id.All(char.IsAsciiDigit) ? id : null;
    }

    /// <summary>Lines such as <c>Topic: orders  Partition: 3  Leader: 1  Replicas: 1,2,3  Isr: 1,2</c>, with tabs between.</summary>
    private static IEnumerable<Partition> Partitions(List<string> lines)
    {
        foreach (var line in lines)
        {
            var fields = line.Split('\t', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(f => f.Split(':', 2, StringSplitOptions.TrimEntries)).Where(f => f.Length == 2).DistinctBy(f => f[0]).ToDictionary(f => f[0], f => f[1], StringComparer.Ordinal);
            if (fields.TryGetValue("Topic", out var topic) && fields.TryGetValue("Partition", out var number) && fields.TryGetValue("Replicas", out var replicas) && fields.TryGetValue("Isr", out var isr))
                yield return new Partition($"{topic}-{number}", fields.GetValueOrDefault("Leader") is not (null or "none" or "-1"), Ids(replicas), Ids(isr));
        }
    }

    private static HashSet<string> Ids(string list) => [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static string Names(List<string> names) => names.Count <= Named ? string.Join(", ", names) : $"{string.Join(", ", names.Take(Named))} and {names.Count - Named} more";

    private static Dictionary<string, List<string>> Sections(string output)
    {
        var sections = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        List<string>? present = null;
        foreach (var line in output.Split('\n'))
            if (line.StartsWith("## ", StringComparison.Ordinal))
                sections[line[3..].Trim()] = present = [];
            else
                present?.Add(line.TrimEnd('\r'));
        return sections;
    }
}
