using Rollcall.Engine.Profiles;
using Xunit;

namespace Rollcall.Unit.Profiles;

public sealed class BuiltInProfileTests
{
    [Fact]
    public void BuiltIn_HasWhatTheGuideNames() =>
        Assert.All(ProfileLibrary.BuiltIn.All, p => Assert.Contains($"`{p.Name}`", File.ReadAllText(Path.Combine(Repository.Root, "docs", "profiles.md")), StringComparison.Ordinal));

    [Fact]
    public void Text_ReadAgain_GivesTheSameProfile()
    {
        foreach (var profile in ProfileLibrary.BuiltIn.All)
        {
            var again = ProfileReader.Read(profile.Text, profile.Source);
            Assert.True(again.Ok, again.Refusal?.Message);
            Assert.Equal(Rollcall.Engine.Decisions.Planning.CanonicalJson.Of(profile), Rollcall.Engine.Decisions.Planning.CanonicalJson.Of(again.Value));
        }
    }

    [Fact]
    public void Redis_SaysWhatARedisClusterNeeds()
    {
        var redis = ProfileLibrary.BuiltIn.Find("redis-cluster")!;

        Assert.Equal("Redis Cluster", redis.Title);
        Assert.Equal("primary", redis.Normalise("master"));
        Assert.Equal("secondary", redis.Normalise("slave"));
        Assert.Equal("secondary", redis.Normalise("Replica"));
        Assert.Null(redis.Normalise("sentinel"));
        Assert.True(redis.LeaderMajority);
        Assert.Equal((1, 1), (redis.MembersAtOnce, redis.ShardsAtOnce));
        Assert.Equal(1048576, redis.Lag.MaxBytes);
        Assert.Equal(["slave_repl_offset", "master_repl_offset"], redis.Probe!.Position);
        Assert.Equal("16384", redis.Probe.Healthy["cluster_slots_ok"]);
        Assert.Contains("redis-cli INFO replication && redis-cli CLUSTER INFO && redis-cli INFO server", redis.Probe.Command[2]);
        Assert.EndsWith("redis-cli CLUSTER FAILOVER", redis.Switchover!.Command[2]);
        Assert.DoesNotContain(redis.Switchover.Command, c => c.Contains("FORCE") || c.Contains("TAKEOVER"));
        Assert.Equal(["canary", "rest"], redis.Stages.Select(s => s.Name));
        Assert.NotNull(redis.Stages[1].Gate);
    }

    [Fact]
    public void Generic_HasNoRolesAndOneGatedStage()
    {
        var generic = ProfileLibrary.BuiltIn.Find("generic")!;

        Assert.False(generic.HasRoles);
        Assert.Null(generic.Probe);
        Assert.Equal(1, Assert.Single(generic.Stages).Gate!.Approvals);
    }

    [Theory]
    [InlineData("config", true, 4, true)]
    [InlineData("shard", true, 4, true)]
    [InlineData("mongos", false, 0, false)]
    public void MongoSharded_RoutersHaveNoRoles_ConfigServersAndShardsElect(string component, bool leads, int roles, bool quorum)
    {
        var rolled = ProfileLibrary.BuiltIn.Find("mongodb-sharded")!.For(component);

        Assert.Equal((leads, roles, quorum, leads, leads), (rolled.HasLeader, rolled.Roles.Length, rolled.Quorum, rolled.Probe is not null, rolled.Switchover is not null));
        Assert.Equal(leads ? 10 : null, rolled.Lag.MaxSeconds);
        if (leads)
        {
            Assert.Equal(["hidden", "secondary", "arbiter", "primary"], rolled.Roles.OrderBy(r => r.Order).Select(r => r.Name));
            Assert.Equal(["secondary", "primary"], rolled.Roles.Where(r => r.Electable).OrderBy(r => r.Order).Select(r => r.Name));
            Assert.DoesNotContain("force", string.Join(' ', rolled.Switchover!.Command), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Kafka_ActiveControllerHandsOverByStopping_BrokersCountCopies()
    {
        var kafka = ProfileLibrary.BuiltIn.Find("kafka-kraft")!;

        Assert.True(kafka.For("controller").HandsOverByStopping);
        Assert.Null(kafka.For("controller").Switchover);
        Assert.Null(kafka.For("controller").Probe!.Copies);
        Assert.False(kafka.For("broker").HasLeader);
        Assert.Equal("copies", kafka.For("broker").Probe!.Copies);
        Assert.Same(kafka, kafka.For("kafka"));
        Assert.True(kafka.HandsOverByStopping && kafka.Probe!.Copies is not null);
    }

    [Theory]
    [InlineData(null, "redis-cluster-7-1.0.1", "", "redis-cluster")]
    [InlineData(null, "postgresql-16-1.0.1", "", "postgresql-patroni")]
    [InlineData(null, "mongodb-8", "", "mongodb")]
    [InlineData(null, "mongo-shard-8-1.0.0", "", "mongodb-sharded")]
    [InlineData(null, "", "apache/kafka:3.9.0", "kafka-kraft")]
    [InlineData(null, "oracle-8", "", "generic")]
    [InlineData(null, "", "docker.io/bitnami/redis-cluster:7.2", "redis-cluster")]
    [InlineData(null, "", "registry:5000/redis:7.2@sha256:00", "redis-cluster")]
    [InlineData(null, "", "ghcr.io/zalando/spilo-16:3.2-p2", "postgresql-patroni")]
    [InlineData(null, "", "local/patroni:15", "postgresql-patroni")]
    [InlineData(null, "", "oliver006/redis_exporter:v1", "generic")]
    [InlineData("generic", "redis-cluster-7", "redis:7", "generic")]
    [InlineData("no-such", "redis-cluster-7", "redis:7", "redis-cluster")]
    public void Resolve_LabelThenDefinitionThenImage(string? label, string definition, string image, string expected) =>
        Assert.Equal(expected, ProfileLibrary.BuiltIn.Resolve(label, [definition], [image]).Name);
}
