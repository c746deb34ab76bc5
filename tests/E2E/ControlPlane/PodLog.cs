using System.Collections.Immutable;
using System.Globalization;
using k8s;
using k8s.Models;
using Rollcall.E2E.Simulator;

namespace Rollcall.E2E.ControlPlane;

/// <summary>A Pod began to go, and how its fellows stood at that moment.</summary>
/// <param name="Version">The API server's counter: what has a higher one came later.</param>
/// <param name="Unready">The other members that were missing, going or not Ready.</param>
internal sealed record Deletion(string Pod, string Uid, long Version, ImmutableArray<string> Unready);

/// <summary>What the API server's own watch says of the Pods of one cluster, from its start on: a witness that knows nothing of Rollcall.</summary>
internal sealed class PodLog : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, V1Pod> _pods;
    private readonly ImmutableArray<string> _members;
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private readonly List<Deletion> _deletions = [];
    private readonly Task _watching;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PodLog(IKubernetes client, string space, string selector, V1PodList first)
    {
        _pods = first.Items.ToDictionary(p => p.Name());
        _members = [.. _pods.Keys.Order(StringComparer.Ordinal)];
        _watching = WatchAsync(client, space, selector, first.ResourceVersion());
    }

    /// <summary>Waits until the cluster has so many Pods and all are Ready; what came before is not told.</summary>
    public static async Task<PodLog> StartAsync(IKubernetes client, string space, string selector, int count, CancellationToken ct)
    {
        await new WatchedPods(client, space).UntilAsync($"{count} Pods of {selector} Ready", pods => Fitting(pods.Values, selector) is var mine && mine.Count == count && mine.All(WatchedPods.IsReady), ct);
        return new PodLog(client, space, selector, await client.CoreV1.ListNamespacedPodAsync(space, labelSelector: selector, cancellationToken: ct));
    }

    /// <summary>In their order.</summary>
    public ImmutableArray<Deletion> Deletions
    {
        get
        {
            lock (_lock)
                return [.. _deletions];
        }
    }

    public ImmutableArray<string> DeletedPods => [.. Deletions.Select(d => d.Pod)];

    public async Task<IReadOnlyDictionary<string, V1Pod>> UntilAsync(string what, Func<IReadOnlyDictionary<string, V1Pod>, bool> holds, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (holds(_pods))
                    return _pods.ToImmutableDictionary();
                changed = _changed.Task;
            }
            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
            {
                throw new TimeoutException($"Never came true: {what}. Deleted so far: {string.Join(", ", DeletedPods)}", e);
            }
        }
    }

    public async Task<Deletion> UntilDeletedAsync(int count, CancellationToken ct)
    {
        await UntilAsync($"{count} deletions", _ => _deletions.Count >= count, ct);
        return Deletions[count - 1];
    }

    public Task<IReadOnlyDictionary<string, V1Pod>> UntilAllReadyOnAsync(string image, CancellationToken ct) =>
        UntilAsync($"all Ready on {image}", pods => pods.Count == _members.Length && pods.Values.All(p => WatchedPods.IsReady(p) && p.Spec.Containers[0].Image == image), ct);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static List<V1Pod> Fitting(IEnumerable<V1Pod> pods, string selector) =>
        selector.Split('=') is [var key, var value] ? [.. pods.Where(p => p.Metadata.Labels?.TryGetValue(key, out var its) is true && its == value)] : throw new ArgumentException("One label=value.", nameof(selector));

    private async Task WatchAsync(IKubernetes client, string space, string selector, string version)
    {
        try
        {
            await foreach (var (type, pod) in client.CoreV1.WatchListNamespacedPodAsync(
                space, labelSelector: selector, resourceVersion: version, onError: e => throw e, cancellationToken: _stop.Token))
                See(type, pod);
            throw new InvalidOperationException("The watch of Pods ended.");
        }
        catch (Exception e)
        {
            lock (_lock)
                _changed.TrySetException(e);
            throw;
        }
    }

    private void See(WatchEventType type, V1Pod pod)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if ((type is WatchEventType.Deleted || pod.Metadata.DeletionTimestamp is not null) && _gone.Add(pod.Uid()))
                _deletions.Add(new(pod.Name(), pod.Uid(), long.Parse(pod.ResourceVersion(), CultureInfo.InvariantCulture), Unready(except: pod.Name())));
            if (type is WatchEventType.Deleted)
                _pods.Remove(pod.Name());
            else
                _pods[pod.Name()] = pod;
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.TrySetResult();
    }

    private ImmutableArray<string> Unready(string except) => [.. _members.Where(m => m != except && !(_pods.TryGetValue(m, out var pod) && WatchedPods.IsReady(pod)))];
}
