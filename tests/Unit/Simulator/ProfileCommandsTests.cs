using System.Text.Json.Nodes;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Engine.Profiles;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Machinery;
using Xunit;

namespace Rollcall.Unit.Simulator;

/// <summary>The commands of the built-in profiles, word for word, in simulated containers: a profile that the demo cannot answer is found here.</summary>
public sealed class ProfileCommandsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly AlarmClock _alarms;
    private readonly DatabaseHost _host;

    public ProfileCommandsTests()
    {
        _alarms = new AlarmClock(_time);
        _host = new DatabaseHost(new DatabaseTimings(), _alarms, _time);
    }

    public void Dispose() => _alarms.Dispose();

    [Fact]
    public async Task RedisProbe_AnswersRolePositionHealthAndVersion()
    {
        var profile = Start("redis-cluster", "7.2.4");

        var leader = KeyValues(await ProbeAsync(profile, "m-0"));
        var follower = KeyValues(await ProbeAsync(profile, "m-1"));

        Assert.Equal("primary", profile.Normalise(leader[profile.Probe!.Role]));
        Assert.Equal("secondary", profile.Normalise(follower[profile.Probe.Role]));
        Assert.True(long.Parse(follower[profile.Probe.Position[0]], System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.Equal("7.2.4", leader[profile.Probe.Version!]);
        Assert.All(profile.Probe.Healthy, wanted => Assert.Equal(wanted.Value, leader[wanted.Key]));
        Assert.All(profile.Probe.Linked, wanted => Assert.Equal(wanted.Value, follower[wanted.Key]));
    }

    [Fact]
    public async Task PatroniProbe_AnswersRolePositionAndVersion()
    {
        var profile = Start("postgresql-patroni", "16.4");

        var leader = JsonNode.Parse(await ProbeAsync(profile, "m-0"))!;
        var follower = JsonNode.Parse(await ProbeAsync(profile, "m-1"))!;

        Assert.Equal("primary", profile.Normalise(leader[profile.Probe!.Role]!.GetValue<string>()));
        Assert.Equal("secondary", profile.Normalise(follower[profile.Probe.Role]!.GetValue<string>()));
        Assert.True(follower[profile.Probe.Position[0]]!.GetValue<long>() > 0);
        Assert.Equal("16.4", leader[profile.Probe.Version!]!.GetValue<string>());
        Assert.All(profile.Probe.Linked, wanted => Assert.Equal(wanted.Value, follower[wanted.Key]!.ToJsonString()));
    }

    [Theory]
    [InlineData("redis-cluster", "7.2.4")]
    [InlineData("postgresql-patroni", "16.4")]
    public async Task Switchover_HandsLeadershipToTheCandidate(string name, string version)
    {
        var profile = Start(name, version);
        var switchover = profile.Switchover!;
        var command = switchover.Command.Select(c => c.Replace("{from}", "m-0", StringComparison.Ordinal).Replace("{to}", "m-1", StringComparison.Ordinal)).ToList();

        var running = _host.ExecAsync(switchover.On == "to" ? "demo/m-1" : "demo/m-0", command);
        _time.Advance(TimeSpan.FromSeconds(2));
        var answer = await running;

        Assert.Equal(0, answer.ExitCode);
        Assert.Contains(switchover.Expect, answer.Stdout, StringComparison.Ordinal);
        Assert.Equal("primary", _host.RoleOf("demo/m-1"));
        Assert.Equal("secondary", _host.RoleOf("demo/m-0"));
    }

    private EngineProfile Start(string name, string version)
    {
        _host.Declare("demo", "c", DatabaseMembership.EngineOf(name), formatBreaking: true, [new GroupDeclaration("db", "s", "m-0")]);
        for (var ordinal = 0; ordinal < 3; ordinal++)
        {
            var labels = new Dictionary<string, string>
            {
                ["rollcall.dev/cluster"] = "c", ["rollcall.dev/component"] = "db", ["rollcall.dev/shard"] = "s", ["rollcall.dev/profile"] = name,
            };
            _host.Start(new V1Pod { Metadata = new() { Name = $"m-{ordinal}", NamespaceProperty = "demo", Labels = labels } }, $"10.0.0.{ordinal}", version);
        }
        _time.Advance(TimeSpan.FromSeconds(5));
        return ProfileLibrary.BuiltIn.All.Single(p => p.Name == name);
    }

    private async Task<string> ProbeAsync(EngineProfile profile, string pod)
    {
        var answer = await _host.ExecAsync($"demo/{pod}", profile.Probe!.Command);
        Assert.Equal((0, ""), (answer.ExitCode, answer.Stderr));
        return answer.Stdout;
    }

    private static Dictionary<string, string> KeyValues(string text) => text.Split('\n')
        .Select(l => l.Trim().Split(':', 2)).Where(p => p.Length == 2)
        .GroupBy(p => p[0]).ToDictionary(g => g.Key, g => g.First()[1]);
}
