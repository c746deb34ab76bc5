using Rollcall.Engine.Kubernetes.Probing;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Profiles;

/// <summary>The probes of the families: the profile's own script, run by a real shell on what the database's tool prints as its makers document it, and read by the profile's own reader.</summary>
public sealed class FamilyProbeTests : IDisposable
{
    private readonly ToolBox _tools = new();

    public void Dispose() => _tools.Dispose();

    private static EngineProfile Profile(string name, string component = "data") => ProfileLibrary.BuiltIn.Find(name)!.For(component);

    private Reading Ask(EngineProfile profile, params (string Name, string Value)[] environment)
    {
        var (code, output) = _tools.Run(profile.Probe!.Command, environment);
        Assert.Equal(0, code);
        return Read(profile, output);
    }

    private static Reading Read(EngineProfile profile, string output) => ProbeReader.Read(profile, output, new Reading { At = DateTimeOffset.UnixEpoch, Uid = "u", Source = "test" });

    private const string RedisReplica = """
        # Replication
        role:slave
        master_host:10.0.0.7
        master_port:6379
        master_link_status:up
        master_last_io_seconds_ago:1
        master_sync_in_progress:0
        slave_read_repl_offset:1204
        slave_repl_offset:1204
        slave_priority:100
        slave_read_only:1
        connected_slaves:0
        master_repl_offset:1204
        redis_version:7.2.4
        loading:0
        """;

    [Fact]
    public void RedisSentinel_Data_RoleOffsetLinkAndLoading()
    {
        var read = Ask(Tools("redis-sentinel", "redis", "redis-cli", RedisReplica));

        Assert.Equal(("secondary", 1204, true, true, "7.2.4"), (read.Role, read.Position, read.Linked, read.Healthy, read.Version));
    }

    private EngineProfile Tools(string profile, string component, string tool, string prints)
    {
        _tools.Printing(tool, prints);
        return Profile(profile, component);
    }

    [Theory]
    [InlineData("ok", true)]
    [InlineData("odown", false)]
    public void RedisSentinel_Sentinel_KnowsEveryMasterWell(string status, bool linked)
    {
        _tools.With("redis-cli", $"""
            case "$*" in
            *"INFO server"*) printf '# Server\r\nredis_version:7.2.4\r\nredis_mode:sentinel\r\n' ;;
            *) printf '# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:0\r\nmaster0:name=mymaster,status={status},address=10.0.0.7:6379,slaves=2,sentinels=3\r\n' ;;
            esac
            """);

        var read = Ask(Profile("redis-sentinel", "redis-sentinel"));

        Assert.Equal(("sentinel", linked, "7.2.4"), (read.Role, read.Linked, read.Version));
    }

    [Fact]
    public void RedisSentinel_Switchover_NamesTheMasterItFound()
    {
        _tools.With("redis-cli", """
            case "$*" in
            *"SENTINEL MASTERS"*) printf 'name\nmymaster\nip\n10.0.0.7\n' ;;
            *"SENTINEL FAILOVER mymaster") echo OK ;;
            *) echo "asked: $*" ;;
            esac
            """);

        Assert.Equal((0, "OK\n"), _tools.Run(Profile("redis-sentinel", "redis").Switchover!.Command));
    }

    [Theory]
    [InlineData("""{"role": "secondary", "state": "ONLINE", "version": "8.4.3", "unreachable": 0, "queue": 0, "lagSeconds": 0.0000}""", "secondary", true, true)]
    [InlineData("""{"role": "primary", "state": "ONLINE", "version": "8.4.3", "unreachable": 1, "queue": 0, "lagSeconds": 0.0000}""", "primary", true, false)]
    [InlineData("""{"role": "recovering", "state": "RECOVERING", "version": "8.4.3", "unreachable": 0, "queue": 41, "lagSeconds": 12.5000}""", "recovering", false, true)]
    public void MySqlGroup_Row_IsReadAsItIs(string row, string role, bool linked, bool healthy)
    {
        _tools.With("mysql", $"[ -n \"$MYSQL_PWD\" ] || exit 1\ncat <<'END'\n{row}\nEND");

        var read = Ask(Profile("mysql-group-replication", "mysql"), ("MYSQL_ROOT_PASSWORD", "s3cret"));

        Assert.Equal((role, linked, healthy, "8.4.3"), (read.Role, read.Linked, read.Healthy, read.Version));
        Assert.Equal(role == "recovering" ? null : role, Profile("mysql-group-replication", "mysql").Normalise(read.Role));
    }

    private const string ReplicaStatus = """
        *************************** 1. row ***************************
                     Replica_IO_State: Waiting for source to send event
                          Source_Host: 10.0.0.7
                  Read_Source_Log_Pos: 5311
                   Replica_IO_Running: Yes
                  Replica_SQL_Running: Yes
                  Exec_Source_Log_Pos: 5311
                      Relay_Log_Space: 5800
                Seconds_Behind_Source: 3
        """;

