using Rollcall.Engine.Kubernetes.Probing;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Xunit;

namespace Rollcall.Unit.Kubernetes;

public sealed class ProbeReaderTests
{
    private static readonly EngineProfile Redis = Given.Redis with
    {
        Probe = Given.Redis.Probe! with
        {
            Version = "redis_version", Linked = Given.Redis.Probe!.Linked.Add("master_link_status", "up"), Healthy = Given.Redis.Probe!.Healthy.Add("cluster_state", "ok"),
        },
    };

    private static readonly EngineProfile Postgres = Redis with { Probe = Redis.Probe! with { Reader = "json", Position = ["xlog.location"], LagSeconds = "lag", Linked = Given.Redis.Probe!.Linked.Add("streaming", "true"), Healthy = Given.Redis.Probe!.Healthy } };

    private static Reading Read(EngineProfile profile, string output) => ProbeReader.Read(profile, output, new Reading { At = Given.Noon, Uid = "uid", Source = "redis-cli on orders-0" });

    [Fact]
    public void KeyValue_OfAReplica_IsReadWhole()
    {
        var reading = Read(Redis, "# Replication\r\nrole:slave\r\nmaster_host:10.0.0.1\r\nmaster_link_status:up\r\nslave_repl_offset:1234\r\nmaster_repl_offset:1300\r\ncluster_state:ok\r\nredis_version:7.2.4\r\n");
        Assert.Equal(("secondary", 1234L, true, true, "7.2.4"), (reading.Role, reading.Position!.Value, reading.Linked!.Value, reading.Healthy!.Value, reading.Version));
        Assert.Equal(("uid", Given.Noon, "redis-cli on orders-0", null), (reading.Uid, reading.At, reading.Source, reading.Error));
        // Only what the profile names is kept: outputs may hold more than anybody should see.
        Assert.DoesNotContain("master_host", reading.Values.Keys);
    }

    [Fact]
    public void KeyValue_LinkDownOrAClusterThatIsNotOk_IsSaid()
    {
        var reading = Read(Redis, "role:slave\nmaster_link_status:down\nslave_repl_offset:1\ncluster_state:fail\n");
        Assert.Equal((false, false), (reading.Linked, reading.Healthy));
        Assert.Equal((true, false), (Read(Redis, "role:master\nmaster_repl_offset:1\n").Linked, Read(Redis, "role:master\n").Healthy));
    }

    [Fact]
    public void Json_InnerValuesAndBooleansAreReadByName()
    {
        var reading = Read(Postgres, """{"role":"replica","xlog":{"location":987654321012},"streaming":true,"lag":0.25,"ignored":[1,2]}""");
        Assert.Equal(("secondary", 987654321012L, true, 0.25), (reading.Role, reading.Position!.Value, reading.Linked!.Value, reading.LagSeconds!.Value));
        Assert.Null(reading.Healthy);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Could not connect to Redis at 127.0.0.1:6379: Connection refused")]
    [InlineData("role:\n")]
    public void Answer_WithoutARole_IsAnError(string output) => Assert.Equal("The answer has no role.", Read(Redis, output).Error);

    [Theory]
    [InlineData("not json")]
    [InlineData("[1]")]
    public void Answer_NoJsonObject_IsAnError(string output) => Assert.Equal("The answer is not a JSON object.", Read(Postgres, output).Error);
}
