namespace Rollcall.Simulator.Databases;

/// <summary>How long things take in the databases, in the time of the simulator (already divided by its speed).</summary>
internal sealed record DatabaseTimings
{
    /// <summary>Reading the data set at start, before the member answers.</summary>
    public TimeSpan Load { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>A full copy from the primary after a restart.</summary>
    public TimeSpan Resync { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>Catching up from the backlog after a leader change.</summary>
    public TimeSpan PartialResync { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>A planned hand-over, from the command to the promoted candidate.</summary>
    public TimeSpan Handover { get; init; } = TimeSpan.FromMilliseconds(700);

    /// <summary>How long a dead leader is waited for before its replicas elect another.</summary>
    public TimeSpan LeaderTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Write rate of each shard.</summary>
    public double BytesPerSecond { get; init; } = 50_000;

    public DatabaseTimings Faster(double speed) => this with
    {
        Load = Load / speed,
        Resync = Resync / speed,
        PartialResync = PartialResync / speed,
        Handover = Handover / speed,
        LeaderTimeout = LeaderTimeout / speed,
    };
}