    [Theory]
    [InlineData("REPLICA", "0")]
    [InlineData("SLAVE", "0")]
    public void MySqlSemisync_Replica_WithTheNewWordsAndTheOld(string word, string readOnly)
    {
        var status = word == "SLAVE" ? ReplicaStatus.Replace("Replica_", "Slave_", StringComparison.Ordinal).Replace("_Source:", "_Master:", StringComparison.Ordinal).Replace("Source_", "Master_", StringComparison.Ordinal) : ReplicaStatus;
        MySql(word, status, readOnly);

        var read = Ask(Profile("mysql-semisync", "mysql"));

        Assert.Equal(("replica", 3d, true, "8.0.36"), (read.Role, read.LagSeconds, read.Linked, read.Version));
    }

    [Theory]
    [InlineData("0", "source")]
    [InlineData("1", "detached")]
    public void MySqlSemisync_FollowsNobody_IsTheSourceOnlyIfItTakesWrites(string readOnly, string role)
    {
        MySql("REPLICA", "", readOnly);

        Assert.Equal(role, Ask(Profile("mysql-semisync", "mysql")).Role);
    }

    private void MySql(string word, string status, string readOnly)
    {
        _tools.With("mysql", $"""
            case "$*" in
            *"SHOW {word} STATUS"*) cat <<'END'
            {status}
            END
            ;;
            *"SHOW REPLICA STATUS"*) exit 1 ;;
            *read_only*) if [ {readOnly} = 0 ]; then echo role:source; else echo role:detached; fi ;;
            *version*) echo version:8.0.36 ;;
            esac
            """);
    }

    [Theory]
    [InlineData("Synced", "Primary", "node", true, true)]
    [InlineData("Donor/Desynced", "Primary", "Donor/Desynced", true, true)]
    [InlineData("Synced", "non-Primary", "node", true, false)]
    public void Galera_StatusVariables_AreReadAsTheyAre(string state, string cluster, string role, bool linked, bool healthy)
    {
        _tools.With("mysql", $"printf 'wsrep_cluster_size\\t3\\nwsrep_cluster_status\\t{cluster}\\nwsrep_connected\\tON\\nwsrep_local_recv_queue\\t0\\nwsrep_local_state_comment\\t{state}\\nwsrep_ready\\tON\\n'");

        var read = Ask(Profile("galera", "pxc"));

        Assert.Equal((role, linked, healthy), (read.Role, read.Linked, read.Healthy));
    }

    private const string Etcd = """[{"Endpoint":"127.0.0.1:2379","Status":{"header":{"cluster_id":14841639068965178418,"member_id":10276657743932975437,"revision":12,"raft_term":3},"version":"3.5.17","dbSize":20480,"leader":LEADER,"raftIndex":5000,"raftTerm":3,"raftAppliedIndex":APPLIED,"dbSizeInUse":16384LEARNER}}]""";

