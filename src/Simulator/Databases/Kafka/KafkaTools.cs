using System.Globalization;

namespace Rollcall.Simulator.Databases.Kafka;

/// <summary>The scripts of /opt/kafka/bin that describe and change a cluster. Their forms follow the release of the container that they run in.</summary>
/// <remarks>Source: apache/kafka, tools (MetadataQuorumCommand, TopicCommand, FeatureCommand) of 3.5 to 4.0. What differs: CurrentVoters and DirectoryId since 3.9, Elr since 3.8, the remark about --metadata since 3.9.</remarks>
internal static class KafkaTools
{
    private static readonly HashSet<string> WithValue =
    [
        "--bootstrap-server", "--bootstrap-controller", "--command-config", "--topic", "--topic-id", "--metadata", "--feature", "--release-version", "--partition-size-limit-per-response",
    ];

    public static CommandResult? Run(KafkaDatabase kafka, KafkaNode node, IReadOnlyList<string> words, DateTimeOffset now) => words switch
    {
        ["kafka-metadata-quorum.sh" or "kafka-metadata-quorum", ..] => Quorum(kafka, node, ToolArguments.Parse(words.Skip(1), WithValue), now),
        ["kafka-topics.sh" or "kafka-topics", ..] => TopicsTool.Run(kafka, node, ToolArguments.Parse(words.Skip(1), WithValue)),
        ["kafka-features.sh" or "kafka-features", ..] => FeaturesTool.Run(kafka, node, ToolArguments.Parse(words.Skip(1), WithValue), now),
        // The official image sets it, and so do charts.
        ["printenv", "KAFKA_NODE_ID"] => CommandResult.Ok($"{node.Id}\n"),
        _ => null,
    };

    /// <summary>The node at the other end, if it answers.</summary>
    public static KafkaNode? Reach(KafkaDatabase kafka, KafkaNode self, ToolArguments arguments)
    {
        var (address, controller) = arguments.Option("--bootstrap-server") is { } server ? (server, false) : (arguments.Option("--bootstrap-controller") ?? "", true);
        foreach (var hostPort in address.Split(','))
        {
            var colon = hostPort.LastIndexOf(':');
            var host = colon > 0 ? hostPort[..colon] : hostPort;
            var port = colon > 0 ? hostPort[(colon + 1)..] : "";
            var node = host is "localhost" or "127.0.0.1" ? self : kafka.Find(host.Split('.')[0]);
            if (node is { Up: true } && (controller ? node.IsController : node.IsBroker) && port == (controller ? "9093" : "9092"))
                return node;
        }
        return null;
    }

    public static string TimedOut(string call) => $"Timed out waiting for a node assignment. Call: {call}";

    private static CommandResult Quorum(KafkaDatabase kafka, KafkaNode self, ToolArguments arguments, DateTimeOffset now)
    {
        if (arguments.Positional is not ["describe"])
            return CommandResult.Fail(1, $"usage: kafka-metadata-quorum [-h]\nkafka-metadata-quorum: error: invalid choice: '{string.Join(' ', arguments.Positional)}' (the simulation knows 'describe')\n");
        var (status, replication) = (arguments.Has("--status"), arguments.Has("--replication"));
        if (status == replication)
        {
            return CommandResult.Fail(1, status ? "Only one of --status or --replication should be specified with describe sub-command\n"
                : "One of --status or --replication must be specified with describe sub-command\n");
        }
        if (status && arguments.Has("--human-readable"))
            return CommandResult.Fail(1, "The option --human-readable is only supported along with --replication\n");
        if (Reach(kafka, self, arguments) is null || kafka.Active is not { } active)
            return CommandResult.Fail(1, $"org.apache.kafka.common.errors.TimeoutException: {TimedOut(status ? "describeCluster" : "describeMetadataQuorum")}\n");
        return CommandResult.Ok(status ? Status(kafka, active, self, now) : Replication(kafka, active, self, arguments.Has("--human-readable"), now));
    }

