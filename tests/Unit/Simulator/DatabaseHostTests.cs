using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Machinery;
using Xunit;

namespace Rollcall.Unit.Simulator;

/// <summary>The databases on their clock: what is due happens by itself, and nothing ticks when nothing is due.</summary>
public sealed class DatabaseHostTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly AlarmClock _alarms;
    private readonly DatabaseHost _host;
    private readonly List<string> _changes = [];

    public DatabaseHostTests()
    {
        _alarms = new AlarmClock(_time);
        _host = new DatabaseHost(new DatabaseTimings(), _alarms, _time);
        _host.OnRoleChange(pod => _changes.Add($"{pod} {_host.RoleOf(pod)}"));
    }

    public void Dispose() => _alarms.Dispose();

    [Fact]
    public async Task Members_OfPodsLabelledForRollcall_FormOneClusterAndTellTheirRoles()
    {
        StartShards(3);
        Assert.Empty(_changes);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(9, _changes.Count);
        Assert.Equal(3, _changes.Count(c => c.EndsWith("primary", StringComparison.Ordinal)));
        var nodes = await _host.ExecAsync("demo/orders-a-0", ["sh", "-c", "redis-cli CLUSTER NODES"]);
        Assert.Equal(9, nodes.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void DeadLeader_IsReplacedWhenTheClockGetsThere()
    {
        StartShards(3);
        _time.Advance(TimeSpan.FromSeconds(5));
        _changes.Clear();

        _host.Stop("demo/orders-a-0", clean: false);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(["demo/orders-a-0 "], _changes);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains(_changes, c => c.EndsWith("primary", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PodWithoutADatabase_IsReadyAndKnowsNoDatabaseCommand()
    {
        var pod = new V1Pod { Metadata = new() { Name = "notify-0", NamespaceProperty = "demo", Labels = new Dictionary<string, string> { ["rollcall.dev/cluster"] = "notify", ["rollcall.dev/profile"] = "generic" } } };

        Assert.Null(_host.Start(pod, "10.0.0.1", "2.3.0"));
        Assert.True(_host.Ready("demo/notify-0"));
        Assert.Equal(127, (await _host.ExecAsync("demo/notify-0", ["redis-cli", "PING"])).ExitCode);
    }

    [Fact]
    public void FailOver_OfAShard_MovesItsLeader()
    {
        StartShards(3);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.True(_host.FailOver("demo", "orders", "b"));
        Assert.False(_host.FailOver("demo", "orders", "nowhere"));
        Assert.Equal("secondary", _host.RoleOf("demo/orders-b-0"));
    }

    private void StartShards(int count)
    {
        string[] shards = [.. "abc".Take(count).Select(c => c.ToString())];
        _host.Declare("demo", "orders", DatabaseEngine.RedisCluster, formatBreaking: true, shards.Select(s => new GroupDeclaration("redis", s, $"orders-{s}-0")));
        foreach (var shard in shards)
        {
            for (var ordinal = 0; ordinal < 3; ordinal++)
            {
                var pod = new V1Pod
                {
                    Metadata = new()
                    {
                        Name = $"orders-{shard}-{ordinal}", NamespaceProperty = "demo",
                        Labels = new Dictionary<string, string>
                        {
                            ["rollcall.dev/cluster"] = "orders", ["rollcall.dev/component"] = "redis", ["rollcall.dev/shard"] = shard, ["rollcall.dev/profile"] = "redis-cluster",
                        },
                    },
                };
                _host.Start(pod, $"10.0.0.{ordinal}", "7.2.4");
            }
        }
    }
}