    [Theory]
    [InlineData("10276657743932975437", "5000", "", "leader", true, true)]
    [InlineData("9372538179322589801", "4990", "", "follower", true, true)]
    [InlineData("9372538179322589801", "100", "", "follower", false, true)]
    [InlineData("0", "5000", ",\"errors\":[\"etcdserver: no leader\"]", "follower", false, false)]
    [InlineData("9372538179322589801", "5000", ",\"isLearner\":true", "learner", true, true)]
    public void Etcd_EndpointStatus_IdsAreCompared(string leader, string applied, string more, string role, bool linked, bool healthy)
    {
        var read = Read(Profile("etcd"), Etcd.Replace("LEADER", leader, StringComparison.Ordinal).Replace("APPLIED", applied, StringComparison.Ordinal).Replace("LEARNER", more, StringComparison.Ordinal));

        Assert.Equal((role, healthy, "3.5.17"), (read.Role, read.Healthy, read.Version));
        Assert.Equal(role == "leader" || linked, read.Linked);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[{\"Endpoint\":\"x\"}]")]
    public void Etcd_AnythingElse_IsNoAnswer(string output) => Assert.NotNull(Read(Profile("etcd"), output).Error);

    [Theory]
    [InlineData("follower")]
    [InlineData("leader")]
    [InlineData("observer")]
    public void ZooKeeper_Srvr_SaysTheMode(string mode)
    {
        var profile = Profile("zookeeper");

        Assert.Equal(mode, Read(profile, $"Zookeeper version: 3.8.4-9316c2a7a97e1666d8f4593f34dd6fc36ecc436c, built on 2024-02-12 22:16 UTC\nLatency min/avg/max: 0/0.0/0\nReceived: 4\nSent: 3\nConnections: 1\nOutstanding: 0\nZxid: 0x100000002\nMode: {mode}\nNode count: 5\n").Role);
        Assert.NotNull(Read(profile, "This ZooKeeper instance is not currently serving requests\n").Error);
    }

    [Theory]
    [InlineData("UN", true)]
    [InlineData("DN", false)]
    [InlineData("UJ", false)]
    public void Cassandra_EveryPeerUpAndNormal_OrNotHealthy(string third, bool healthy)
    {
        _tools.With("nodetool", $"""
            case "$1" in
            netstats) printf 'Mode: NORMAL\nNot sending any streams.\nRead Repair Statistics:\nAttempted: 0\n' ;;
            describecluster) printf 'Cluster Information:\n\tName: demo\n\tSchema versions:\n\t\te84b6a60-24cf-30ca-9b58-452d92911703: [10.0.0.1, 10.0.0.2, 10.0.0.3]\n' ;;
            status) cat <<'END'
            Datacenter: dc1
            ===============
            Status=Up/Down
            |/ State=Normal/Leaving/Joining/Moving
            --  Address   Load       Tokens  Owns (effective)  Host ID                               Rack
            UN  10.0.0.1  108.45 KB  16      100.0%            1b2c3d4e-0000-0000-0000-000000000001  rack1
            UN  10.0.0.2  109.12 KB  16      100.0%            1b2c3d4e-0000-0000-0000-000000000002  rack2
            {third}  10.0.0.3  107.80 KB  16      100.0%            1b2c3d4e-0000-0000-0000-000000000003  rack3
            END
            ;;
            esac
            """);

        var read = Ask(Profile("cassandra"));

        Assert.Equal(("node", healthy), (read.Role, read.Healthy));
        Assert.Equal(("3", "1"), (read.Values["peers"], read.Values["schema_versions"]));
    }

    [Theory]
    [InlineData(0, 0, 0, "node", true, true, null)]
    [InlineData(0, 0, 69, "node", true, true, "Node rabbit@rmq-0 is quorum-critical")]
    [InlineData(0, 69, 0, "node", true, false, null)]
    [InlineData(69, 0, 0, "starting", false, true, null)]
    public void RabbitMq_ExitCodes_SayIt(int running, int alarms, int critical, string role, bool linked, bool healthy, string? copies)
    {
        _tools.With("rabbitmq-diagnostics", $"""
            case "$*" in
            *check_running*) exit {running} ;;
            *check_local_alarms*) exit {alarms} ;;
            *) [ {critical} = 0 ] || echo 'Node rabbit@rmq-0 is quorum-critical: some quorum queues would lose their quorum'; exit {critical} ;;
            esac
            """).Printing("rabbitmqctl", "3.13.7");

        var read = Ask(Profile("rabbitmq"));

        Assert.Equal((role, linked, healthy, "3.13.7"), (read.Role, read.Linked, read.Healthy, read.Version));
        Assert.Equal(copies is null, read.Values.GetValueOrDefault("critical", "").Length == 0);
        if (copies is not null)
            Assert.StartsWith(copies, read.Values["critical"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", 0, true)]
    [InlineData("true", 3, false)]
    [InlineData("false", 0, false)]
    public void Cockroach_NodeStatus_ColumnsByName(string live, int under, bool healthy)
    {
        _tools.Printing("cockroach", $"""
            id,address,sql_address,build,started_at,updated_at,locality,is_available,is_live,replicas_leaders,replicas_leaseholders,ranges,ranges_unavailable,ranges_underreplicated
            1,c-0.c:26257,c-0.c:26257,v24.1.2,2026-01-01 00:00:00,2026-01-01 00:00:01,,true,true,20,20,60,0,{under}
            2,c-1.c:26257,c-1.c:26257,v24.1.2,2026-01-01 00:00:00,2026-01-01 00:00:01,,true,{live},20,20,60,0,0
            """);

        var read = Ask(Profile("cockroachdb"));

        Assert.Equal(("node", healthy), (read.Role, read.Healthy));
        Assert.Equal("2", read.Values["nodes"]);
    }

    [Fact]
    public void Cockroach_NoAnswer_IsNoAnswer()
    {
        _tools.With("cockroach", "exit 1");

        Assert.NotEqual(0, _tools.Run(Profile("cockroachdb").Probe!.Command).Code);
    }

    [Theory]
    [InlineData(0, 3, true)]
    [InlineData(1, 3, false)]
    public void ClickHouse_Row_IsReadAsItIs(int readOnly, double lag, bool linked)
    {
        _tools.Printing("clickhouse-client", $$"""{"role":"replica","version":"24.8.4.13","lagSeconds":{{lag}},"readonly":"{{readOnly}}"}""");

        var read = Ask(Profile("clickhouse", "clickhouse"));

        Assert.Equal(("replica", lag, linked, "24.8.4.13"), (read.Role, read.LagSeconds!.Value, read.Linked, read.Version));
    }

    [Fact]
    public void ClickHouseKeeper_Mntr_SaysTheState() =>
        Assert.Equal("follower", Read(Profile("clickhouse", "ch-keeper"), "zk_version:v24.8.4.13-stable\nzk_avg_latency:0\nzk_server_state:follower\nzk_znode_count:14\n").Role);

    private const string Members = """{ "name": "pod-0", "member_id": 13195394291058371180, "peer_urls": [ "http://pod-0:2380" ], "client_urls": [ "http://pod-0:2379" ] }""";

    [Theory]
    [InlineData("pod-0", "leader")]
    [InlineData("pod-1", "follower")]
    public void PlacementDriver_LeadsWhomTheLeaderIsNamedAfter(string me, string role)
    {
        _tools.With("pd-ctl", $$"""case "$*" in *health*) echo '[ { "name": "pod-0", "health": true }, { "name": "pod-1", "health": false } ]' ;; *) echo '{{Members}}' ;; esac""").Printing("hostname", me);

        var read = Ask(Profile("tidb", "tidb-pd"));

        Assert.Equal((role, false), (read.Role, read.Healthy));
    }

    [Fact]
    public void PlacementDriver_Switchover_NamesTheChosenOne()
    {
        _tools.With("pd-ctl", "case \"$*\" in *'member leader transfer pod-1') echo 'Success!' ;; *) echo \"asked: $*\" ;; esac");

        Assert.Equal((0, "Success!\n"), _tools.Run(Profile("tidb", "pd").Switchover!.Command));
    }

    [Fact]
    public void Vitess_DebugVars_TypeStateAndLag()
    {
        _tools.Printing("curl", """
            {
            "BuildHost": "runner",
            "TabletStateName": "SERVING",
            "TabletType": "replica",
            "TabletServerState": {"NOT_SERVING": 0, "SERVING": 1},
            "replicationLagSec": 4
            }
            """);

        var read = Ask(Profile("vitess", "tablets"));

        Assert.Equal(("replica", 4d, true), (read.Role, read.LagSeconds!.Value, read.Linked));
    }

    [Fact]
    public void Vitess_Switchover_WithoutAnAddress_SaysWhatIsMissing()
    {
        _tools.With("vtctldclient", "echo \"$*\"");

        var (code, output) = _tools.Run(Profile("vitess", "tablets").Switchover!.Command, ("VTCTLD_SERVER", "vtctld:15999"), ("TABLET_ALIAS", "zone1-101"), ("KEYSPACE", "commerce"), ("SHARD", "0"));
        Assert.Equal((0, "--server vtctld:15999 PlannedReparentShard commerce/0 --new-primary zone1-101 --wait-replicas-timeout 30s\nreparented\n"), (code, output));
    }

    private void Elastic(string health, string shards, string master = "es-0") => _tools.With("curl", $"""
        case "$*" in
        *_cat/health*) echo '{health}' ;;
        *_cat/master*) echo '{master}' ;;
        *_cat/shards*) cat <<'END'
        {shards}
        END
        ;;
        esac
        """).Printing("hostname", "es-0");

    [Theory]
    [InlineData("green 0 0 0", true)]
    [InlineData("yellow 0 0 0", true)]
    [InlineData("yellow 1 0 0", false)]
    [InlineData("yellow 0 2 0", false)]
    [InlineData("red 0 0 1", false)]
    public void Elasticsearch_YellowIsFineWhenNothingMoves(string health, bool healthy)
    {
        Elastic(health, "orders 0 STARTED es-0\norders 0 STARTED es-1");

        var read = Ask(Profile("elasticsearch", "hot"));

        Assert.Equal(("node", healthy), (read.Role, read.Healthy));
    }

    [Fact]
    public void Elasticsearch_TheOnlyStartedCopy_IsNamed_OneThatNeverHadAnotherIsExempt()
    {
        Elastic("yellow 0 0 0", "orders 0 STARTED es-0\norders 0 UNASSIGNED\norders 1 STARTED es-0\norders 1 STARTED es-1\nlogs 0 STARTED es-0\nother 0 STARTED es-1\nother 0 UNASSIGNED");

        var read = Ask(Profile("elasticsearch", "data"));

        Assert.Equal(("orders/0", "logs/0"), (read.Values["only_copies"], read.Values["never_a_second_copy"]));
    }

    [Theory]
    [InlineData("es-0", "elected")]
    [InlineData("es-2", "eligible")]
    public void Elasticsearch_Master_IsTheOneNamed(string master, string role)
    {
        Elastic("green 0 0 0", "", master);

        Assert.Equal(role, Ask(Profile("elasticsearch", "master")).Role);
    }
}
