using System.Text;

namespace Rollcall.Simulator.Databases.Redis;

/// <summary>The texts that Redis 7 prints, byte for byte in form: sections of INFO end their lines with CR LF, CLUSTER NODES with LF.</summary>
internal static class RedisReports
{
    private const int Slots = 16384;
    private const int Port = 6379;

    public static string Info(RedisClusterDatabase cluster, RedisMember member, string section, DateTimeOffset now) => section switch
    {
        "replication" => Replication(member, now),
        "server" => Server(member, now),
        "persistence" => Persistence(member),
        "cluster" => "# Cluster\r\ncluster_enabled:1\r\n",
        "default" or "all" or "everything" =>
            string.Join("\r\n", Server(member, now), Persistence(member), Replication(member, now), "# Cluster\r\ncluster_enabled:1\r\n"),
        _ => "",
    };

    public static string ClusterInfo(RedisClusterDatabase cluster, RedisMember member)
    {
        var shards = cluster.Shards.Select((shard, index) => (Shard: shard, Count: SlotCount(index, cluster.Shards.Count))).ToList();
        var served = shards.Where(s => s.Shard.Served).Sum(s => s.Count);
        var failing = cluster.IsOk ? 0 : Slots - served;
        return Lines("\r\n",
            $"cluster_state:{(cluster.IsOk ? "ok" : "fail")}",
            $"cluster_slots_assigned:{Slots}",
            $"cluster_slots_ok:{served}",
            $"cluster_slots_pfail:{Slots - served - failing}",
            $"cluster_slots_fail:{failing}",
            $"cluster_known_nodes:{cluster.Members.Count}",
            $"cluster_size:{shards.Count}",
            $"cluster_current_epoch:{cluster.Epoch}",
            $"cluster_my_epoch:{member.Shard.ConfigEpoch}",
            "cluster_stats_messages_ping_sent:18234",
            "cluster_stats_messages_pong_sent:18190",
            "cluster_stats_messages_sent:36424",
            "cluster_stats_messages_ping_received:18190",
            "cluster_stats_messages_pong_received:18234",
            "cluster_stats_messages_received:36424",
            "total_cluster_links_buffer_limit_exceeded:0");
    }

    public static string ClusterNodes(RedisClusterDatabase cluster, RedisMember self, DateTimeOffset now)
    {
        var text = new StringBuilder();
        var count = cluster.Shards.Count;
        var index = 0;
        foreach (var shard in cluster.Shards)
        {
            var (first, last) = SlotRange(index++, count);
            foreach (var node in shard.Members.Values)
            {
                // A usurper is a master in its own eyes only; the others still see a replica.
                var master = shard.Master == node || (node.Usurper && node == self);
                var down = node.State is RedisState.Down;
                var failed = down && shard.MasterDownSince is { } since && shard.Master == node ? cluster.Latest - since : cluster.Latest - node.StateSince;
                var flags = (node == self ? "myself," : "") + (master ? "master" : "slave") + (down && cluster.HasFailed(failed) ? ",fail" : "");
                var pong = (down ? node.StateSince : now).ToUnixTimeMilliseconds();
                text.Append($"{node.NodeId} {node.Ip}:{Port}@{Port + 10000} {flags} {(master ? "-" : shard.Master?.NodeId ?? "-")} ");
                text.Append($"{(down ? pong : 0)} {pong} {shard.ConfigEpoch} {(down ? "disconnected" : "connected")}");
                if (shard.Master == node)
                    text.Append($" {first}-{last}");
                text.Append('\n');
            }
        }
        return text.ToString();
    }

    public static string Role(RedisMember member, DateTimeOffset now)
    {
        var shard = member.Shard;
        if (member.IsMaster)
        {
            var lines = Replicas(shard).SelectMany(r => new[] { r.Ip, $"{Port}", $"{shard.OffsetOf(r, now)}" });
            return string.Join('\n', new[] { "master", $"{shard.OffsetOf(member, now)}" }.Concat(lines));
        }
        var state = member.Link switch { RedisLink.Up => "connected", RedisLink.Syncing => "sync", _ => "connect" };
        return $"slave\n{shard.Master?.Ip}\n{Port}\n{state}\n{(member.Link is RedisLink.Up ? shard.OffsetOf(member, now) : -1)}";
    }

