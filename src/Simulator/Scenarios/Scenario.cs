using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Nodes;

namespace Rollcall.Simulator.Scenarios;

/// <summary>A cluster to simulate: what runs in it, how fast, and what goes wrong. Read from YAML; an unknown key is an error.</summary>
public sealed record Scenario
{
    public string Name { get; set; } = "";

    /// <summary>Another scenario whose cluster this one takes over; only incidents and bad tags are then its own.</summary>
    public string? Extends { get; set; }

    /// <summary>One sentence for people.</summary>
    public string Description { get; set; } = "";

    public string Namespace { get; set; } = "demo";

    public List<NodeSpec> Nodes { get; set; } = [];

    public TimingSpec Timings { get; set; } = new();

    public List<StatefulSetGroup> StatefulSets { get; set; } = [];

    public KubeBlocksSpec? KubeBlocks { get; set; }

    public List<Incident> Incidents { get; set; } = [];

    /// <summary>Tags that no registry has, beside those with <c>bad</c> in their name.</summary>
    public List<string> BadTags { get; set; } = [];
}

public sealed record NodeSpec
{
    public string Name { get; set; } = "";

    public string Zone { get; set; } = "";

    internal SimulatedNode ToNode() => new(Name, Zone);
}

/// <summary>Durations at speed 1, such as <c>900ms</c>, <c>1.5s</c>, <c>2m</c>.</summary>
public sealed record TimingSpec
{
    public TimeSpan Create { get; set; } = TimeSpan.FromMilliseconds(900);

    public TimeSpan Ready { get; set; } = TimeSpan.FromMilliseconds(1600);

    public TimeSpan Terminate { get; set; } = TimeSpan.FromSeconds(1);

