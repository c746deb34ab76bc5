using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Databases.Kafka;
using Xunit;

namespace Rollcall.Unit.Simulator;

/// <summary>Kafka in KRaft mode, as its own tools show it: controllers c-0..2 (ids 0..2), brokers b-0..2 (ids 100..102).</summary>
public sealed class KafkaDatabaseTests
{
    private static readonly DatabaseTimings Timings = new();

    private readonly KafkaDatabase _kafka = new("events", Timings);
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Cluster_AfterStart_HasItsActiveControllerAndEveryPartitionInSync()
    {
        Up();

        Assert.Equal("follower leader follower", string.Join(' ', Enumerable.Range(0, 3).Select(i => _kafka.RoleOf($"c-{i}"))));
        Assert.Equal("", Topics("--under-replicated-partitions"));
        Assert.Equal("", Topics("--at-min-isr-partitions"));
        Assert.All(_kafka.AllTopics.SelectMany(t => t.Partitions), p => Assert.Equal(p.Replicas[0], p.Leader));
    }

    [Fact]
    public void Status_HasTheFormOfTheReleaseThatPrintsIt()
    {
        Up("3.7.1");
        var older = Lines(Run("b-0", "kafka-metadata-quorum.sh", "--bootstrap-server", "localhost:9092", "describe", "--status"));
        Assert.Equal("CurrentVoters:          [0,1,2]", older[6]);
        Assert.Equal("CurrentObservers:       [100,101,102]", older[7]);

        Restart("b-0", "3.9.0");
        var newer = Lines(Run("b-0", "kafka-metadata-quorum.sh", "--bootstrap-server", "localhost:9092", "describe", "--status"));

        Assert.Equal(["ClusterId:", "LeaderId:", "LeaderEpoch:", "HighWatermark:", "MaxFollowerLag:", "MaxFollowerLagTimeMs:", "CurrentVoters:", "CurrentObservers:"], newer.Select(l => l.Split(' ')[0]));
        Assert.Equal("LeaderId:               1", newer[1]);
        Assert.StartsWith("CurrentVoters:          [{\"id\": 0, \"directoryId\": \"", newer[6], StringComparison.Ordinal);
        Assert.Contains("\"endpoints\": [\"CONTROLLER://c-0:9093\"]}", newer[6], StringComparison.Ordinal);
    }

