namespace Rollcall.Simulator.Databases.Mongo;

/// <summary>Numbers as replSetGetStatus prints them.</summary>
internal enum MongoState
{
    Primary = 1,
    Secondary = 2,
    Startup2 = 5,
    Arbiter = 7,
    Down = 8,
}

/// <summary>One mongod of a replica set. Its files (data, feature version) outlive the process.</summary>
internal sealed class MongoMember(string pod, int id, MongoReplicaSet set)
{
    public string Pod => pod;

    public int Id => id;

    public MongoReplicaSet Set => set;

    public string Version { get; set; } = "";

    public bool ArbiterOnly { get; set; }

    public bool Hidden { get; set; }

    public double Priority { get; set; } = 1;

    public int Votes { get; set; } = 1;

    public MongoState State { get; set; } = MongoState.Down;

    public DateTimeOffset StartedAt { get; set; }

    /// <summary>End of the present start or initial sync.</summary>
    public DateTimeOffset? DoneAt { get; set; }

    public bool HasData { get; set; }

    /// <summary>featureCompatibilityVersion of its files; empty while there are none.</summary>
    public string Fcv { get; set; } = "";

    /// <summary>Its last entry when it stopped following.</summary>
    public DateTimeOffset FrozenAt { get; set; }

    /// <summary>Reads what it has missed since <see cref="FrozenAt"/>.</summary>
    public (DateTimeOffset From, DateTimeOffset Until)? CatchUp { get; set; }

    public double InjectedLag { get; set; }

    /// <summary>Stands for no election before (after stepDown or replSetFreeze).</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>Believes to be primary beside the real one (a fault).</summary>
    public bool Usurper { get; set; }

    public string? LastSeenRole { get; set; }

    /// <summary>The process answers connections.</summary>
    public bool Answers => State is not MongoState.Down && !Starting;

    public bool Starting { get; set; }

    public bool Leads => Usurper || (set.Primary == this && State is MongoState.Primary);

    public string StateName => Leads ? "PRIMARY" : State switch
    {
        MongoState.Startup2 => "STARTUP2",
        MongoState.Arbiter => "ARBITER",
        MongoState.Down => "(not reachable/healthy)",
        _ => "SECONDARY",
    };

    /// <summary>Fault injection says it hangs behind, or it still reads what it missed.</summary>
    public bool IsCaughtUp => CatchUp is null && InjectedLag <= 0 && HasData;
}

/// <summary>A mongos: no data, no vote.</summary>
internal sealed class MongoRouter(string pod)
{
    public string Pod => pod;

    public string Version { get; set; } = "";

    public bool Up { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? DoneAt { get; set; }

    public string? LastSeenRole { get; set; }
}