    public TimeSpan BackOff { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan Load { get; set; } = TimeSpan.FromMilliseconds(300);

    public TimeSpan Resync { get; set; } = TimeSpan.FromMilliseconds(1500);

    public TimeSpan Handover { get; set; } = TimeSpan.FromMilliseconds(700);

    public TimeSpan LeaderTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How late KubeBlocks' role label and Patroni's follow the truth.</summary>
    public TimeSpan RoleProbe { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often KubeBlocks looks at a running OpsRequest.</summary>
    public TimeSpan OpsPoll { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan Backup { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Write rate of each shard, bytes per second; speed does not change it.</summary>
    public double WriteRate { get; set; } = 50_000;

    internal NodeTimings ForNodes(double speed) =>
        new NodeTimings { Create = Create, Ready = Ready, Terminate = Terminate, CrashBackOff = BackOff, PullBackOff = BackOff }.Faster(speed);

    internal DatabaseTimings ForDatabases(double speed) => new DatabaseTimings
    {
        Load = Load, Resync = Resync, PartialResync = Resync / 4, Handover = Handover, LeaderTimeout = LeaderTimeout, BytesPerSecond = WriteRate,
    }.Faster(speed);
}

/// <summary>One component of a cluster made of StatefulSets: one per shard.</summary>
public sealed record StatefulSetGroup
{
    public string Cluster { get; set; } = "";

    public string Component { get; set; } = "";

    public string Profile { get; set; } = "";

    public string Container { get; set; } = "";

    public string Image { get; set; } = "";

    public int Port { get; set; }

    /// <summary>Tags that can be rolled out.</summary>
    public List<string> Versions { get; set; } = [];

    public int Replicas { get; set; } = 3;

    public List<ShardSpec> Shards { get; set; } = [];

    /// <summary>Instead of <see cref="Shards"/>: so many, named s0000 and on.</summary>
    public int ShardCount { get; set; }

    public string? RoleLabel { get; set; }

    public string PodManagement { get; set; } = "OrderedReady";

    /// <summary>RollingUpdate or OnDelete.</summary>
    public string UpdateStrategy { get; set; } = "RollingUpdate";

    /// <summary>Files written under a newer major cannot be read by an older one.</summary>
    public bool FormatBreaking { get; set; } = true;

    /// <summary>maxUnavailable of a PodDisruptionBudget per shard; 0 makes none.</summary>
    public int MaxUnavailable { get; set; } = 1;

    internal IReadOnlyList<ShardSpec> AllShards => Shards.Count > 0 ? Shards :
    [
        .. Enumerable.Range(0, ShardCount).Select(i => new ShardSpec { Name = $"s{i:D4}", Workload = $"{Cluster}-{i:D4}", FirstLeader = i % Math.Max(1, Replicas) }),
    ];
}

public sealed record ShardSpec
{
    public string Name { get; set; } = "";

    /// <summary>Name of the StatefulSet.</summary>
    public string Workload { get; set; } = "";

    /// <summary>Ordinal of the member that leads at first.</summary>
    public int FirstLeader { get; set; }

    /// <summary>MongoDB: ordinals that vote and hold no data.</summary>
    public List<int> Arbiters { get; set; } = [];

    /// <summary>MongoDB: ordinals that follow and vote, but never lead and take no reads.</summary>
    public List<int> Hidden { get; set; } = [];

    internal GroupDeclaration Declare(StatefulSetGroup group) => new(group.Component, Name, $"{Workload}-{FirstLeader}")
    {
        Members = [.. Enumerable.Range(0, group.Replicas).Select(i => $"{Workload}-{i}")],
        Arbiters = [.. Arbiters.Select(i => $"{Workload}-{i}")],
        Hidden = [.. Hidden.Select(i => $"{Workload}-{i}")],
    };
}

public sealed record KubeBlocksSpec
{
    public string Version { get; set; } = "1.1.0";

    public List<DefinitionSpec> Definitions { get; set; } = [];

    public List<VersionSpec> Versions { get; set; } = [];

    public List<ShardedCluster> Clusters { get; set; } = [];
}

/// <summary>A ComponentDefinition with roles primary and secondary.</summary>
public sealed record DefinitionSpec
{
    public string Name { get; set; } = "";

    public string ServiceKind { get; set; } = "";

    public string ServiceVersion { get; set; } = "";

    public string Container { get; set; } = "";

    public int Port { get; set; }

    /// <summary>ReCreate or PreferInPlace, for changes of the image.</summary>
    public string PodUpgradePolicy { get; set; } = "ReCreate";
}

/// <summary>A ComponentVersion: which versions each definition can run.</summary>
public sealed record VersionSpec
{
    public string Name { get; set; } = "";

    public string Container { get; set; } = "";

    /// <summary>Image without its tag.</summary>
    public string Repository { get; set; } = "";

    /// <summary>Versions by definition.</summary>
    public Dictionary<string, List<string>> Compatible { get; set; } = [];
}

/// <summary>A KubeBlocks Cluster with one sharding.</summary>
public sealed record ShardedCluster
{
    public string Name { get; set; } = "";

    public string Sharding { get; set; } = "shard";

    public string ComponentDef { get; set; } = "";

    public string ServiceVersion { get; set; } = "";

    public int Replicas { get; set; } = 3;

    public List<string> ShardIds { get; set; } = [];

    /// <summary>Ordinals that lead at first, by shard.</summary>
    public List<int> FirstLeaders { get; set; } = [];

    public bool FormatBreaking { get; set; } = true;

    public int MaxUnavailable { get; set; } = 1;
}

/// <summary>Something that goes wrong by itself.</summary>
public sealed record Incident
{
    /// <summary>One of <see cref="Demo.IncidentRunner.Kinds"/>.</summary>
    public string Do { get; set; } = "";

    /// <summary>After the start, at speed 1.</summary>
    public TimeSpan At { get; set; }

    /// <summary>Again after this time; left out: once.</summary>
    public TimeSpan? Every { get; set; }

    public string Cluster { get; set; } = "";

    public string Shard { get; set; } = "";

    public string Pod { get; set; } = "";

    /// <summary>The image's tag that no registry has from then on.</summary>
    public string Tag { get; set; } = "";

    /// <summary>Lag in seconds.</summary>
    public double Seconds { get; set; }

    /// <summary>How many requests are spoilt.</summary>
    public int Times { get; set; } = 5;
}
