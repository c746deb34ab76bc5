using k8s;
using Rollcall.E2E.Support;
using Xunit;

namespace Rollcall.E2E.Node;

/// <summary>A control plane with one real node: kubelet, containerd, real containers, exec. Where none can run, <see cref="SkipReason"/> says why.</summary>
public sealed class RealNode : IAsyncLifetime
{
    /// <summary>What the scripts exit with where no node can run.</summary>
    private const int CannotRun = 77;

    private readonly RealControlPlane _server = new();
    private Kubernetes? _client;

    public string? SkipReason { get; private set; }

    public IKubernetes Client => _client ?? throw new InvalidOperationException("There is no node.");

    /// <summary>A file of this folder.</summary>
    public static string File(string name) => Path.Combine(RepositoryPaths.Root, "tests", "E2E", "Node", name);

    public string Kubeconfig => _server.KubeconfigPath;

    public async ValueTask InitializeAsync()
    {
        SkipReason = RealControlPlane.SkipReason;
        if (SkipReason is not null || !await RanAsync([], "node-install.sh", TimeSpan.FromMinutes(10)))
            return;
        await _server.InitializeAsync();
        if (!await RanAsync([], "node-up.sh", TimeSpan.FromMinutes(3), _server.Folder))
            return;
        _client = _server.CreateClient();
    }

    /// <summary>Makes the image from a release of Debian when it is not there yet, under all these tags: another tag is another version to Kubernetes and to Rollcall.</summary>
    public async Task ImageAsync(string suite, string name, string[] tags, params string[] packages)
    {
        await RanAsync([$"SUITE={suite}"], "image.sh", TimeSpan.FromMinutes(10), [_server.Folder, $"{name}:{tags[0]}", .. packages]);
        var node = (await System.IO.File.ReadAllTextAsync(Path.Combine(_server.Folder, "node.pid"))).Trim();
        foreach (var tag in tags.Skip(1))
        {
            var (exitCode, output) = await RealControlPlane.RunAsync("nsenter", ["--target", node, "--mount", "ctr", "--namespace", "k8s.io", "images", "tag", "--force", $"docker.io/{name}:{tags[0]}", $"docker.io/{name}:{tag}"], TimeSpan.FromSeconds(60));
            if (exitCode != 0)
                throw new InvalidOperationException($"The image {name}:{tag} could not be named: {output}");
        }
    }

    public Task<string> KubectlAsync(params string[] arguments) => _server.KubectlAsync(arguments);

    public Task<string> ApplyAsync(string space, string manifest) => _server.KubectlAsync(manifest, ["-n", space, "apply", "-f", "-"]);

    /// <summary>What the next test needs not share the machine with.</summary>
    public Task EndAsync(string space) => KubectlAsync("delete", "namespace", space, "--wait=false");

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await _server.DisposeAsync();
    }

    /// <summary>False where no node can run, which the script says in one sentence; any other failure is one.</summary>
    private async Task<bool> RanAsync(string[] environment, string script, TimeSpan timeout, params string[] arguments)
    {
        var (exitCode, output) = await RealControlPlane.ScriptAsync(environment, script, timeout, arguments);
        if (exitCode == CannotRun)
            SkipReason = output.Trim().Split('\n')[^1];
        return exitCode is 0 or CannotRun ? exitCode == 0 : throw new InvalidOperationException($"{script} ended with {exitCode}: {output}");
    }
}

/// <summary>Real databases want the whole machine: one test at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class NodeTests : ICollectionFixture<RealNode>
{
    public const string Name = "node";
}
