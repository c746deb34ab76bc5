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

    /// <summary>How much faster than a real one the simulation runs; only commands that name seconds themselves need it.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Seconds that a command asks for, in the time of the simulator.</summary>
    public TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 86_400) / Speed);

    public DatabaseTimings Faster(double speed) => this with
    {
        Speed = Speed * speed,
        Load = Load / speed,
        Resync = Resync / speed,
        PartialResync = PartialResync / speed,
        Handover = Handover / speed,
        LeaderTimeout = LeaderTimeout / speed,
    };
}
