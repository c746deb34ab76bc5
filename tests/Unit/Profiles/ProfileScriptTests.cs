using System.Diagnostics;
using System.Globalization;
using Rollcall.Engine.Profiles;
using Xunit;

namespace Rollcall.Unit.Profiles;

/// <summary>The shell scripts of the profiles, run by a real shell with stand-ins for the databases' tools, which print what they were asked.</summary>
public sealed class ProfileScriptTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rollcall-scripts-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("", "auth= INFO replication\nauth= CLUSTER INFO\nauth= INFO server\nauth= INFO persistence\n")]
    [InlineData("s3cret", "auth=s3cret INFO replication\nauth=s3cret CLUSTER INFO\nauth=s3cret INFO server\nauth=s3cret INFO persistence\n")]
    public void RedisProbe_PasswordOnlyInTheEnvironment(string password, string said)
    {
        Tool("redis-cli", "echo \"auth=$REDISCLI_AUTH $*\"");

        Assert.Equal((0, said), Run(ProfileLibrary.BuiltIn.Find("redis-cluster")!.Probe!.Command, ("REDIS_DEFAULT_PASSWORD", password)));
    }

    [Fact]
    public void RedisSwitchover_AsksForTheGentleFailover()
    {
        Tool("redis-cli", "echo \"$*\"");

        Assert.Equal((0, "CLUSTER FAILOVER\n"), Run(ProfileLibrary.BuiltIn.Find("redis-cluster")!.Switchover!.Command));
    }

    [Fact]
    public void PostgresProbe_HostNameInPgHost_IsNotAsked()
    {
        Tool("psql", "echo \"host=$PGHOST $1 $2 $3 $4 $5 $6\"");
        Tool("id", "echo 999");

        var probe = ProfileLibrary.BuiltIn.Find("postgresql-patroni")!.Probe!.Command;
        Assert.Equal((0, "host= -XAtq -U postgres -d postgres -c\n"), Run(probe, ("PGHOST", "billing-primary"), ("PGPORT", "59999")));
        Assert.Equal((0, $"host={_folder.FullName} -XAtq -U postgres -d postgres -c\n"), Run(probe, ("PGHOST", _folder.FullName)));
    }

    [Theory]
    [InlineData("--leader, --primary TEXT", "switchover --leader pg-0 --candidate pg-1 --force")]
    [InlineData("--master TEXT", "switchover --master pg-0 --candidate pg-1 --force")]
    public void PatroniSwitchover_TakesTheOptionThatThereIs(string help, string asked)
    {
        var config = Path.Combine(_folder.FullName, "patroni.yml");
        File.WriteAllText(config, "scope: pg\n");
        Tool("patronictl", $"if [ \"$2\" = --help ]; then echo '{help}'; else echo \"$PATRONICTL_CONFIG_FILE $*\"; fi");

        Assert.Equal((0, $"{config} {asked}\n"), Run(ProfileLibrary.BuiltIn.Find("postgresql-patroni")!.Switchover!.Command, ("PATRONICTL_CONFIG_FILE", config)));
    }

    /// <summary>While it moves between two levels, MongoDB keeps the lower one in version: taken by itself it would say that a raise that hangs is lowered.</summary>
    [Theory]
    [InlineData("mongodb", "{ version: '7.0' }", "fcv 7.0")]
    [InlineData("mongodb", "{ version: '7.0', targetVersion: '8.0' }", "fcv is moving to 8.0")]
    [InlineData("mongodb-sharded", "{ version: '8.0' }", "fcv 8.0")]
    [InlineData("mongodb-sharded", "{ version: '7.0', targetVersion: '7.0', previousVersion: '8.0' }", "fcv is moving to 7.0")]
    public void MongoLevel_OnItsWay_IsNeitherRaisedNorLowered(string profile, string kept, string said)
    {
        var printed = "";
        var script = new Jint.Engine().SetValue("print", (string text) => printed += text);
        script.Execute($"const kept = {kept}; const db = {{ adminCommand: () => ({{ featureCompatibilityVersion: kept }}), getSiblingDB: () => ({{ getCollection: () => ({{ findOne: () => kept }}) }}) }};");
        script.Execute(ProfileLibrary.BuiltIn.Find(profile)!.Finaliser!.Check[^1]);

        Assert.Equal(said, printed);
    }

    private void Tool(string name, string script)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private (int Code, string Output) Run(IEnumerable<string> command, params (string Name, string Value)[] environment)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("The scripts run in Linux containers.");
        var argv = command.Select(c => c.Replace("{from}", "pg-0", StringComparison.Ordinal).Replace("{to}", "pg-1", StringComparison.Ordinal)).ToList();
        var start = new ProcessStartInfo("/usr/bin/env", ["-i", "--default-signal=PIPE", $"PATH={_folder.FullName}:/usr/bin:/bin", .. environment.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Name}={e.Value}")), .. argv])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        Assert.Equal("", process.StandardError.ReadToEnd());
        Assert.True(process.WaitForExit(10_000));
        return (process.ExitCode, output);
    }
}
