using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Rollcall.E2E.Support;

/// <summary>Rollcall as people start it: a process of its own, on a port of its own, that can be killed. What it says is kept for the day when a test fails.</summary>
public sealed partial class DashboardProcess : IAsyncDisposable
{
    private const string Token = "control-plane-tests-only";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);

    private static readonly string Binary = Path.Combine(AppContext.BaseDirectory, "Rollcall.Web.dll");

    private readonly Process _process;
    private readonly List<string> _said = [];
    private readonly TaskCompletionSource<Uri> _link = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _listening;
    private HttpClient? _http;

    private DashboardProcess(Process process)
    {
        _process = process;
        _listening = Task.WhenAll(ListenAsync(process.StandardOutput), ListenAsync(process.StandardError));
    }

    public RollcallApi Api { get; private set; } = null!;

    /// <summary>The cluster has been read when it returns.</summary>
    public static async Task<DashboardProcess> StartAsync(string kubeconfig, string database, CancellationToken ct)
    {
        var dashboard = new DashboardProcess(Launch(Path.GetDirectoryName(database)!, "--kubeconfig", kubeconfig, "--database", database, "--urls", "http://127.0.0.1:0"));
        try
        {
            await dashboard.ReadyAsync(ct);
            return dashboard;
        }
        catch
        {
            await dashboard.DisposeAsync();
            throw;
        }
    }

    /// <summary>One command of the same program, to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string folder, CancellationToken ct, params string[] arguments)
    {
        await using var command = new DashboardProcess(Launch(folder, arguments));
        await command._process.WaitForExitAsync(ct).WaitAsync(StartTimeout, ct);
        await command._listening;
        return (command._process.ExitCode, command.Said);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        await _listening;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _http?.Dispose();
        _process.Dispose();
    }

    private string Said
    {
        get
        {
            lock (_said)
                return string.Join('\n', _said);
        }
    }

    private static Process Launch(string folder, params string[] arguments)
    {
        var info = new ProcessStartInfo("dotnet", [Binary, .. arguments]) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["Rollcall__Auth__BootstrapToken"] = Token;
        // One token makes the plan, starts the run and approves it here.
        info.Environment["Rollcall__Gates__AllowSelfApproval"] = "true";
        info.Environment["Logging__LogLevel__Default"] = "Warning";
        return Process.Start(info) ?? throw new InvalidOperationException("dotnet did not start.");
    }

    private async Task ReadyAsync(CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(StartTimeout);
        await Task.WhenAny(_link.Task, _listening).WaitAsync(patience.Token);
        if (!_link.Task.IsCompletedSuccessfully)
            throw new InvalidOperationException($"Rollcall ended before it was ready:\n{Said}");
        var link = await _link.Task;
        _http = new HttpClient { BaseAddress = new Uri(link.GetLeftPart(UriPartial.Authority)) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Api = new RollcallApi(_http, () => Said);
        await Poll.UntilAsync("Rollcall is ready", StartTimeout, () => _http.GetAsync("/readyz", ct), answer => answer.IsSuccessStatusCode, answer => $"{answer.StatusCode}", ct);
    }

    private async Task ListenAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_said)
                _said.Add(line);
            if (Link().Match(line) is { Success: true } link)
                _link.TrySetResult(new Uri(link.Value));
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/login\?token=\S+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
