using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;

namespace Rollcall.Bench;

/// <summary>
/// From the start of the built dashboard (an empty folder, the demo cluster) to the login link on its console, to the login page in a browser that runs already, and to the clusters on the first page
/// behind it. Figure: under 5 s. The raw figure beside it is a .NET process that prints one line.
/// </summary>
internal static class StartBench
{
    public static async Task RunAsync(int times)
    {
        using var playwright = await Playwright.CreateAsync();
        var path = Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } given ? given : "/usr/bin/chromium";
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Headless = true, Args = ["--disable-gpu"] });
        var starts = new List<(double Link, double Login, double Useful)>();
        var raws = new List<double>();
        for (var i = 0; i < times; i++)
        {
            starts.Add(await OneAsync(browser));
            raws.Add(await RawAsync());
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"start: {times} starts of the dashboard, s from the start of the process, median (best, worst)"));
        Print("login link on the console", starts.Select(s => s.Link));
        Print("login page in the browser", starts.Select(s => s.Login));
        Print("the demo's clusters on the first page", starts.Select(s => s.Useful));
        Print("raw: a .NET process that prints its help and ends", raws);
    }

    private static async Task<(double Link, double Login, double Useful)> OneAsync(IBrowser browser)
    {
        var folder = Directory.CreateTempSubdirectory("rollcall-bench-").FullName;
        await using var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        var clock = Stopwatch.StartNew();
        using var dashboard = Launch(folder, "--urls", "http://127.0.0.1:0", "--demo", "--Logging:LogLevel:Default=Warning");
        try
        {
            string? link = null;
            while (link is null)
            {
                var line = await dashboard.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The dashboard ended before it was ready: {await dashboard.StandardError.ReadToEndAsync()}");
                link = line.Split(' ').FirstOrDefault(w => w.Contains("/login?token=", StringComparison.Ordinal));
            }
            var said = clock.Elapsed.TotalSeconds;
            await page.GotoAsync(link, new() { WaitUntil = WaitUntilState.DOMContentLoaded });
            var button = page.GetByRole(AriaRole.Button, new() { Name = "Sign in" });
            await button.WaitForAsync();
            var login = clock.Elapsed.TotalSeconds;
            await button.ClickAsync();
            await page.Locator("main").GetByText("orders").First.WaitForAsync(new() { Timeout = 60_000 });
            return (said, login, clock.Elapsed.TotalSeconds);
        }
        finally
        {
            dashboard.Kill();
            await dashboard.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> RawAsync()
    {
        var clock = Stopwatch.StartNew();
        using var help = Launch(Path.GetTempPath(), "--help");
        await help.WaitForExitAsync();
        return clock.Elapsed.TotalSeconds;
    }

    private static Process Launch(string folder, params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "Rollcall.Web.dll"), .. arguments]) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })
        ?? throw new InvalidOperationException("dotnet did not start.");

    private static void Print(string what, IEnumerable<double> seconds)
    {
        double[] sorted = [.. seconds.Order()];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-52} {sorted[sorted.Length / 2]:0.00} ({sorted[0]:0.00}, {sorted[^1]:0.00})"));
    }
}
