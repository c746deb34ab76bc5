namespace Rollcall.Simulator.Databases.Kafka;

internal enum KafkaState { Down, Starting, Up }

/// <summary>One Kafka process: a controller of the metadata quorum, a broker, or both.</summary>
internal sealed class KafkaNode(string pod, int id, bool controller, bool broker)
{
    public string Pod => pod;

    public int Id => id;

    public bool IsController => controller;

    public bool IsBroker => broker;

    public string Version { get; set; } = "";

    public int Port { get; set; }

    public KafkaState State { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    /// <summary>End of the present start.</summary>
    public DateTimeOffset? DoneAt { get; set; }

    /// <summary>Last time its metadata log had everything.</summary>
    public DateTimeOffset FrozenAt { get; set; }

    /// <summary>Reads the metadata it missed until then.</summary>
    public DateTimeOffset? CatchUpUntil { get; set; }

    /// <summary>A broker has everything again and asks to be taken back into the ISRs.</summary>
    public DateTimeOffset? RejoinAt { get; set; }

    /// <summary>The controller gives up on a broker that ended without a word.</summary>
    public DateTimeOffset? FenceAt { get; set; }

    public double InjectedLag { get; set; }

    public bool HasLog { get; set; }

    public string? LastSeenRole { get; set; }

    public bool Up => State is KafkaState.Up;
}

/// <summary>A partition: who has a copy, who is in sync, who leads (null: nobody).</summary>
internal sealed class KafkaPartition(string topic, int number, IReadOnlyList<int> replicas)
{
    public string Topic => topic;

    public int Number => number;

    /// <summary>The first one is the preferred leader.</summary>
    public IReadOnlyList<int> Replicas => replicas;

    public List<int> Isr { get; } = [];

    public int? Leader { get; set; }
}

internal sealed record KafkaTopic(string Name, int MinIsr, IReadOnlyList<KafkaPartition> Partitions)
{
    public bool IsInternal => Name.StartsWith("__", StringComparison.Ordinal);
}
