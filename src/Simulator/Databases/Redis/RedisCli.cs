namespace Rollcall.Simulator.Databases.Redis;

/// <summary>redis-cli as it answers when its output is not a terminal: raw replies, and exit code 0 even for an error reply.</summary>
internal static class RedisCli
{
    /// <summary>Options that take a value; the value is not part of the command.</summary>
    private static readonly HashSet<string> ValueOptions =
        ["-h", "-p", "-a", "-u", "-n", "-s", "-t", "--user", "--pass", "--cacert", "--cert", "--key", "-r", "-i", "-d", "-D"];

    public static CommandResult? Run(RedisClusterDatabase cluster, RedisMember member, IReadOnlyList<string> words, DateTimeOffset now)
    {
        if (words is not ["redis-cli", ..])
            return null;
        if (member.State is RedisState.Down)
            return CommandResult.Fail(1, "Could not connect to Redis at 127.0.0.1:6379: Connection refused\n");

        var command = Command(words);
        var reply = command switch
        {
            ["ping"] or [] when member.State is RedisState.Loading => Loading,
            ["ping"] => "PONG",
            ["info", ..] => RedisReports.Info(cluster, member, command.Count > 1 ? command[1] : "default", now),
            _ when member.State is RedisState.Loading => Loading,
            ["cluster", "info"] => RedisReports.ClusterInfo(cluster, member),
            ["cluster", "nodes"] => RedisReports.ClusterNodes(cluster, member, now),
            ["cluster", "myid"] => member.NodeId,
            ["cluster", "failover"] => Failover(cluster, member, force: false, now),
            ["cluster", "failover", "force" or "takeover"] => Failover(cluster, member, force: true, now),
            ["role"] => RedisReports.Role(member, now),
            ["bgsave"] => "Background saving started",
            ["lastsave"] => member.StateSince.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["dbsize"] => "118204",
            ["wait", ..] => member.Shard.Members.Values.Count(m => m.Link is RedisLink.Up).ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["config", "get", var key, ..] => $"{key}\n",
            ["config", "set", ..] or ["save"] => "OK",
            [] => "",
            _ => $"ERR unknown command '{words[^command.Count]}', with args beginning with: \n",
        };
        return CommandResult.Ok(reply + "\n");
    }

    private const string Loading = "LOADING Redis is loading the dataset in memory\n";

    private static List<string> Command(IReadOnlyList<string> words)
    {
        var index = 1;
        while (index < words.Count && words[index].StartsWith('-'))
            index += ValueOptions.Contains(words[index]) ? 2 : 1;
        return [.. words.Skip(index).Select(w => w.ToLowerInvariant())];
    }

    private static string Failover(RedisClusterDatabase cluster, RedisMember member, bool force, DateTimeOffset now)
    {
        if (member.IsMaster)
            return "ERR You should send CLUSTER FAILOVER to a replica\n";
        if (!force && (!member.Shard.Served || member.Link is RedisLink.Down))
            return "ERR Master is down or failed, please use CLUSTER FAILOVER FORCE\n";
        cluster.BeginHandover(member, force, now);
        return "OK";
    }
}
