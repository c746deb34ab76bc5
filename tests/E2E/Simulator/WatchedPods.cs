using k8s;
using k8s.Models;
using Rollcall.Simulator;

namespace Rollcall.E2E.Simulator;

/// <summary>Waits on a watch until the Pods of a namespace are as a test wants them; never by asking again and again.</summary>
internal sealed class WatchedPods(IKubernetes client, string space)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<(DemoCluster Cluster, IKubernetes Client, WatchedPods Pods)> StartAsync(string scenario, CancellationToken ct)
    {
        var cluster = await DemoCluster.StartAsync(
            new DemoOptions { Scenario = scenario, Speed = 20 }, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, ct);
        var client = DemoCluster.ClientFor(cluster.KubeconfigYaml);
        return (cluster, client, new(client, cluster.Scenario.Namespace));
    }

    public async Task<IReadOnlyDictionary<string, V1Pod>> UntilAsync(string what, Func<IReadOnlyDictionary<string, V1Pod>, bool> holds, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        var list = await client.CoreV1.ListNamespacedPodAsync(space, cancellationToken: patience.Token);
        var pods = list.Items.ToDictionary(p => p.Name());
        if (holds(pods))
            return pods;
        try
        {
            await foreach (var (type, pod) in client.CoreV1.WatchListNamespacedPodAsync(
                space, resourceVersion: list.ResourceVersion(), onError: e => throw e, cancellationToken: patience.Token))
            {
                if (type is WatchEventType.Deleted)
                    pods.Remove(pod.Name());
                else
                    pods[pod.Name()] = pod;
                if (holds(pods))
                    return pods;
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The assertion below says what was waited for.
        }
        throw new TimeoutException($"Never came true: {what}. Last seen: {string.Join(", ", pods.Values.Select(Describe))}");
    }

    public Task<IReadOnlyDictionary<string, V1Pod>> UntilAllReadyAsync(int count, CancellationToken ct) =>
        UntilAsync($"{count} Pods Ready", pods => pods.Count == count && pods.Values.All(IsReady), ct);

    public static bool IsReady(V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null && pod.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) is true;

    public static string? RoleOf(V1Pod pod) => pod.Metadata.Labels.TryGetValue("kubeblocks.io/role", out var role) ? role : null;

    public static string Describe(V1Pod pod) =>
        $"{pod.Name()} {pod.Spec.Containers[0].Image} {(IsReady(pod) ? "ready" : pod.Status?.ContainerStatuses?[0].State?.Waiting?.Reason ?? "not ready")} {RoleOf(pod)}";
}
