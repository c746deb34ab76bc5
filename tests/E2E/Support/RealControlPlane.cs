using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using k8s;
using Xunit;

namespace Rollcall.E2E.Support;

/// <summary>
/// A kube-apiserver with its etcd and controller-manager, started for a test class or collection and ended with it. No scheduler and no
/// kubelet: Pods exist, but nothing runs them. Tests that use it begin with <c>Assert.SkipWhen(RealControlPlane.SkipReason is not null, …)</c>.
/// </summary>
public sealed class RealControlPlane : IAsyncLifetime
{
    private const int PortsNeeded = 4;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"rollcall-kube-{Guid.NewGuid():n}");
    private int _port;

    /// <summary>Why no real control plane can be started here, or null.</summary>
    public static string? SkipReason { get; } = FindSkipReason();

    public string KubeconfigPath => Path.Combine(_folder, "kubeconfig");

    private static string Scripts => Path.Combine(RepositoryPaths.Shared, "kube");

    public async ValueTask InitializeAsync()
    {
        if (SkipReason is not null)
            return;
        for (var attempt = 1; ; attempt++)
        {
            _port = FindPorts();
            var (exitCode, output) = await UpAsync();
            if (exitCode == 0)
                return;
            // Another process may have taken a port between looking and binding.
            if (attempt == 3)
                throw new InvalidOperationException($"up.sh ended with {exitCode}: {output}");
            await StopAsync();
            Directory.Delete(_folder, recursive: true);
        }
    }

    public Kubernetes CreateClient() => new(KubernetesClientConfiguration.BuildConfigFromConfigFile(KubeconfigPath));

    /// <summary>
    /// Loads KubeBlocks' CustomResourceDefinitions and waits until the server serves them. Then tries one custom resource and returns null, or, when the
    /// server does not survive that, starts it again and returns the sentence with which tests that need custom resources skip.
    /// </summary>
    public async Task<string?> InstallKubeBlocksAsync()
    {
        var crds = Path.Combine(Scripts, "crds");
        await KubectlAsync("create", "--validate=false", "-f", crds);
        await KubectlAsync("wait", "--for=condition=Established", "--timeout=60s", "-f", crds);

        // An old kube-apiserver that was built with Go 1.18 or later crashes on the first custom resource it decodes (its copy of reflect2
        // iterates maps in the old way). Whether this one does cannot be asked, only tried.
        using var client = CreateClient();
        try
        {
            var probe = new { apiVersion = "dataprotection.kubeblocks.io/v1alpha1", kind = "BackupPolicy", metadata = new { name = "probe" }, spec = new { backupMethods = Array.Empty<object>() } };
            await client.CustomObjects.CreateNamespacedCustomObjectAsync(probe, "dataprotection.kubeblocks.io", "v1alpha1", "default", "backuppolicies", dryRun: "All");
            return null;
        }
        catch (k8s.Autorest.HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.UnprocessableEntity)
        {
            // It was decoded, which is all that was asked.
            return null;
        }
        catch (HttpRequestException e)
        {
            await StopAsync();
            var (exitCode, output) = await UpAsync();
            if (exitCode != 0)
                throw new InvalidOperationException($"up.sh ended with {exitCode}: {output}", e);
            return "This kube-apiserver crashes on custom resources (an old server built with a newer Go); point KUBEBUILDER_ASSETS at a newer set.";
        }
    }

    /// <summary>Where its files are, the node's too if it has one.</summary>
    public string Folder => _folder;

    /// <summary>Runs one of the scripts beside the control plane.</summary>
    public static Task<(int ExitCode, string Output)> ScriptAsync(string name, TimeSpan timeout, params string[] arguments) => ScriptAsync([], name, timeout, arguments);

    /// <param name="environment">NAME=value, for it alone.</param>
    public static Task<(int ExitCode, string Output)> ScriptAsync(string[] environment, string name, TimeSpan timeout, params string[] arguments) =>
        RunAsync("env", [.. environment, "bash", Path.Combine(Scripts, name), .. arguments], timeout);

    /// <summary>Runs the kubectl of the same set of programs.</summary>
    public Task<string> KubectlAsync(params string[] arguments) => KubectlAsync("", arguments);

    /// <param name="input">For its standard input.</param>
    public async Task<string> KubectlAsync(string input, string[] arguments)
    {
        var kubectl = Path.Combine(Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS")!, "kubectl");
        var (exitCode, output) = await RunAsync(kubectl, ["--kubeconfig", KubeconfigPath, .. arguments], TimeSpan.FromMinutes(3), input);
        return exitCode == 0 ? output : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)} ended with {exitCode}: {output}");
    }

    /// <summary>Forgets all history up to a revision, as etcd's compaction does every five minutes.</summary>
    public async Task CompactAsync(string resourceVersion)
    {
        using var etcd = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port + 1}") };
        using var answer = await etcd.PostAsJsonAsync("/v3/kv/compaction", new { revision = resourceVersion, physical = true });
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        if (!Directory.Exists(_folder))
            return;
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<(int ExitCode, string Output)> UpAsync() => ScriptAsync("up.sh", StartTimeout, _folder, $"{_port}");

    private Task<(int ExitCode, string Output)> StopAsync() => ScriptAsync("down.sh", TimeSpan.FromSeconds(60), _folder);

    private static string? FindSkipReason()
    {
        if (!File.Exists(Path.Combine(Scripts, "up.sh")))
            return $"No real control plane: {Path.Combine(Scripts, "up.sh")} does not exist.";
        return string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS"))
            ? $"No real control plane: KUBEBUILDER_ASSETS is not set. Run: export KUBEBUILDER_ASSETS=$({Path.Combine(Scripts, "install.sh")})"
            : null;
    }

    // Below the range from which the system hands out ports by itself.
    private static int FindPorts()
    {
        while (true)
        {
            var start = Random.Shared.Next(20_000, 32_000);
            if (Enumerable.Range(start, PortsNeeded).All(IsFree))
                return start;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, TimeSpan timeout, string input = "")
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var deadline = new CancellationTokenSource(timeout);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} took longer than {timeout}.", e);
        }
    }
}
