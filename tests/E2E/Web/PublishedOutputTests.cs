using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Rollcall.E2E.Support;
using Xunit;

namespace Rollcall.E2E.Web;

/// <summary>What the Dockerfile ships, without Docker: the published folder, started as a process of its own, in an empty directory.</summary>
public sealed partial class PublishedOutputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-published-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Published_InAnEmptyFolder_ServesEveryScriptAndStyle()
    {
        var output = Path.Combine(_folder, "app");
        using (var publish = Start("dotnet", RepositoryPaths.Root, "publish", "src/Web", "-c", "Release", "-o", output, "-v", "q", "-nologo"))
        {
            var said = await publish.StandardOutput.ReadToEndAsync(Ct);
            await publish.WaitForExitAsync(Ct);
            Assert.True(publish.ExitCode == 0, said);
        }
        using var app = Start("dotnet", _folder, Path.Combine(output, "Rollcall.Web.dll"), "--urls", "http://127.0.0.1:0", "--demo");
        try
        {
            var link = await LoginLinkAsync(app);
            Assert.True(File.Exists(Path.Combine(_folder, "data", "rollcall.db")));
            using var client = new HttpClient { BaseAddress = new Uri(link.GetLeftPart(UriPartial.Authority)) };
            var page = await client.GetStringAsync(link, Ct);
            var files = Asset().Matches(page).Select(m => m.Groups["file"].Value).ToArray();
            Assert.Contains(files, f => f.Contains("blazor.web", StringComparison.Ordinal));
            Assert.Contains(files, f => f.Contains("MudBlazor", StringComparison.Ordinal));
            foreach (var file in (IEnumerable<string>)[.. files, "lib/signalr/signalr.min.js", "lib/apexcharts/apexcharts.min.js", "lib/d3/d3-selection.js", "lib/THIRD-PARTY-NOTICES.txt"])
            {
                using var answer = await client.GetAsync(file, Ct);
                Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{file}: {answer.StatusCode}");
                Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync(Ct));
            }
        }
        finally
        {
            app.Kill();
            await app.WaitForExitAsync(CancellationToken.None);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<Uri> LoginLinkAsync(Process app)
    {
        var before = new List<string>();
        while (await app.StandardOutput.ReadLineAsync(Ct) is { } line)
        {
            before.Add(line);
            if (Link().Match(line) is { Success: true } link)
                return new Uri(link.Value);
        }
        throw new InvalidOperationException($"It ended without a login link:\n{string.Join('\n', before)}\n{await app.StandardError.ReadToEndAsync(Ct)}");
    }

    private static Process Start(string program, string folder, params string[] args)
    {
        var info = new ProcessStartInfo(program, args) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        return Process.Start(info) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    [GeneratedRegex("(src|href)=\"(?<file>[^\"#]+\\.(js|css))\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Asset();

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/login\?token=\S+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
