using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Profiles;

/// <summary>
/// How one database family is rolled safely: data, not code. One YAML file each beside this one; users override or add by a folder of their own.
/// </summary>
public sealed record EngineProfile
{
    public required string Name { get; init; }
    /// <summary>As people call it: <c>Redis Cluster</c>.</summary>
    public required string Title { get; init; }
    public DetectSpec Detect { get; init; } = new();
    /// <summary>Empty for role-less services.</summary>
    public ImmutableArray<RoleSpec> Roles { get; init; } = [];
    /// <summary>Component name patterns (<c>*</c> wildcard), in the order of an upgrade; the reverse direction when <see cref="ComponentsDown"/> is empty.</summary>
    public ImmutableArray<string> ComponentsUp { get; init; } = [];
    public ImmutableArray<string> ComponentsDown { get; init; } = [];
    /// <summary>Parts of the engine that are not like the rest. Ask <see cref="For"/>, never this.</summary>
    public ImmutableArray<ComponentSection> Sections { get; init; } = [];
    /// <summary>Rule OneDisruptionPerShard: members of one shard disrupted at once (M).</summary>
    public int MembersAtOnce { get; init; } = 1;
    /// <summary>Rule MaxShardsInFlight: shards in flight at once (K).</summary>
    public int ShardsAtOnce { get; init; } = 1;
    /// <summary>Rule MaxShardsInFlight: never more than this percentage of the shards (at least one).</summary>
    public int ShardsPercent { get; init; } = 50;
    /// <summary>Rule ShardLeaderMajority applies: a majority of shard leaders must stay.</summary>
    public bool LeaderMajority { get; init; }
    /// <summary>Rule QuorumPreserved applies: the members of a shard that vote must keep a majority.</summary>
    public bool Quorum { get; init; }
    /// <summary>Rule ZoneExclusive: members in different failure zones share data, so disruptions stay in one zone at a time.</summary>
    public bool ZoneExclusive { get; init; }
    /// <summary>Rule MaxShardsInFlight: shards that run both versions at once; null: no limit of its own.</summary>
    public int? PartlyUpdatedShards { get; init; }
    /// <summary>Rule GraceCoversHandover: what a member does inside its stop (drain, hand-over, last write to disk) takes up to this long.</summary>
    public TimeSpan Stop { get; init; }
    /// <summary>Rule Cooldown; zero for none.</summary>
    public CooldownSpec Cooldown { get; init; } = new();
    public ProbeSpec? Probe { get; init; }
    public LagSpec Lag { get; init; } = new();
    public SwitchoverSpec? Switchover { get; init; }
    /// <summary>How leadership leaves the present leader: switchover (asked for, before it is touched), or stop (the leader resigns as it shuts down and another is elected: rule ControllerLast).</summary>
    public string Handover { get; init; } = "switchover";
    /// <summary>Stopped for the length of a run. Of the whole engine, whatever the component.</summary>
    public ImmutableArray<MoverSpec> Movers { get; init; } = [];
    /// <summary>Done in a member before it is stopped; null for nothing.</summary>
    public DrainSpec? Drain { get; init; }
    /// <summary>Of the whole engine; null where there is no point of no return but the files themselves.</summary>
    public FinaliserSpec? Finaliser { get; init; }
    public VersionSpec Versions { get; init; } = new();
    public RollbackPolicy Rollback { get; init; } = new();
    public EstimateSpec Estimates { get; init; } = new();
    public DeadlineSpec Deadlines { get; init; } = new();
    /// <summary>The stages a plan gets that names none.</summary>
    public ImmutableArray<StageSpec> Stages { get; init; } = [];
    /// <summary>What every plan of this family runs at its points, beside the plan's own.</summary>
    public ImmutableArray<HookSpec> Hooks { get; init; } = [];
    /// <summary>The file as it was read; goes into the plan's hash and stays with the run.</summary>
    public required string Text { get; init; }
    public string Source { get; init; } = "built-in";

