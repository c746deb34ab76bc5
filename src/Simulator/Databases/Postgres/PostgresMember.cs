using Rollcall.Simulator.Databases.Redis;

namespace Rollcall.Simulator.Databases.Postgres;

internal enum PostgresState { Stopped, Starting, Running, Streaming }

/// <summary>One PostgreSQL under Patroni. The major version of its data directory outlives the process.</summary>
internal sealed class PostgresMember(string pod)
{
    public string Pod => pod;

    public string Ip { get; set; } = "";

    public string Version { get; set; } = "";

    public PostgresState State { get; set; }

    public DateTimeOffset? DoneAt { get; set; }

    public bool HasData { get; set; }

    /// <summary>Major version that made the data directory; 0 while it is empty.</summary>
    public int DataMajor { get; set; }

    public int Timeline { get; set; } = 1;

    public long FrozenPosition { get; set; }

    public double InjectedLag { get; set; }

    /// <summary>Out of recovery beside the real leader (a fault).</summary>
    public bool Usurper { get; set; }

    public int Major => ReleaseNumber.Major(Version);

    public string? LastSeenRole { get; set; }
}