    private static string Status(KafkaDatabase kafka, KafkaNode active, KafkaNode self, DateTimeOffset now)
    {
        var slowest = kafka.Controllers.MinBy(c => kafka.LogEndOf(c, now))!;
        var end = kafka.LogEnd(now);
        var withDirectories = MetadataVersions.IsAtLeast(self.Version, 3, 9);
        var voters = withDirectories
            ? string.Join(", ", kafka.Controllers.Select(c => $"{{\"id\": {c.Id}, \"directoryId\": \"{kafka.DirectoryOf(c)}\", \"endpoints\": [\"CONTROLLER://{c.Pod}:9093\"]}}"))
            : string.Join(',', kafka.Controllers.Select(c => c.Id));
        var observers = withDirectories
            ? string.Join(", ", Observers(kafka).Select(b => $"{{\"id\": {b.Id}, \"directoryId\": \"{kafka.DirectoryOf(b)}\"}}"))
            : string.Join(',', Observers(kafka).Select(b => b.Id));
        return string.Join('\n',
            $"ClusterId:              {kafka.ClusterId}",
            $"LeaderId:               {active.Id}",
            $"LeaderEpoch:            {kafka.Epoch}",
            $"HighWatermark:          {end}",
            $"MaxFollowerLag:         {end - kafka.LogEndOf(slowest, now)}",
            $"MaxFollowerLagTimeMs:   {(slowest == active ? 0 : (long)(kafka.SecondsBehind(slowest, now) * 1000))}",
            $"CurrentVoters:          [{voters}]",
            $"CurrentObservers:       [{observers}]") + "\n";
    }

    private static string Replication(KafkaDatabase kafka, KafkaNode active, KafkaNode self, bool readable, DateTimeOffset now)
    {
        var directories = MetadataVersions.IsAtLeast(self.Version, 3, 9);
        List<string[]> rows = [directories
            ? ["NodeId", "DirectoryId", "LogEndOffset", "Lag", "LastFetchTimestamp", "LastCaughtUpTimestamp", "Status"]
            : ["NodeId", "LogEndOffset", "Lag", "LastFetchTimestamp", "LastCaughtUpTimestamp", "Status"]];
        rows.Add(Row(active, "Leader"));
        rows.AddRange(kafka.Controllers.Where(c => c != active).Select(c => Row(c, "Follower")));
        rows.AddRange(Observers(kafka).Select(b => Row(b, "Observer")));
        var widths = Enumerable.Range(0, rows[0].Length).Select(i => rows.Max(r => r[i].Length)).ToList();
        return string.Concat(rows.Select(r => string.Concat(r.Select((cell, i) => cell.PadRight(widths[i]) + "\t")) + "\n"));

        string[] Row(KafkaNode node, string status)
        {
            var end = kafka.LogEndOf(node, now);
            var behind = TimeSpan.FromSeconds(kafka.SecondsBehind(node, now));
            var fetched = node.Up || node == active ? now : node.FrozenAt;
            string[] row = [$"{node.Id}", $"{end}", $"{kafka.LogEnd(now) - end}", At(fetched), At(now - behind), status];
            return directories ? [row[0], kafka.DirectoryOf(node), .. row[1..]] : row;
        }

        string At(DateTimeOffset at) => at == default ? "-1"
            : readable ? $"{(long)(now - at).TotalMilliseconds} ms ago" : at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
    }

    private static IEnumerable<KafkaNode> Observers(KafkaDatabase kafka) => kafka.Brokers.Where(b => b is { IsController: false, Up: true });
}

/// <summary>Options take their value as the next word or after an equals sign; some may be given more than once.</summary>
internal sealed record ToolArguments(IReadOnlyList<string> Positional, IReadOnlyList<(string Name, string Value)> Options)
{
    public bool Has(string name) => Options.Any(o => o.Name == name);

    public string? Option(string name) => Options.Where(o => o.Name == name).Select(o => o.Value).FirstOrDefault();

    public IEnumerable<string> All(string name) => Options.Where(o => o.Name == name).Select(o => o.Value);

    public static ToolArguments Parse(IEnumerable<string> words, IReadOnlySet<string> withValue)
    {
        List<string> positional = [];
        List<(string, string)> options = [];
        string? pending = null;
        foreach (var word in words)
        {
            if (pending is not null)
            {
                options.Add((pending, word));
                pending = null;
            }
            else if (!word.StartsWith("--", StringComparison.Ordinal))
            {
                positional.Add(word);
            }
            else if (word.Split('=', 2) is [var name, var value] && withValue.Contains(name))
            {
                options.Add((name, value));
            }
            else if (withValue.Contains(word))
            {
                pending = word;
            }
            else
            {
                options.Add((word, ""));
            }
        }
        return new(positional, options);
    }
}