    /// <summary>The profile as it holds for one component: the first section that covers it, else this one. Everything that concerns a component or its shards asks here first.</summary>
    public EngineProfile For(string component)
    {
        foreach (var section in Sections)
            if (section.Covers(component))
                return section.Profile;
        return this;
    }

    public bool HandsOverByStopping => Handover == "stop";

    public RoleSpec? Role(string? name) => name is null ? null : Roles.FirstOrDefault(r => r.Name == name);
    public bool HasRoles => !Roles.IsEmpty;
    public bool HasLeader => Roles.Any(r => r.Leads);

    /// <summary>The profile's word for what an engine or a label says (<c>master</c> → primary); null for an unknown word.</summary>
    public string? Normalise(string? said) => said is null ? null
        : Roles.FirstOrDefault(r => string.Equals(r.Name, said, StringComparison.OrdinalIgnoreCase) || r.Aliases.Contains(said, StringComparer.OrdinalIgnoreCase))?.Name;
}

/// <summary>Components of one kind within an engine: config servers, routers, brokers.</summary>
/// <param name="Match">Component name patterns.</param>
/// <param name="Profile">The profile with what the section says otherwise; whole in itself.</param>
public sealed record ComponentSection(ImmutableArray<string> Match, EngineProfile Profile)
{
    public bool Covers(string component)
    {
        foreach (var pattern in Match)
            if (NamePattern.Matches(pattern, component))
                return true;
        return false;
    }
}

/// <summary>How a cluster is recognised when no label names its profile.</summary>
public sealed record DetectSpec
{
    /// <summary>Prefixes of KubeBlocks ComponentDefinition or ShardingDefinition names.</summary>
    public ImmutableArray<string> Definitions { get; init; } = [];
    /// <summary>Regular expressions over the image repository, for StatefulSets.</summary>
    public ImmutableArray<string> Images { get; init; } = [];
}

/// <param name="Order">Lower goes first when a shard is updated.</param>
public sealed record RoleSpec(string Name, string Letter, int Order, bool Leads, bool Votes)
{
    public ImmutableArray<string> Aliases { get; init; } = [];
    /// <summary>A member in this role can become leader (arbiters and hidden members cannot). Default: true.</summary>
    public bool Electable { get; init; } = true;
}

