namespace Rollcall.Simulator;

/// <summary>How a <see cref="DemoCluster"/> is set up.</summary>
public sealed record DemoOptions
{
    /// <summary>Name of a built-in scenario, or the path of a YAML file.</summary>
    public string Scenario { get; init; } = "demo";

    /// <summary>TCP port on loopback; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Divides every duration of the scenario. Above 0.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Instead of the scenario's own number of shards, where it says <c>shardCount</c>.</summary>
    public int? ShardCount { get; init; }
}
