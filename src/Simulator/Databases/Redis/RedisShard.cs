namespace Rollcall.Simulator.Databases.Redis;

internal enum RedisState { Down, Loading, Up }

internal enum RedisLink { Down, Syncing, Up }

/// <summary>One node of a Redis Cluster. What is written to its volume (identity, data, role) outlives the process.</summary>
internal sealed class RedisMember(string pod, RedisShard shard, string nodeId)
{
    public string Pod => pod;

    public RedisShard Shard => shard;

    public string NodeId => nodeId;

    public string Ip { get; set; } = "";

    public string Version { get; set; } = "";

    public RedisState State { get; set; }

    public DateTimeOffset StateSince { get; set; }

    /// <summary>End of the present load or copy.</summary>
    public DateTimeOffset? DoneAt { get; set; }

    public RedisLink Link { get; set; }

    public DateTimeOffset LinkSince { get; set; }

    public bool HasData { get; set; }

    /// <summary>Major version whose file format the volume holds; 0 while it is empty.</summary>
    public int Format { get; set; }

    /// <summary>Position that was reached when the link went down.</summary>
    public long FrozenOffset { get; set; }

    public double InjectedLag { get; set; }

    /// <summary>Believes to be a master beside the real one (a fault).</summary>
    public bool Usurper { get; set; }

    public bool IsMaster => shard.Master == this || Usurper;

    public int Major => ReleaseNumber.Major(Version);

    public string? LastSeenRole { get; set; }
}

/// <summary>One range of slots with its master and replicas.</summary>
internal sealed class RedisShard(string name, ReplicationStream stream)
{
    public string Name => name;

    public ReplicationStream Stream => stream;

    public SortedDictionary<string, RedisMember> Members { get; } = new(StringComparer.Ordinal);

    /// <summary>The Pod that is made master when the cluster is created.</summary>
    public string? FirstMaster { get; set; }

    public RedisMember? Master { get; set; }

    public long ConfigEpoch { get; set; }

    public DateTimeOffset? MasterDownSince { get; set; }

    public (RedisMember Candidate, DateTimeOffset At)? Handover { get; set; }

    public bool Served => Master is { State: RedisState.Up };

    public long OffsetOf(RedisMember member, DateTimeOffset now)
    {
        if (member.IsMaster && !member.Usurper)
            return stream.At(now);
        return member.Link is RedisLink.Up
            ? Math.Max(0, stream.At(now) - stream.BytesBehind(member.Pod, member.InjectedLag, now))
            : member.FrozenOffset;
    }
}

internal static class ReleaseNumber
{
    /// <summary>The leading number of a version such as 8.0.1 or 16.4; 0 when there is none.</summary>
    public static int Major(string version)
    {
        var digits = version.TakeWhile(char.IsAsciiDigit).ToArray();
        return digits.Length > 0 && int.TryParse(digits, System.Globalization.CultureInfo.InvariantCulture, out var major) ? major : 0;
    }
}
