using System.Text;

namespace Rollcall.Simulator.Databases.Kafka;

/// <summary>kafka-topics.sh --describe and --list.</summary>
internal static class TopicsTool
{
    private static readonly string[] Filters = ["--under-replicated-partitions", "--unavailable-partitions", "--under-min-isr-partitions", "--at-min-isr-partitions"];

    private static readonly HashSet<string> Known =
    [
        "--bootstrap-server", "--command-config", "--describe", "--list", "--topic", "--exclude-internal", "--if-exists", "--topics-with-overrides",
        "--partition-size-limit-per-response", .. Filters,
    ];

    public static CommandResult Run(KafkaDatabase kafka, KafkaNode self, ToolArguments arguments)
    {
        if (arguments.Options.Where(o => !Known.Contains(o.Name)).Select(o => o.Name).FirstOrDefault() is { } unknown)
            return CommandResult.Fail(1, $"{unknown[2..]} is not a recognized option\n");
        if (arguments.Has("--describe") == arguments.Has("--list"))
            return CommandResult.Fail(1, "Command must include exactly one action: --list, --describe, --create, --alter or --delete\n");
        if (arguments.Option("--bootstrap-server") is null)
            return CommandResult.Fail(1, "Missing required argument \"[bootstrap-server]\"\n");
        if (KafkaTools.Reach(kafka, self, arguments) is null)
            return new(1, $"Error while executing topic command : {KafkaTools.TimedOut("listTopics")}\n", "");

        var topics = kafka.AllTopics.Where(t => !(t.IsInternal && arguments.Has("--exclude-internal")))
            .Where(t => arguments.Option("--topic") is not { } wanted || wanted.Split(',').Contains(t.Name)).ToList();
        if (arguments.Option("--topic") is { } name && topics.Count == 0 && !arguments.Has("--if-exists"))
            return new(1, $"Error while executing topic command : Topic 'Optional[{name}]' does not exist as expected\n", "");
        return CommandResult.Ok(arguments.Has("--list") ? string.Join('\n', topics.Select(t => t.Name)) + "\n" : Describe(kafka, self, topics, arguments));
    }

    private static string Describe(KafkaDatabase kafka, KafkaNode self, List<KafkaTopic> topics, ToolArguments arguments)
    {
        var text = new StringBuilder();
        var filtered = Filters.Any(arguments.Has);
        var live = kafka.LiveBrokers.ToHashSet();
        foreach (var topic in topics)
        {
            if (!filtered)
            {
                text.Append($"Topic: {topic.Name}\tTopicId: {KafkaDatabase.Uuid(topic.Name)}\tPartitionCount: {topic.Partitions.Count}\tReplicationFactor: {topic.Partitions[0].Replicas.Count}");
                text.Append($"\tConfigs: {(topic.IsInternal ? "cleanup.policy=compact," : "")}min.insync.replicas={topic.MinIsr}\n");
            }
            foreach (var partition in topic.Partitions.Where(p => !filtered || Filters.Any(f => arguments.Has(f) && Holds(f, topic, p, live))))
            {
                text.Append($"\tTopic: {topic.Name}\tPartition: {partition.Number}\tLeader: {(partition.Leader is { } leader ? $"{leader}" : "none")}");
                text.Append($"\tReplicas: {string.Join(',', partition.Replicas)}\tIsr: {string.Join(',', partition.Isr)}");
                text.Append(MetadataVersions.IsAtLeast(self.Version, 3, 8) ? "\tElr: \tLastKnownElr: \n" : "\n");
            }
        }
        return text.ToString();
    }

    private static bool Holds(string filter, KafkaTopic topic, KafkaPartition partition, HashSet<int> live) => filter switch
    {
        "--under-replicated-partitions" => partition.Replicas.Count > partition.Isr.Count,
        "--unavailable-partitions" => partition.Leader is not { } leader || !live.Contains(leader),
        "--under-min-isr-partitions" => partition.Leader is null || partition.Isr.Count < topic.MinIsr,
        _ => partition.Isr.Count == topic.MinIsr,
    };
}
