using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Databases.Redis;
using Xunit;

namespace Rollcall.Unit.Simulator;

/// <summary>Redis Cluster's behaviour that Rollcall's safety depends on.</summary>
public sealed class RedisClusterDatabaseTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DatabaseTimings Timings = new();

    private readonly RedisClusterDatabase _cluster = new("orders", Timings, formatBreaking: true);
    private DateTimeOffset _now = Start;

    [Fact]
    public void Cluster_AfterStart_HasTheDeclaredMasterAndLinkedReplicas()
    {
        Up(shards: 3);

        Assert.Contains("role:master", Replication("s0-1"), StringComparison.Ordinal);
        Assert.Contains("connected_slaves:2", Replication("s0-1"), StringComparison.Ordinal);
        Assert.Contains("master_link_status:up", Replication("s0-0"), StringComparison.Ordinal);
        Assert.Contains("cluster_state:ok", Cli("s1-0", "CLUSTER", "INFO"), StringComparison.Ordinal);
        var nodes = Cli("s0-0", "CLUSTER", "NODES").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(9, nodes.Length);
        Assert.Equal(["0-5460", "5461-10921", "10922-16383"], nodes.Where(n => n.Contains(" master ", StringComparison.Ordinal) || n.Contains(",master ", StringComparison.Ordinal)).Select(n => n.Split(' ')[^1]));
        Assert.Single(nodes, n => n.Contains("myself,", StringComparison.Ordinal));
    }

    [Fact]
    public void Replica_WhileLinked_FollowsTheMovingOffsetClosely()
    {
        Up(shards: 3);
        var before = Offset("s0-1", "master_repl_offset");

        Pass(seconds: 10);

        Assert.Equal(before + 10 * (long)Timings.BytesPerSecond, Offset("s0-1", "master_repl_offset"));
        Assert.InRange(Offset("s0-1", "master_repl_offset") - Offset("s0-0", "slave_repl_offset"), 0, Timings.BytesPerSecond / 5);
    }

    [Fact]
    public void SetLag_HoldsTheReplicaBackBySoManySecondsOfWrites()
    {
        Up(shards: 3);

        _cluster.SetLag("s0-0", 30, _now);

        Assert.InRange(Offset("s0-1", "master_repl_offset") - Offset("s0-0", "slave_repl_offset"), 30 * Timings.BytesPerSecond, 31 * Timings.BytesPerSecond);
        Assert.InRange(Offset("s0-1", "master_repl_offset") - Offset("s0-2", "slave_repl_offset"), 0, Timings.BytesPerSecond);
    }

    [Fact]
    public void Master_GoneForTheNodeTimeout_IsReplacedByAnElection()
    {
        Up(shards: 3);
        _cluster.Stop("s0-1", clean: true, _now);

        Pass(Timings.LeaderTimeout - TimeSpan.FromMilliseconds(1));
        Assert.DoesNotContain("role:master", Replication("s0-0") + Replication("s0-2"), StringComparison.Ordinal);
        Assert.Contains("master_link_status:down", Replication("s0-0"), StringComparison.Ordinal);
        Assert.Contains("cluster_state:ok", Cli("s1-0", "CLUSTER", "INFO"), StringComparison.Ordinal);

        Pass(TimeSpan.FromMilliseconds(1));
        var leaders = new[] { "s0-0", "s0-2" }.Where(p => Replication(p).Contains("role:master", StringComparison.Ordinal)).ToList();
        Assert.Single(leaders);
        Assert.Contains("cluster_current_epoch:4", Cli("s1-0", "CLUSTER", "INFO"), StringComparison.Ordinal);
    }

    [Fact]
    public void Master_BackBeforeTheNodeTimeout_StaysMaster()
    {
        Up(shards: 3);
        _cluster.Stop("s0-1", clean: true, _now);
        Pass(seconds: 2);
        StartMember("s0", 1, "7.2.4");
        Pass(seconds: 20);

        Assert.Contains("role:master", Replication("s0-1"), StringComparison.Ordinal);
        Assert.Contains("connected_slaves:2", Replication("s0-1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Election_WithoutAMajorityOfMasters_DoesNotHappen()
    {
        Up(shards: 2);
        _cluster.Stop("s0-1", clean: true, _now);

        Pass(seconds: 60);

        Assert.DoesNotContain("role:master", Replication("s0-0") + Replication("s0-2"), StringComparison.Ordinal);
        Assert.Contains("cluster_state:fail", Cli("s1-0", "CLUSTER", "INFO"), StringComparison.Ordinal);
    }

    [Fact]
    public void Failover_OnALinkedReplica_PromotesItAndLosesNothing()
    {
        Up(shards: 3);

        Assert.Equal("OK\n", Cli("s0-2", "CLUSTER", "FAILOVER"));
        Assert.Contains("role:slave", Replication("s0-2"), StringComparison.Ordinal);
        var promisedOffset = Offset("s0-1", "master_repl_offset");
        Pass(Timings.Handover);

        Assert.Contains("role:master", Replication("s0-2"), StringComparison.Ordinal);
        Assert.Contains("role:slave", Replication("s0-1"), StringComparison.Ordinal);
        Assert.True(Offset("s0-2", "master_repl_offset") >= promisedOffset);
        Pass(Timings.PartialResync);
        Assert.Contains("connected_slaves:2", Replication("s0-2"), StringComparison.Ordinal);
        Assert.Equal(["s0-1", "s0-2"], _cluster.TakeRoleChanges().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("s0-1", "ERR You should send CLUSTER FAILOVER to a replica\n\n")]
    [InlineData("s0-0", "ERR Master is down or failed, please use CLUSTER FAILOVER FORCE\n\n")]
    public void Failover_WhereItCannotWork_AnswersRedisOwnError(string pod, string error)
    {
        Up(shards: 3);
        if (pod == "s0-0")
            _cluster.Stop("s0-1", clean: true, _now);

        Assert.Equal(error, Cli(pod, "CLUSTER", "FAILOVER"));
    }

    [Fact]
    public void Failover_OfAReplicaFarBehind_IsGivenUp()
    {
        Up(shards: 3);
        _cluster.SetLag("s0-0", 60, _now);

        Assert.Equal("OK\n", Cli("s0-0", "CLUSTER", "FAILOVER"));
        Pass(seconds: 30);

        Assert.Contains("role:master", Replication("s0-1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Failover_WhileHandoversFail_SaysOkAndDoesNothing()
    {
        Up(shards: 3);
        _cluster.HandoversFail = true;

        Assert.Equal("OK\n", Cli("s0-0", "CLUSTER", "FAILOVER"));
        Pass(seconds: 30);

        Assert.Contains("role:master", Replication("s0-1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Replica_AfterARestart_CopiesEverythingBeforeItsLinkIsUp()
    {
        Up(shards: 3);
        _cluster.Stop("s0-0", clean: true, _now);
        StartMember("s0", 0, "7.2.5");

        Assert.StartsWith("LOADING", Cli("s0-0", "CLUSTER", "INFO"), StringComparison.Ordinal);
        Assert.False(_cluster.Ready("s0-0"));
        Pass(Timings.Load);
        Assert.True(_cluster.Ready("s0-0"));
        Assert.Contains("master_sync_in_progress:1", Replication("s0-0"), StringComparison.Ordinal);
        Assert.Contains("state=wait_bgsave", Replication("s0-1"), StringComparison.Ordinal);
        Pass(Timings.Resync);
        Assert.Contains("master_link_status:up", Replication("s0-0"), StringComparison.Ordinal);
        Assert.Contains("redis_version:7.2.5", Cli("s0-0", "INFO", "server"), StringComparison.Ordinal);
    }

    [Fact]
    public void OlderBinary_BeforeTheNewMajorLed_StartsAndAfterItDoesNot()
    {
        Up(shards: 3);
        Restart("s0", 0, "8.0.1");
        Assert.Null(Restart("s0", 0, "7.2.4"));

        Restart("s0", 0, "8.0.1");
        Restart("s0", 2, "8.0.1");
        Cli("s0-0", "CLUSTER", "FAILOVER");
        Pass(seconds: 5);
        Restart("s0", 1, "8.0.1");

        Assert.Contains("RDB format", Restart("s0", 2, "7.2.4"), StringComparison.Ordinal);
        Assert.Contains("RDB format", Restart("s0", 0, "7.2.4"), StringComparison.Ordinal);
    }

    [Fact]
    public void SplitBrain_ShowsASecondMasterInItsOwnEyesUntilItRestarts()
    {
        Up(shards: 3);

        Assert.True(_cluster.SplitBrain("s0", _now));
        var masters = Enumerable.Range(0, 3).Select(i => $"s0-{i}").Where(p => Replication(p).Contains("role:master", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, masters.Count);

        Restart("s0", int.Parse(masters.Single(m => m != "s0-1")[^1..], System.Globalization.CultureInfo.InvariantCulture), "7.2.4");
        Assert.Single(Enumerable.Range(0, 3), i => Replication($"s0-{i}").Contains("role:master", StringComparison.Ordinal));
    }

    [Fact]
    public void DeadMember_RefusesConnections()
    {
        Up(shards: 3);
        _cluster.Stop("s0-0", clean: true, _now);

        var answer = RedisCli.Run(_cluster, _cluster.Find("s0-0")!, ["redis-cli", "PING"], _now)!;

        Assert.Equal((1, ""), (answer.ExitCode, answer.Stdout));
        Assert.Contains("Connection refused", answer.Stderr, StringComparison.Ordinal);
    }

    private void Up(int shards)
    {
        for (var shard = 0; shard < shards; shard++)
            _cluster.Declare(new("redis", $"s{shard}", $"s{shard}-1"));
        for (var shard = 0; shard < shards; shard++)
        {
            for (var ordinal = 0; ordinal < 3; ordinal++)
                Assert.Null(StartMember($"s{shard}", ordinal, "7.2.4"));
        }
        Pass(seconds: 5);
        _cluster.TakeRoleChanges();
    }

    private string? StartMember(string shard, int ordinal, string version) =>
        _cluster.Start(new($"{shard}-{ordinal}", shard, $"10.0.{shard[1..]}.{ordinal}", version), _now);

    private string? Restart(string shard, int ordinal, string version)
    {
        _cluster.Stop($"{shard}-{ordinal}", clean: true, _now);
        var crash = StartMember(shard, ordinal, version);
        Pass(seconds: 5);
        return crash;
    }

    private void Pass(double seconds) => Pass(TimeSpan.FromSeconds(seconds));

    private void Pass(TimeSpan time)
    {
        _now += time;
        _cluster.Advance(_now);
    }

    private string Replication(string pod) => Cli(pod, "INFO", "replication");

    private string Cli(string pod, params string[] command) =>
        RedisCli.Run(_cluster, _cluster.Find(pod)!, ["redis-cli", .. command], _now)!.Stdout;

    private long Offset(string pod, string key) =>
        long.Parse(Replication(pod).Split("\r\n").Single(l => l.StartsWith(key + ":", StringComparison.Ordinal))[(key.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
}
