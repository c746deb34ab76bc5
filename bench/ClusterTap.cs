using System.Collections.Concurrent;
using System.Collections.Immutable;
using k8s;
using k8s.Models;
using Rollcall.Simulator;
using Rollcall.Simulator.Api;

namespace Rollcall.Bench;

/// <summary>
/// What really happened in the demo cluster, seen from its own side: a Pod watch of the bench's own, every command that reached a container, and (asked of the simulated database itself, past the
/// API server) when a new member was linked to its leader and when a candidate led. Nothing here is what the engine says about itself.
/// </summary>
internal sealed class ClusterTap : IExecHandler, IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly DemoCluster _demo;
    private readonly IKubernetes _client;
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentQueue<Seen> _seen = new();
    private readonly ConcurrentQueue<Command> _commands = new();
    private readonly ConcurrentQueue<Task> _followed = new();
    private readonly HashSet<string> _deleting = [], _ready = [];
    private readonly bool _followLinks;
    private Task _watching = Task.CompletedTask;

    private ClusterTap(DemoCluster demo, bool followLinks) => (_demo, _client, _followLinks) = (demo, DemoCluster.ClientFor(demo.KubeconfigYaml), followLinks);

    /// <param name="What">removed, ready, linked (to its leader), asked (to lead), leads.</param>
    internal sealed record Seen(string What, string Pod, string Workload, DateTimeOffset At);

    /// <summary>A command in a container: when it came, when its answer went.</summary>
    internal sealed record Command(string Pod, DateTimeOffset At, DateTimeOffset Answered, bool Handover);

    /// <summary>In the order of time.</summary>
    public ImmutableArray<Seen> Log => [.. _seen.OrderBy(s => s.At)];
    public ImmutableArray<Command> Commands => [.. _commands.OrderBy(c => c.Answered)];

    /// <param name="followLinks">The Pods are a Redis Cluster whose links and leaders are followed too.</param>
    public static async Task<ClusterTap> StartAsync(DemoCluster demo, bool followLinks)
    {
        var tap = new ClusterTap(demo, followLinks);
        demo.Server.SetExecHandler(tap);
        var list = await tap._client.CoreV1.ListNamespacedPodAsync(demo.Scenario.Namespace);
        foreach (var pod in list.Items.Where(IsReady))
            tap._ready.Add(pod.Uid());
        tap._watching = tap.WatchAsync(list.ResourceVersion());
        return tap;
    }

    public async Task<ExecResult> ExecAsync(ExecRequest request, CancellationToken ct)
    {
        var handover = request.Command.Any(w => w.Contains("CLUSTER FAILOVER", StringComparison.Ordinal));
        var at = Now;
        if (handover)
        {
            Add("asked", request.Pod);
            _followed.Enqueue(UntilAsync(request.Pod, "leads", "role:master"));
        }
        var result = await _demo.Operators.ExecAsync(request, ct);
        _commands.Enqueue(new Command(request.Pod, at, Now, handover));
        return result;
    }

    /// <summary>Completes when everything that was begun to be followed has been seen.</summary>
    public async Task SettledAsync()
    {
        while (_followed.TryDequeue(out var one))
            await one;
    }

    /// <summary>How many leader changes a Redis Cluster has ever had: each is an epoch.</summary>
    public async Task<long> EpochAsync(string pod)
    {
        var said = await AskAsync(pod, "CLUSTER", "INFO");
        const string key = "cluster_current_epoch:";
        var from = said.IndexOf(key, StringComparison.Ordinal) + key.Length;
        return long.Parse(said[from..said.IndexOf('\n', from)].Trim(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _over.Dispose();
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private async Task WatchAsync(string version)
    {
        await foreach (var (type, pod) in _client.CoreV1.WatchListNamespacedPodAsync(_demo.Scenario.Namespace, resourceVersion: version, onError: e => throw e, cancellationToken: _over.Token))
        {
            // The mark of deletion is what the eviction wrote; a Pod without a grace period shows only its end.
            if ((type is WatchEventType.Deleted || pod.Metadata.DeletionTimestamp is not null) && _deleting.Add(pod.Uid()))
                Add("removed", pod.Name());
            if (type is WatchEventType.Deleted || !IsReady(pod) || !_ready.Add(pod.Uid()))
                continue;
            Add("ready", pod.Name());
            if (_followLinks)
                _followed.Enqueue(UntilAsync(pod.Name(), "linked", "master_link_status:up"));
        }
    }

    private async Task UntilAsync(string pod, string what, string sign)
    {
        while (!(await AskAsync(pod, "INFO", "replication")).Contains(sign, StringComparison.Ordinal))
            await Task.Delay(Look, TimeProvider.System, _over.Token);
        Add(what, pod);
    }

    private async Task<string> AskAsync(string pod, params string[] question) =>
        (await _demo.Operators.ExecAsync(new ExecRequest(_demo.Scenario.Namespace, pod, "", ["redis-cli", .. question]), _over.Token)).Stdout;

    private void Add(string what, string pod) => _seen.Enqueue(new Seen(what, pod, pod[..pod.LastIndexOf('-')], Now));

    private static bool IsReady(V1Pod pod) => pod.Metadata.DeletionTimestamp is null && pod.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) is true;
}
