using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Databases.Shell;
using Xunit;

namespace Rollcall.Unit.Simulator;

/// <summary>Scripts as operators and profiles put them into sh -c.</summary>
public sealed class ContainerShellTests
{
    [Theory]
    [InlineData("redis-cli INFO replication; redis-cli CLUSTER INFO", "redis-cli INFO replication|redis-cli CLUSTER INFO")]
    [InlineData("redis-cli PING && redis-cli INFO", "redis-cli PING|redis-cli INFO")]
    [InlineData("redis-cli PING\nredis-cli INFO", "redis-cli PING|redis-cli INFO")]
    [InlineData("if [ -n \"$REDIS_PASSWORD\" ]; then export REDISCLI_AUTH=\"$REDIS_PASSWORD\"; fi; redis-cli PING", "redis-cli PING")]
    [InlineData("if [ -n \"$P\" ]; then\n  export A=\"$P\"\nfi\nredis-cli PING", "redis-cli PING")]
    [InlineData("REDISCLI_AUTH=x redis-cli -h 127.0.0.1 PING 2>/dev/null", "redis-cli -h 127.0.0.1 PING")]
    [InlineData("redis-cli SET k 'a; b && c'", "redis-cli SET k a; b && c")]
    [InlineData("psql -Atc \"select \\\"x\\\" || 'y'\" 2>&1", "psql -Atc select \"x\" || 'y'")]
    [InlineData("timeout 5 redis-cli PING # says pong", "redis-cli PING")]
    [InlineData("exec /usr/bin/redis-cli PING", "redis-cli PING")]
    [InlineData("redis-cli \\\n  PING", "redis-cli PING")]
    [InlineData("kafka-topics.sh --bootstrap-server \"${ADDRESS:-localhost:9092}\" ${CONFIG:+--command-config \"$CONFIG\"} --describe", "kafka-topics.sh --bootstrap-server localhost:9092 --describe")]
    [InlineData("sql=\"select '1'\"\npsql -c \"$sql\" $nothing '$sql'", "psql -c select '1' $sql")]
    [InlineData("redis-cli PING &&\n\n  redis-cli INFO", "redis-cli PING|redis-cli INFO")]
    public async Task Script_RunsItsCommandsInOrder(string script, string commands)
    {
        List<string> ran = [];

        var result = await ContainerShell.RunAsync(["sh", "-c", script], words =>
        {
            ran.Add(string.Join(' ', words));
            return Task.FromResult<CommandResult?>(CommandResult.Ok("+"));
        });

        Assert.Equal(commands, string.Join('|', ran));
        Assert.Equal(new string('+', ran.Count), result.Stdout);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData("no && yes", 1, "no")]
    [InlineData("no || yes", 0, "no yes")]
    [InlineData("no; yes", 0, "no yes")]
    [InlineData("yes; no", 1, "yes no")]
    [InlineData("yes; exit 3; no", 3, "yes")]
    [InlineData("no &&\nyes", 1, "no")]
    public async Task Script_HonoursHowCommandsAreJoined(string script, int code, string commands)
    {
        List<string> ran = [];

        var result = await ContainerShell.RunAsync(["/bin/sh", "-ec", script], words =>
        {
            ran.Add(words[0]);
            return Task.FromResult<CommandResult?>(words[0] == "yes" ? CommandResult.Ok("") : CommandResult.Fail(1, ""));
        });

        Assert.Equal(code, result.ExitCode);
        Assert.Equal(commands, string.Join(' ', ran));
    }

    [Fact]
    public async Task Pipe_FiltersTheOutput()
    {
        var result = await ContainerShell.RunAsync(["sh", "-c", "redis-cli INFO | tr -d '\\r' | grep ^role"],
            _ => Task.FromResult<CommandResult?>(CommandResult.Ok("# Replication\r\nrole:master\r\nmaster_role:x\r\n")));

        Assert.Equal("role:master\n", result.Stdout);
    }

    [Fact]
    public async Task UnknownCommand_IsNotFoundAsInAShell()
    {
        var result = await ContainerShell.RunAsync(["mongosh", "--eval", "1"], _ => Task.FromResult<CommandResult?>(null));

        Assert.Equal((127, "sh: 1: mongosh: not found\n"), (result.ExitCode, result.Stderr));
    }
}
