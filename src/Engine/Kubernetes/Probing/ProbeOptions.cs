namespace Rollcall.Engine.Kubernetes.Probing;

/// <summary>How much asking there may be.</summary>
public sealed record ProbeOptions
{
    /// <summary>Commands run at once over all clusters.</summary>
    public int AtOnce { get; init; } = 16;
    /// <summary>Commands begun per second in one cluster.</summary>
    public int PerSecond { get; init; } = 20;
    /// <summary>False: only what is asked for. Somebody with get, list and watch alone may not run commands.</summary>
    public bool Sweep { get; init; } = true;
    /// <summary>Period of the sweep over a cluster that nobody looks at (the profile's own period holds while somebody does).</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(15);
    /// <summary>The sweep keeps a Pod busy for at most one part in so many: where an answer takes a second, it asks every ten.</summary>
    public int SweepShare { get; init; } = 10;
    /// <summary>A Pod that could not answer is left alone this long.</summary>
    public TimeSpan AfterError { get; init; } = TimeSpan.FromSeconds(1);
    /// <summary>And this long where no command can run at all.</summary>
    public TimeSpan AfterCannotRun { get; init; } = TimeSpan.FromSeconds(20);
}
