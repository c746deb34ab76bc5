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

    private static EngineProfile Profile(string name) => ProfileLibrary.BuiltIn.Find(name)!;

    private Reading Ask(EngineProfile profile, params (string Name, string Value)[] environment)
    {
        var (code, output) = _tools.Run(profile.Probe!.Command, environment);
        Assert.Equal(0, code);
        return Read(profile, output);
    }

    private static Reading Read(EngineProfile profile, string output) => ProbeReader.Read(profile, output, new Reading { At = DateTimeOffset.UnixEpoch, Uid = "u", Source = "test" });

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

        var read = Ask(Profile("mysql-semisync"));

        Assert.Equal(("replica", 3d, true, "8.0.36"), (read.Role, read.LagSeconds, read.Linked, read.Version));
    }

    [Theory]
    [InlineData("0", "source")]
    [InlineData("1", "detached")]
    public void MySqlSemisync_FollowsNobody_IsTheSourceOnlyIfItTakesWrites(string readOnly, string role)
    {
        MySql("REPLICA", "", readOnly);

        Assert.Equal(role, Ask(Profile("mysql-semisync")).Role);
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

        var read = Ask(Profile("galera"));

        Assert.Equal((role, linked, healthy), (read.Role, read.Linked, read.Healthy));
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
    }

    [Theory]
    [InlineData(0, 0, 0, "node", true, true)]
    [InlineData(0, 0, 69, "node", true, false)]
    [InlineData(0, 69, 0, "node", true, false)]
    [InlineData(69, 0, 0, "starting", false, true)]
    public void RabbitMq_ExitCodes_SayIt(int running, int alarms, int critical, string role, bool linked, bool healthy)
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
        Assert.Equal(critical == 0, read.Values["critical"] == "no");
        Assert.DoesNotContain(':', read.Values["critical"]);
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
    }

    [Fact]
    public void Cockroach_NoAnswer_IsNoAnswer()
    {
        _tools.With("cockroach", "exit 1");

        Assert.NotEqual(0, _tools.Run(Profile("cockroachdb").Probe!.Command).Code);
    }
}
