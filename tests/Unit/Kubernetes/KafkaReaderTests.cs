using Rollcall.Engine.Kubernetes.Probing;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

public sealed class KafkaReaderTests
{
    private const string Quorum =
        """
        ## quorum
        NodeId	DirectoryId           	LogEndOffset	Lag	LastFetchTimestamp	LastCaughtUpTimestamp	Status
        2     	Vvw1mGPfTgGVBqPUjSCpAg	12050       	0  	1764043200500     	1764043200500        	Leader
        1     	RzKDjZjjTJmVyPZGw6nYQQ	12050       	0  	1764043200400     	1764043199250        	Follower
        3     	AAAAAAAAAAAAAAAAAAAAAA	12050       	0  	1764043200400     	1764043200400        	Observer

        """;

    private static Dictionary<string, string> Read(string node, string rest)
    {
        var (found, error) = KafkaReader.Read($"## node\n{node}\n{rest}\n## end\n");
        Assert.Equal("", error);
        return found!;
    }

    private static string Partitions(string under = "", string at = "", string below = "") => $"## underReplicated\n{under}\n## atMinIsr\n{at}\n## underMinIsr\n{below}";

    private static string Line(string topic, int partition, string replicas, string isr, string leader = "1") => $"\tTopic: {topic}\tPartition: {partition}\tLeader: {leader}\tReplicas: {replicas}\tIsr: {isr}\tElr: \tLastKnownElr: ";

    [Theory]
    [InlineData("2", "leader", "0")]
    [InlineData("1", "follower", "1.25")]
    [InlineData("kafka-controller-3", "observer", "0.1")]
    public void Read_Quorum_RoleAndSecondsBehindTheLeader(string node, string role, string lag)
    {
        var found = Read(node, Quorum);

        Assert.Equal((role, lag, "joined"), (found["role"], found["lagSeconds"], found["quorum"]));
        Assert.DoesNotContain("isr", found.Keys);
    }

    [Fact]
    public void Read_OlderTableWithoutDirectoryAndTimes_HasNoLag()
    {
        var found = Read("1", "## quorum\nReplicaId\tLogEndOffset\tLag\tLastFetchTimeMs\tLastCaughtUpTimeMs\tStatus\n0\t10\t0\t-1\t-1\tLeader\n1\t10\t0\t-1\t-1\tFollower");

        Assert.Equal("follower", found["role"]);
        Assert.DoesNotContain("lagSeconds", found.Keys);
    }

    [Fact]
    public void Read_AllInSync_NothingBlocks()
    {
        var found = Read("1", Partitions());

        Assert.Equal(("broker", "complete", "", ""), (found["role"], found["isr"], found["copies"], found["copiesExempt"]));
    }

    [Fact]
    public void Read_ReplicaOutOfSync_IsrSaysWhere()
    {
        Assert.Equal("missing from orders-0", Read("3", Partitions(under: Line("orders", 0, "1,2,3", "1,2")))["isr"]);
        Assert.Equal("complete", Read("1", Partitions(under: Line("orders", 0, "1,2,3", "1,2")))["isr"]);
        var many = string.Join('\n', Enumerable.Range(0, 5).Select(i => Line("orders", i, "1,2,3", "1,2")));
        Assert.Equal("missing from orders-0, orders-1, orders-2 and 2 more", Read("3", Partitions(under: many))["isr"]);
    }

    [Theory]
    [InlineData("1", "orders-0")] // in sync, and without it too few are
    [InlineData("3", "")] // out of sync there: it holds nothing up
    [InlineData("4", "")] // has no replica of it
    public void Read_PartitionAtItsMinimum_BlocksWhoIsInSync(string node, string copies) =>
        Assert.Equal(copies, Read(node, Partitions(at: Line("orders", 0, "1,2,3", "1,2")))["copies"]);

    [Fact]
    public void Read_PartitionBelowItsMinimum_BlocksEveryReplica()
    {
        Assert.Equal("orders-7", Read("3", Partitions(below: Line("orders", 7, "1,2,3", "1")))["copies"]);
        Assert.Equal("orders-7", Read("1", Partitions(below: Line("orders", 7, "1,2,3", "", leader: "none")))["copies"]);
    }

    [Fact]
    public void Read_NoReplicaToSpareEver_IsExempt()
    {
        var found = Read("2", Partitions(at: Line("single", 0, "2", "2"), below: Line("pair", 1, "1,2", "1,2")));

        Assert.Equal(("", "single-0, pair-1"), (found["copies"], found["copiesExempt"]));
    }

    [Theory]
    [InlineData("## node\n1\n## quorum\nNodeId\tStatus\n1\tLeader\n", "The answer was cut off.")]
    [InlineData("## node\nlocalhost\n## end\n", "The answer does not say which node this is.")]
    [InlineData("## node\n9\n## quorum\nNodeId\tStatus\n1\tLeader\n## end\n", "Node 9 is not in the quorum's table.")]
    [InlineData("## node\n9\n## quorum\nError: timed out\n## end\n", "The answer has no table of the quorum.")]
    public void Read_NotWhole_SaysWhy(string output, string error) => Assert.Equal((null, error), KafkaReader.Read(output));

    [Fact]
    public void ProbeReader_KafkaProfile_LinkedLagAndCopies()
    {
        var profile = ProfileLibrary.BuiltIn.Find("kafka-kraft")!;
        var bare = new Reading { At = Given.Noon, Uid = "u", Source = "kafka" };

        var broker = ProbeReader.Read(profile.For("broker"), $"## node\n1\n{Partitions(at: Line("orders", 0, "1,2,3", "1,2"))}\n## end\n", bare);
        Assert.Equal(("broker", true, "orders-0"), (broker.Role, broker.Linked, broker.Values["copies"]));

        var follower = ProbeReader.Read(profile.For("controller"), $"## node\n1\n{Quorum}\n## end\n", bare);
        Assert.Equal(("follower", true, 1.25), (follower.Role, follower.Linked, follower.LagSeconds));
    }
}
