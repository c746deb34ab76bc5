using System.Text.Json.Nodes;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Databases.Postgres;
using Xunit;

namespace Rollcall.Unit.Simulator;

/// <summary>PostgreSQL under Patroni, as its probes and patronictl show it.</summary>
public sealed class PatroniDatabaseTests
{
    private static readonly DatabaseTimings Timings = new();

    private readonly PatroniDatabase _database = new("billing", Timings);
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task List_OfAHealthyCluster_ReadsAsPatroniPrintsIt()
    {
        Up();

        var rows = JsonNode.Parse((await RunAsync("billing-0", "patronictl", "-c", "/etc/patroni.yml", "list", "-f", "json")).Stdout)!.AsArray();

        Assert.Equal(["billing-0 Replica streaming", "billing-1 Leader running", "billing-2 Replica streaming"],
            rows.Select(r => $"{r!["Member"]} {r["Role"]} {r["State"]}"));
        Assert.Equal(0, rows[0]!["Lag in MB"]!.GetValue<int>());
        Assert.Null(rows[1]!["Lag in MB"]);
        Assert.All(rows, r => Assert.Equal(1, r!["TL"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Psql_AnswersRolePositionAndTimeline()
    {
        Up();

        var leader = await ProbeAsync("billing-1");
        var replica = await ProbeAsync("billing-0");

        Assert.Equal(("primary", false, false, 1, "16.4"), (Text(leader, "role"), Flag(leader, "in_recovery"), Flag(leader, "streaming"), (int)leader["timeline"]!, Text(leader, "version")));
        Assert.Equal(("replica", true, true, 1, "16.4"), (Text(replica, "role"), Flag(replica, "in_recovery"), Flag(replica, "streaming"), (int)replica["timeline"]!, Text(replica, "version")));
        Assert.InRange((long)leader["position"]! - (long)replica["position"]!, 0, Timings.BytesPerSecond);
    }

    [Fact]
    public async Task Switchover_ToAStreamingReplica_EndsWhenItLeadsOnANewTimeline()
    {
        Up();

        var switchover = RunAsync("billing-1", "patronictl", "switchover", "--leader", "billing-1", "--candidate", "billing-2", "--force");
        Assert.False(switchover.IsCompleted);
        Pass(Timings.Handover);
        var answer = await switchover;

        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("Successfully switched over to \"billing-2\"", answer.Stdout, StringComparison.Ordinal);
        Assert.Equal("primary", _database.RoleOf("billing-2"));
        Assert.Equal(2, _database.Timeline);
        Pass(TimeSpan.FromSeconds(5));
        Assert.True(Flag(await ProbeAsync("billing-1"), "streaming"));
    }

    [Theory]
    [InlineData("billing-0", "billing-2", "Error: Member billing-0 is not the leader of cluster billing")]
    [InlineData("billing-1", "billing-9", "Error: Member billing-9 does not exist")]
    [InlineData("billing-1", "billing-1", "Error: Switchover target and source are the same")]
    [InlineData("billing-1", "billing-0", "no good candidates")]
    public async Task Switchover_WhereItCannotWork_FailsAndMovesNothing(string leader, string candidate, string error)
    {
        Up();
        _database.SetLag("billing-0", 60, _now);

        var answer = await RunAsync("billing-1", "patronictl", "switchover", "--master", leader, $"--candidate={candidate}", "--force");
        Pass(TimeSpan.FromSeconds(30));

        Assert.Equal(1, answer.ExitCode);
        Assert.Contains(error, answer.Stderr, StringComparison.Ordinal);
        Assert.Equal("primary", _database.RoleOf("billing-1"));
    }

    [Fact]
    public void Leader_StoppedCleanly_IsSucceededAtOnceByTheMostAdvanced()
    {
        Up();
        _database.SetLag("billing-0", 5, _now);
        _database.Stop("billing-1", clean: true, _now);

        Pass(Timings.Handover);

        Assert.Equal("primary", _database.RoleOf("billing-2"));
        Assert.Equal("secondary", _database.RoleOf("billing-0"));
    }

    [Fact]
    public void Leader_ThatDies_IsMissedForTheWholeTimeout()
    {
        Up();
        _database.Stop("billing-1", clean: false, _now);

        Pass(Timings.LeaderTimeout - TimeSpan.FromMilliseconds(1));
        Assert.Null(_database.RoleOf("billing-1"));
        Assert.DoesNotContain("primary", new[] { _database.RoleOf("billing-0"), _database.RoleOf("billing-2") });

        Pass(TimeSpan.FromMilliseconds(1));
        Assert.Single(new[] { _database.RoleOf("billing-0"), _database.RoleOf("billing-2") }, r => r == "primary");
    }

    [Fact]
    public void OldLeader_AfterItsReturn_FollowsOnTheNewTimeline()
    {
        Up();
        _database.Stop("billing-1", clean: true, _now);
        Pass(TimeSpan.FromSeconds(2));
        StartMember(1, "16.6");
        Pass(TimeSpan.FromSeconds(5));

        Assert.Equal("secondary", _database.RoleOf("billing-1"));
        Assert.Equal(2, _database.Find("billing-1")!.Timeline);
    }

    [Fact]
    public void OtherMajor_OnTheSameDataDirectory_DoesNotStart()
    {
        Up();
        _database.Stop("billing-0", clean: true, _now);

        Assert.Contains("incompatible with server", StartMember(0, "17.2"), StringComparison.Ordinal);
        Assert.Null(StartMember(0, "16.6"));
    }

    private void Up()
    {
        _database.Declare(new("postgresql", "billing", "billing-1"));
        for (var ordinal = 0; ordinal < 3; ordinal++)
            Assert.Null(StartMember(ordinal, "16.4"));
        Pass(TimeSpan.FromSeconds(5));
    }

    private string? StartMember(int ordinal, string version) => _database.Start(new($"billing-{ordinal}", "billing", $"10.0.0.{ordinal}", version), _now);

    private void Pass(TimeSpan time)
    {
        _now += time;
        _database.Advance(_now);
    }

    private async Task<CommandResult> RunAsync(string pod, params string[] command) => (await _database.RunAsync(pod, command, _now))!;

    private async Task<JsonNode> ProbeAsync(string pod) => JsonNode.Parse((await RunAsync(pod, "psql", "-U", "postgres", "-Atc", "select json_build_object()")).Stdout)!;

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private static bool Flag(JsonNode node, string name) => node[name]!.GetValue<bool>();
}
