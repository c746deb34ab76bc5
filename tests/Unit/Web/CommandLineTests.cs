using Rollcall.Shared;
using Rollcall.Web;
using Rollcall.Web.Configuration;
using Xunit;

namespace Rollcall.Unit.Web;

public sealed class CommandLineTests
{
    [Fact]
    public void Parse_OptionsAndFlags_BecomeSettings()
    {
        var line = CommandLine.Parse(["--kubeconfig", "k.yaml", "--context=prod", "--namespace", "db", "--read-only", "--Logging:LogLevel:Default=Debug"]);
        Assert.Null(line.Error);
        Assert.Equal("k.yaml", line.Settings["Rollcall:Cluster:Kubeconfig"]);
        Assert.Equal("prod", line.Settings["Rollcall:Cluster:Context"]);
        Assert.Equal("db", line.Settings["Rollcall:Cluster:Namespace"]);
        Assert.Equal("true", line.Settings["Rollcall:ReadOnly"]);
        Assert.Equal("Debug", line.Settings["Logging:LogLevel:Default"]);
    }

    [Fact]
    public void Parse_Release_TakesItsCluster()
    {
        var line = CommandLine.Parse(["release", "demo/orders", "--kubeconfig", "k", "--even-if-mixed"]);
        Assert.Equal((CommandKind.Release, new ClusterKey("demo", "orders"), true, null), (line.Command, line.Target, line.EvenIfMixed, line.Error));
    }

    [Fact]
    public void Parse_AuditVerify_TakesANotedHead()
    {
        var line = CommandLine.Parse(["audit", "verify", "--database", "x.db", "--head", "4:ab"]);
        Assert.Equal((CommandKind.AuditVerify, "4:ab", null), (line.Command, line.Head, line.Error));
    }

    [Theory]
    [InlineData("audit")]
    [InlineData("audit", "forget")]
    [InlineData("--head", "4:ab")]
    [InlineData("--bogus")]
    [InlineData("demo/orders")]
    [InlineData("--kubeconfig")]
    [InlineData("release")]
    [InlineData("release", "orders")]
    [InlineData("--even-if-mixed")]
    public void Parse_WhatItDoesNotKnow_IsAnErrorThatNamesIt(params string[] args) => Assert.NotNull(CommandLine.Parse(args).Error);

    [Theory]
    [InlineData("--kubeconfig=/nowhere/at/all", "does not exist")]
    [InlineData("--context=prod", "--kubeconfig")]
    [InlineData("--Rollcall:Auth:SessionLifetime=00:00:01", "SessionLifetime")]
    [InlineData("--Rollcall:Auth:SessionLifetime=soon", "SessionLifetime")]
    [InlineData("--Rollcall:Auth:BootstrapToken=short", "16 characters")]
    [InlineData("--Rollcall:PublicUrl=nonsense", "PublicUrl")]
    [InlineData("--Rollcall:Profiles=/nowhere/at/all", "does not exist")]
    public void Create_WithASettingThatCannotBe_SaysWhich(string arg, string says)
    {
        var wrong = Assert.Throws<UsageException>(() => DashboardApplication.Create([arg]));
        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
        Assert.Equal(StartupFailure.BadUsage, StartupFailure.Describe(wrong)!.ExitCode);
    }
}
