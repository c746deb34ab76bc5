using System.Collections.Concurrent;
using System.Globalization;
using k8s;
using k8s.Models;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.Nodes;

/// <summary>
/// The Events that a scheduler and a kubelet note about a Pod, in their own words. Like a real kubelet it does not insist: an Event that the API server does not take is gone.
/// The oldest go first when there are many, as they do after an hour in a real cluster.
/// </summary>
internal sealed class PodEvents(IKubernetes client, TimeProvider time, ILogger log)
{
    private const int MostKept = 600;

    private readonly ConcurrentQueue<(string Namespace, string Name)> _kept = new();
    private long _serial;

    /// <summary>Notes what the step into the present stage is worth.</summary>
    /// <param name="first">Nothing has been noted about this Pod yet.</param>
    public async Task NoteAsync(V1Pod pod, PodRuntime runtime, bool first, CancellationToken ct)
    {
        foreach (var (type, reason, message, from) in For(pod, runtime, first))
            await WriteAsync(pod, type, reason, message, from, ct);
    }

    private static IEnumerable<(string Type, string Reason, string Message, string From)> For(V1Pod pod, PodRuntime runtime, bool first)
    {
        // A Pod that ran before these operators did was scheduled long ago.
        if (first && runtime.Stage is PodStage.Creating)
            yield return ("Normal", "Scheduled", $"Successfully assigned {pod.Namespace()}/{pod.Name()} to {pod.Spec.NodeName}", "default-scheduler");
        var main = pod.Spec.Containers[0];
        switch (runtime.Stage)
        {
            case PodStage.Creating:
                yield return ("Normal", "Pulling", $"Pulling image \"{main.Image}\"", "kubelet");
                break;
            case PodStage.PullFailed when runtime.BackingOff:
                yield return ("Warning", "BackOff", $"Back-off pulling image \"{main.Image}\"", "kubelet");
                break;
            case PodStage.PullFailed:
                yield return ("Warning", "Failed", $"Failed to pull image \"{main.Image}\": not found", "kubelet");
                break;
            case PodStage.Started:
                yield return ("Normal", "Pulled", $"Successfully pulled image \"{main.Image}\"", "kubelet");
                yield return ("Normal", "Started", $"Started container {main.Name}", "kubelet");
                break;
            case PodStage.Crashed:
                yield return ("Warning", "BackOff", $"Back-off restarting failed container {main.Name} in pod {pod.Name()}", "kubelet");
                break;
            case PodStage.Terminating:
                yield return ("Normal", "Killing", $"Stopping container {main.Name}", "kubelet");
                break;
        }
    }

    private async Task WriteAsync(V1Pod pod, string type, string reason, string message, string from, CancellationToken ct)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var name = $"{pod.Name()}.{Interlocked.Increment(ref _serial).ToString("x8", CultureInfo.InvariantCulture)}{pod.Uid()[..4]}";
        try
        {
            await client.CoreV1.CreateNamespacedEventAsync(new Corev1Event
            {
                Metadata = new() { Name = name, NamespaceProperty = pod.Namespace() },
                InvolvedObject = new() { ApiVersion = "v1", Kind = "Pod", Name = pod.Name(), NamespaceProperty = pod.Namespace(), Uid = pod.Uid() },
                Type = type, Reason = reason, Message = message, Count = 1, FirstTimestamp = now, LastTimestamp = now, Source = new() { Component = from, Host = pod.Spec.NodeName }, ReportingComponent = from,
            }, pod.Namespace(), cancellationToken: ct);
            _kept.Enqueue((pod.Namespace(), name));
            while (_kept.Count > MostKept && _kept.TryDequeue(out var oldest))
                await client.CoreV1.DeleteNamespacedEventAsync(oldest.Name, oldest.Namespace, cancellationToken: ct);
        }
        catch (Exception lost) when (lost is not OperationCanceledException)
        {
            Log.EventLost(log, name, lost);
        }
    }
}