    private static string Replication(RedisMember member, DateTimeOffset now)
    {
        var shard = member.Shard;
        var offset = shard.OffsetOf(member, now);
        List<string> lines = ["# Replication"];
        if (member.IsMaster)
        {
            var replicas = member.Usurper ? [] : Replicas(shard).ToList();
            lines.AddRange(["role:master", $"connected_slaves:{replicas.Count}"]);
            lines.AddRange(replicas.Select((r, i) =>
                $"slave{i}:ip={r.Ip},port={Port},state={(r.Link is RedisLink.Up ? "online" : "wait_bgsave")},offset={(r.Link is RedisLink.Up ? shard.OffsetOf(r, now) : 0)},lag={(int)r.InjectedLag}"));
        }
        else
        {
            lines.AddRange(Upstream(member, offset, now));
        }
        lines.AddRange([
            "master_failover_state:no-failover",
            $"master_replid:{StableHash.Hex($"{shard.Name}/{shard.ConfigEpoch}", 40)}",
            $"master_replid2:{new string('0', 40)}",
            $"master_repl_offset:{offset}",
            "second_repl_offset:-1",
            "repl_backlog_active:1",
            "repl_backlog_size:1048576",
            $"repl_backlog_first_byte_offset:{Math.Max(1, offset - 1048575)}",
            $"repl_backlog_histlen:{Math.Min(offset, 1048576)}",
        ]);
        return Lines("\r\n", [.. lines]);
    }

    private static List<string> Upstream(RedisMember member, long offset, DateTimeOffset now)
    {
        var up = member.Link is RedisLink.Up;
        List<string> lines =
        [
            "role:slave",
            $"master_host:{member.Shard.Master?.Ip}",
            $"master_port:{Port}",
            $"master_link_status:{(up ? "up" : "down")}",
            $"master_last_io_seconds_ago:{(up ? (int)member.InjectedLag : -1)}",
            $"master_sync_in_progress:{(member.Link is RedisLink.Syncing ? 1 : 0)}",
            $"slave_read_repl_offset:{offset}",
            $"slave_repl_offset:{offset}",
        ];
        if (member.Link is RedisLink.Syncing)
        {
            lines.AddRange(["master_sync_total_bytes:2097152", "master_sync_read_bytes:1048576", "master_sync_left_bytes:1048576",
                "master_sync_perc:50.00", "master_sync_last_io_seconds_ago:0"]);
        }
        if (!up)
            lines.Add($"master_link_down_since_seconds:{(int)Math.Max(0, (now - member.LinkSince).TotalSeconds)}");
        lines.AddRange(["slave_priority:100", "slave_read_only:1", "replica_announced:1", "connected_slaves:0"]);
        return lines;
    }

    private static string Server(RedisMember member, DateTimeOffset now) => Lines("\r\n",
        "# Server",
        $"redis_version:{member.Version}",
        "redis_git_sha1:00000000",
        "redis_git_dirty:0",
        "redis_mode:cluster",
        "os:Linux x86_64",
        "arch_bits:64",
        $"run_id:{StableHash.Hex(member.NodeId + member.StateSince.Ticks, 40)}",
        $"tcp_port:{Port}",
        $"uptime_in_seconds:{(int)Math.Max(0, (now - member.StateSince).TotalSeconds)}");

    private static string Persistence(RedisMember member) => Lines("\r\n",
        "# Persistence",
        $"loading:{(member.State is RedisState.Loading ? 1 : 0)}",
        "async_loading:0",
        "rdb_bgsave_in_progress:0",
        $"rdb_last_save_time:{member.StateSince.ToUnixTimeSeconds()}",
        "rdb_last_bgsave_status:ok",
        "aof_enabled:1",
        "aof_rewrite_in_progress:0");

    private static IEnumerable<RedisMember> Replicas(RedisShard shard) =>
        shard.Members.Values.Where(m => !m.IsMaster && m.Link is not RedisLink.Down);

    private static (int First, int Last) SlotRange(int index, int shards) =>
        ((int)((long)Slots * index / shards), (int)((long)Slots * (index + 1) / shards) - 1);

    private static int SlotCount(int index, int shards) => SlotRange(index, shards) is var (first, last) ? last - first + 1 : 0;

    private static string Lines(string end, params IReadOnlyList<string> lines) => string.Concat(lines.Select(l => l + end));
}