/// <summary>The engine's own answer about one member: run in its Pod.</summary>
public sealed record ProbeSpec
{
    /// <summary>First of these containers that the Pod has; empty: the first container.</summary>
    public ImmutableArray<string> Containers { get; init; } = [];
    /// <summary>Empty where it is asked over HTTP.</summary>
    public required ImmutableArray<string> Command { get; init; }
    /// <summary>Asked over HTTP through the API server's Pod proxy; null: by the command.</summary>
    public HttpProbe? Http { get; init; }
    /// <summary>How it is named in Evidence, e.g. <c>redis-cli</c>.</summary>
    public required string Tool { get; init; }
    /// <summary>keyValue (<c>key:value</c> lines), json (one object), or the name of an engine's own reader (kafka).</summary>
    public required string Reader { get; init; }
    public required string Role { get; init; }
    /// <summary>Keys that hold the replication position in bytes; the first present wins.</summary>
    public ImmutableArray<string> Position { get; init; } = [];
    public string? LagSeconds { get; init; }
    public string? Version { get; init; }
    /// <summary>Rule DataCopyHeadroom: key that names the copy sets (partitions, ranges) that would fall below their minimum without this member; empty or 0 for none.</summary>
    public string? Copies { get; init; }
    /// <summary>Key that names the copy sets of this member that can never have a copy to spare, so that they block nothing.</summary>
    public string? CopiesExempt { get; init; }
    /// <summary>Further keys of the answer to keep for Evidence.</summary>
    public ImmutableArray<string> Keep { get; init; } = [];
    /// <summary>All must hold for "linked" (followers only): key = wanted value.</summary>
    public ImmutableSortedDictionary<string, string> Linked { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
    /// <summary>All must hold for "healthy": key = wanted value.</summary>
    public ImmutableSortedDictionary<string, string> Healthy { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
    /// <summary>Rule RecoveryIsProgress: keys whose values move while a member that is not Ready yet recovers (loads, replays, copies).</summary>
    public ImmutableArray<string> Progress { get; init; } = [];
    /// <summary>Rule HandoverTargetEligible: keys that must say the same on the new leader as on the old one (a timeline, an epoch).</summary>
    public ImmutableArray<string> SameAsLeader { get; init; } = [];
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>Rule FreshRoleBeforeAct.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromSeconds(5);
}

/// <param name="Path">With its leading slash.</param>
public sealed record HttpProbe(int Port, string Path, bool Https);

/// <summary>Rule ReplicationCaughtUp, in the engine's own unit.</summary>
public sealed record LagSpec
{
    public long? MaxBytes { get; init; }
    public double? MaxSeconds { get; init; }
    /// <summary>Readings in a row that must satisfy the limit.</summary>
    public int Consecutive { get; init; } = 1;
    public bool Measured => MaxBytes is not null || MaxSeconds is not null;
}

/// <summary>The database's own switchover, asked for by exec where KubeBlocks does not offer an OpsRequest.</summary>
public sealed record SwitchoverSpec
{
    /// <summary>from, to: the Pod in which the command runs.</summary>
    public required string On { get; init; }
    public ImmutableArray<string> Containers { get; init; } = [];
    /// <summary>{from} and {to} are replaced by Pod names.</summary>
    public required ImmutableArray<string> Command { get; init; }
    /// <summary>The output must contain this; empty: exit code 0 is enough.</summary>
    public string Expect { get; init; } = "";
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
}

public sealed record VersionSpec
{
    /// <summary>major.minor.patch by position: how many majors a hop may cross (rule VersionStep); null: any.</summary>
    public int? MaxMajorStep { get; init; }
    /// <summary>How many minors of the same major a hop may cross (rule VersionStep); null: any.</summary>
    public int? MaxMinorStep { get; init; }
    /// <summary>Rule SkewDirection: a follower must never be older than its leader.</summary>
    public bool FollowerNotOlder { get; init; }
    /// <summary>Rule FormatCompatible: up to where an older version reads what a newer one wrote: any, major (same major), minor (same major.minor), none.</summary>
    public string ReadableDown { get; init; } = "any";
    /// <summary>Where the rule is stated by the database's makers.</summary>
    public string Source { get; init; } = "";
}

public sealed record RollbackPolicy
{
    /// <summary>yes, ifReadable or no: whether a shard may go back once it was switched over.</summary>
    public string AfterSwitchover { get; init; } = "yes";
    /// <summary>Said in the plan and beside the button.</summary>
    public string Note { get; init; } = "";
    /// <summary>What remains when a rollback is refused.</summary>
    public string Alternative { get; init; } = "Restore a backup into a new cluster, or roll forward to a fixed version.";
}

/// <summary>What the preview assumes; real runs are compared with it.</summary>
public sealed record EstimateSpec
{
    public TimeSpan Terminate { get; init; } = TimeSpan.FromSeconds(5);
    public TimeSpan Start { get; init; } = TimeSpan.FromSeconds(20);
    public TimeSpan Sync { get; init; } = TimeSpan.FromSeconds(10);
    public TimeSpan Switchover { get; init; } = TimeSpan.FromSeconds(5);
}

public sealed record DeadlineSpec
{
    /// <summary>Rule UpdatedUnhealthyHalts: from the deletion to Ready on the new version.</summary>
    public TimeSpan Ready { get; init; } = TimeSpan.FromSeconds(300);
    /// <summary>From Ready to in sync; then Paused.</summary>
    public TimeSpan Sync { get; init; } = TimeSpan.FromSeconds(900);
    /// <summary>An unknown role or a missing leader for longer is Paused.</summary>
    public TimeSpan Role { get; init; } = TimeSpan.FromSeconds(120);
    /// <summary>An intent without an outcome is in flight this long before the cluster itself is asked what happened.</summary>
    public TimeSpan Action { get; init; } = TimeSpan.FromSeconds(60);
}
