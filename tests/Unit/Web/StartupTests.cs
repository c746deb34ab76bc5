using System.Net;
using System.Net.Sockets;
using Rollcall.Web;
using Rollcall.Web.Configuration;
using Xunit;

namespace Rollcall.Unit.Web;

public sealed class StartupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-start-").FullName;

    [Fact]
    public async Task Start_OnAPortInUse_IsOneLineThatNamesTheAddress()
    {
        using var squatter = new TcpListener(IPAddress.Loopback, 0);
        squatter.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)squatter.LocalEndpoint).Port}";
        await using var app = DashboardApplication.Create(["--urls", url, "--database", Path.Combine(_folder, "r.db"), "--Logging:LogLevel:Default=None", "--demo"]);

        var thrown = await Assert.ThrowsAnyAsync<IOException>(() => app.StartAsync(TestContext.Current.CancellationToken));

        var failure = StartupFailure.Describe(thrown)!;
        Assert.Equal(StartupFailure.AddressRefused, failure.ExitCode);
        Assert.Contains(url, failure.Line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Line);
    }

    [Fact]
    public async Task Start_OnAFileThatIsNoDatabase_IsOneLine_AndTheFileIsUntouched()
    {
        var file = Path.Combine(_folder, "r.db");
        await File.WriteAllTextAsync(file, "These are somebody's notes, not a database.", TestContext.Current.CancellationToken);
        await using var app = DashboardApplication.Create(["--urls", "http://127.0.0.1:0", "--database", file, "--Logging:LogLevel:Default=None", "--demo"]);

        var thrown = await Assert.ThrowsAnyAsync<Exception>(() => app.StartAsync(TestContext.Current.CancellationToken));

        var failure = StartupFailure.Describe(thrown)!;
        Assert.Equal(StartupFailure.DatabaseRefused, failure.ExitCode);
        Assert.DoesNotContain('\n', failure.Line);
        Assert.Equal("These are somebody's notes, not a database.", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