    [Fact]
    public void Replication_ListsLeaderFollowersAndObserversWithTheirLag()
    {
        Up();
        _kafka.SetLag("c-0", 30, _now);

        var rows = Lines(Run("c-2", "kafka-metadata-quorum.sh", "--bootstrap-controller", "localhost:9093", "describe", "--replication"))
            .Select(l => l.Split('\t').Select(c => c.Trim()).ToArray()).ToList();

        Assert.Equal(["NodeId", "DirectoryId", "LogEndOffset", "Lag", "LastFetchTimestamp", "LastCaughtUpTimestamp", "Status", ""], rows[0]);
        Assert.Equal(["1 Leader", "0 Follower", "2 Follower", "100 Observer", "101 Observer", "102 Observer"], rows.Skip(1).Select(r => $"{r[0]} {r[6]}"));
        Assert.Equal("60", rows[2][3]);
        Assert.Equal(30_000, long.Parse(rows[2][4], System.Globalization.CultureInfo.InvariantCulture) - long.Parse(rows[2][5], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("0", rows[3][3]);
        Assert.Contains("30000 ms ago", Run("c-2", "kafka-metadata-quorum.sh", "--bootstrap-controller", "localhost:9093", "describe", "--replication", "--human-readable").Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public void Topics_HaveTheFormOfTheReleaseThatPrintsThem()
    {
        Up("3.7.1");
        var older = Lines(Run("b-0", "kafka-topics.sh", "--bootstrap-server", "localhost:9092", "--describe", "--topic", "payments"));
        Assert.Equal("\tTopic: payments\tPartition: 0\tLeader: 100\tReplicas: 100,101,102\tIsr: 100,101,102", older[1]);

        Restart("b-0", "3.9.0");
        Pass(TimeSpan.FromSeconds(30));
        var newer = Lines(Run("b-0", "kafka-topics.sh", "--bootstrap-server", "localhost:9092", "--describe", "--topic", "payments"));
        Assert.Matches("^Topic: payments\tTopicId: [A-Za-z0-9_-]{22}\tPartitionCount: 3\tReplicationFactor: 3\tConfigs: min.insync.replicas=2$", newer[0]);
        Assert.Equal("\tTopic: payments\tPartition: 0\tLeader: 100\tReplicas: 100,101,102\tIsr: 101,102,100\tElr: \tLastKnownElr: ", newer[1]);
        Assert.Equal(["__consumer_offsets", "clicks", "orders", "payments"], Lines(Run("b-0", "kafka-topics.sh", "--bootstrap-server", "localhost:9092", "--list")));
    }

    [Fact]
    public void Broker_StoppedGracefully_HandsItsPartitionsOver_AndJoinsAgainWhenItHasCaughtUp()
    {
        Up();
        _kafka.Stop("b-0", clean: true, _now);

        Assert.DoesNotContain(_kafka.AllTopics.SelectMany(t => t.Partitions), p => p.Leader == 100 || p.Isr.Contains(100));
        Assert.Equal(31, Lines(Topics("--under-replicated-partitions")).Length);
        Assert.Equal(31, Lines(Topics("--at-min-isr-partitions")).Length);
        Assert.Equal("", Topics("--under-min-isr-partitions"));

        Assert.Null(StartNode("b-0", "3.9.1"));
        Pass(Timings.Load);
        Assert.True(_kafka.Ready("b-0"));
        Assert.NotEqual("", Topics("--under-replicated-partitions"));
        Pass(Timings.Resync);
        Assert.Equal("", Topics("--under-replicated-partitions"));
        Assert.DoesNotContain(_kafka.AllTopics.SelectMany(t => t.Partitions), p => p.Leader == 100);
        Pass(TimeSpan.FromSeconds(20));
        Assert.Contains(_kafka.AllTopics.SelectMany(t => t.Partitions), p => p.Leader == 100);
    }

    [Fact]
    public void Broker_ThatDies_IsMissedForItsWholeSession()
    {
        Up();
        _kafka.Stop("b-0", clean: false, _now);

        Pass(Timings.LeaderTimeout - TimeSpan.FromMilliseconds(1));
        Assert.Contains(_kafka.AllTopics.SelectMany(t => t.Partitions), p => p.Leader == 100);
        Assert.Equal("", Topics("--under-replicated-partitions"));
        Pass(TimeSpan.FromMilliseconds(1));
        Assert.DoesNotContain(_kafka.AllTopics.SelectMany(t => t.Partitions), p => p.Leader == 100);
    }

    [Fact]
    public void LastReplicaInSync_StaysInTheIsr_AndItsPartitionHasNoLeader()
    {
        Up();
        foreach (var pod in (string[])["b-2", "b-1", "b-0"])
            _kafka.Stop(pod, clean: true, _now);
        Assert.Null(StartNode("b-1", "3.9.0"));
        Pass(TimeSpan.FromSeconds(10));

        var rows = Lines(Topics("--unavailable-partitions", "b-1"));
        Assert.Equal(31, rows.Length);
        Assert.All(rows, r => Assert.Contains("\tLeader: none\t", r, StringComparison.Ordinal));
        Assert.Equal(31, Lines(Topics("--under-min-isr-partitions", "b-1")).Length);
        Assert.Null(StartNode("b-0", "3.9.0"));
        Pass(TimeSpan.FromSeconds(10));
        Assert.Equal("", Topics("--unavailable-partitions"));
    }

    [Fact]
    public void Broker_ThatFallsFarBehind_LeavesTheIsr_AndReturns()
    {
        Up();
        _kafka.SetLag("b-2", 45, _now);
        Assert.NotEqual("", Topics("--under-replicated-partitions"));

        _kafka.SetLag("b-2", 0, _now);
        Pass(Timings.PartialResync);

        Assert.Equal("", Topics("--under-replicated-partitions"));
    }

    [Fact]
    public void ActiveController_StoppedGracefully_IsSucceededAtOnce_AndADeadOneAfterTheTimeout()
    {
        Up();
        _kafka.Stop("c-1", clean: true, _now);
        Assert.Equal(1, Run("b-0", "kafka-metadata-quorum.sh", "--bootstrap-server", "localhost:9092", "describe", "--status").ExitCode);
        Pass(Timings.Handover);
        var next = _kafka.Active!;
        Assert.NotEqual("c-1", next.Pod);

        Restart("c-1", "4.0.0");
        Assert.Equal(next, _kafka.Active);
        _kafka.Stop(next.Pod, clean: false, _now);
        Pass(Timings.LeaderTimeout - TimeSpan.FromMilliseconds(1));
        Assert.Null(_kafka.Active);
        Pass(TimeSpan.FromMilliseconds(1));
        Assert.NotNull(_kafka.Active);
    }

    [Fact]
    public void Quorum_Lost_HasNoActiveControllerUntilItIsBack()
    {
        Up();
        _kafka.Stop("c-0", clean: true, _now);
        _kafka.Stop("c-2", clean: true, _now);
        Pass(TimeSpan.FromMinutes(1));
        Assert.Null(_kafka.Active);

        Assert.Null(StartNode("c-0", "3.9.0"));
        Pass(TimeSpan.FromSeconds(10));
        Assert.NotNull(_kafka.Active);
    }

    [Fact]
    public void FailOver_MovesTheActiveController_AndNothingElse()
    {
        Up();

        Assert.False(_kafka.FailOver("brokers", _now));
        Assert.True(_kafka.FailOver("controllers", _now));

        Assert.NotEqual("c-1", _kafka.Active!.Pod);
        Assert.Equal(2, _kafka.Epoch);
        Assert.False(_kafka.SplitBrain("controllers", _now));
    }

    [Fact]
    public void Features_AreRaisedOnlyWhenEveryNodeSupportsThem_AndCloseTheWayBack()
    {
        Up("3.9.0");
        Assert.Equal("Feature: kraft.version\tSupportedMinVersion: 0\tSupportedMaxVersion: 1\tFinalizedVersionLevel: 1\tEpoch: 5\n"
            + "Feature: metadata.version\tSupportedMinVersion: 3.0-IV1\tSupportedMaxVersion: 3.9-IV0\tFinalizedVersionLevel: 3.9-IV0\tEpoch: 5\n", Features("describe").Stdout);
        foreach (var pod in (string[])["c-0", "c-2", "c-1", "b-0"])
            Restart(pod, "4.0.0");

        var early = Features("upgrade", "--metadata", "4.0");
        Assert.Equal(1, early.ExitCode);
        Assert.Equal(" `metadata` flag is deprecated and may be removed in a future release.\n"
            + "Could not upgrade metadata.version to 25. Invalid update version 25 for feature metadata.version. Broker 101 only supports versions 1-21\n", early.Stdout);
        Assert.Equal("1 out of 1 operation(s) failed.\n", early.Stderr);

        Restart("b-1", "4.0.0");
        Restart("b-2", "4.0.0");
        Assert.Contains("FinalizedVersionLevel: 3.9-IV0", Features("describe").Stdout, StringComparison.Ordinal);
        Assert.EndsWith("metadata.version was upgraded to 25.\n", Features("upgrade", "--metadata", "4.0").Stdout, StringComparison.Ordinal);
        Assert.Contains("Feature: metadata.version\tSupportedMinVersion: 3.3-IV3\tSupportedMaxVersion: 4.0-IV3\tFinalizedVersionLevel: 4.0-IV3", Features("describe").Stdout, StringComparison.Ordinal);

        Assert.Contains("Refusing to perform the requested downgrade because it might delete metadata information.", Features("downgrade", "--metadata", "3.9").Stdout, StringComparison.Ordinal);
        _kafka.Stop("b-2", clean: true, _now);
        Assert.Contains("No MetadataVersion with feature level 25. Valid feature levels are from 1 to 21.", StartNode("b-2", "3.9.0"), StringComparison.Ordinal);
    }

    [Fact]
    public void Features_OfOneMetadataFormat_GoBothWays()
    {
        Up("3.9.0");

        Assert.EndsWith("metadata.version was downgraded to 20.\n", Features("downgrade", "--metadata", "3.8").Stdout, StringComparison.Ordinal);
        Assert.Equal("metadata.version can be upgraded to 21.\n", Features("upgrade", "--feature", "metadata.version=21", "--dry-run").Stdout);
        Assert.Equal(20, _kafka.Level);
    }

    [Fact]
    public void HandoversThatFail_TurnAGracefulStopIntoADeath()
    {
        Up();
        _kafka.HandoversFail = true;
        _kafka.Stop("c-1", clean: true, _now);

        Pass(Timings.LeaderTimeout - TimeSpan.FromMilliseconds(1));
        Assert.Null(_kafka.Active);
    }

    [Theory]
    [InlineData("c-0", "kafka-topics.sh", "Error while executing topic command : Timed out waiting for a node assignment. Call: listTopics", "--bootstrap-server", "localhost:9092", "--describe")]
    [InlineData("b-0", "kafka-topics.sh", "Missing required argument", "--describe")]
    [InlineData("b-0", "kafka-topics.sh", "create is not a recognized option", "--bootstrap-server", "localhost:9092", "--create")]
    [InlineData("b-0", "kafka-metadata-quorum.sh", "One of --status or --replication must be specified", "--bootstrap-server", "localhost:9092", "describe")]
    [InlineData("b-0", "kafka-metadata-quorum.sh", "TimeoutException", "--bootstrap-server", "elsewhere:9092", "describe", "--status")]
    [InlineData("b-0", "kafka-features.sh", "Unknown metadata.version 9.9", "--bootstrap-server", "localhost:9092", "upgrade", "--metadata", "9.9")]
    public void Tool_ThatCannotDoIt_SaysSo(string pod, string tool, string error, params string[] arguments)
    {
        Up();

        var result = Run(pod, [tool, .. arguments]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(error, result.Stdout + result.Stderr, StringComparison.Ordinal);
    }

    private void Up(string version = "3.9.0")
    {
        _kafka.Declare(new("controller", "controllers", "c-1") { Members = ["c-0", "c-1", "c-2"] });
        _kafka.Declare(new("broker", "brokers", "b-0") { Members = ["b-0", "b-1", "b-2"] });
        foreach (var pod in (string[])["b-0", "b-1", "b-2", "c-0", "c-1", "c-2"])
            Assert.Null(StartNode(pod, version));
        Pass(TimeSpan.FromSeconds(10));
    }

    private string? StartNode(string pod, string version) =>
        _kafka.Start(new(pod, pod[0] is 'c' ? "controllers" : "brokers", "10.0.0.1", version, pod[0] is 'c' ? "controller" : "broker"), _now);

    private void Restart(string pod, string version)
    {
        _kafka.Stop(pod, clean: true, _now);
        Pass(TimeSpan.FromSeconds(1));
        Assert.Null(StartNode(pod, version));
        Pass(TimeSpan.FromSeconds(5));
    }

    private void Pass(TimeSpan time)
    {
        _now += time;
        _kafka.Advance(_now);
    }

    private CommandResult Run(string pod, params string[] words) => _kafka.RunAsync(pod, words, _now).Result!;

    private string Topics(string filter, string pod = "b-1")
    {
        var result = Run(pod, "kafka-topics.sh", "--bootstrap-server", "localhost:9092", "--describe", filter);
        Assert.Equal((0, ""), (result.ExitCode, result.Stderr));
        return result.Stdout;
    }

    private CommandResult Features(params string[] arguments) => Run("b-0", ["kafka-features.sh", "--bootstrap-server", "localhost:9092", .. arguments]);

    private static string[] Lines(CommandResult result)
    {
        Assert.Equal((0, ""), (result.ExitCode, result.Stderr));
        return Lines(result.Stdout);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
