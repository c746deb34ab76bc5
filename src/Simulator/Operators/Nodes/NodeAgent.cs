using k8s;
using k8s.Models;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Operators.Nodes;

/// <summary>
/// Scheduler and kubelets of all simulated nodes: gives a Pod its node, starts and stops its containers after the times of the scenario,
/// reports its status, and ends it when it is deleted. A container that starts or stops is a member of its database that starts or stops.
/// </summary>
internal sealed class NodeAgent : Controller
{
    private static readonly TimeSpan ReadinessPeriod = TimeSpan.FromMilliseconds(100);

    private readonly IKubernetes _client;
    private readonly ObjectCache<V1Pod> _pods;
    private readonly Scheduler _scheduler;
    private readonly DatabaseHost _databases;
    private readonly ImageRegistry _images;
    private readonly NodeTimings _timings;
    private readonly TimeProvider _time;
    private readonly PodEvents? _events;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PodRuntime> _runtimes = new(StringComparer.Ordinal);

    public NodeAgent(IKubernetes client, ObjectCache<V1Pod> pods, Scheduler scheduler, DatabaseHost databases, ImageRegistry images,
        NodeTimings timings, AlarmClock alarms, TimeProvider time, ILogger log)
        : base("node agent", alarms, log)
    {
        (_client, _pods, _scheduler, _databases, _images, _timings, _time) = (client, pods, scheduler, databases, images, timings, time);
        // Where nothing takes time (a large scenario), a Pod is to cost two writes and no more.
        _events = timings.Create > TimeSpan.Zero ? new PodEvents(client, time, log) : null;
        pods.OnChange((before, after) => Enqueue(ObjectKey.Of((after ?? before)!)));
    }

    /// <summary>Whether the container of this Pod runs, as exec asks.</summary>
    public bool Runs(string key)
    {
        lock (_lock)
            return _runtimes.TryGetValue(key, out var runtime) && runtime.Stage is PodStage.Started or PodStage.Ready or PodStage.Terminating;
    }

    protected override async Task ReconcileAsync(string key, CancellationToken ct)
    {
        var pod = _pods.Find(key);
        var runtime = Runtime(key);
        if (runtime is not null && runtime.Uid != pod?.Uid())
        {
            // It went without us: deleted with grace 0, or while nobody watched.
            Forget(key, runtime);
            runtime = null;
        }
        if (pod is null)
            return;
        if (string.IsNullOrEmpty(pod.Spec.NodeName))
        {
            if (pod.Metadata.DeletionTimestamp is null)
                await BindAsync(pod, ct);
            return;
        }
        if (_scheduler.Nodes.All(n => n.Name != pod.Spec.NodeName))
            return;
        runtime ??= Admit(key, pod);
        if (pod.Metadata.DeletionTimestamp is not null)
            await TerminateAsync(key, pod, runtime, ct);
        else
            await RunAsync(key, pod, runtime, ct);
    }

    private async Task RunAsync(string key, V1Pod pod, PodRuntime runtime, CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        // Zero times collapse into one step, so that a large scenario writes each Pod's status once.
        while (Step(key, pod, runtime, now))
        {
        }
        var present = (runtime.Stage, runtime.BackingOff, runtime.Restarts);
        if (runtime.Reported != present)
        {
            await ReportAsync(pod, runtime, ct);
            var first = runtime.Reported is null;
            runtime.Reported = present;
            if (_events is not null)
                await _events.NoteAsync(pod, runtime, first, ct);
        }
        if (runtime.Stage is not PodStage.Ready && runtime.AlarmAt is null)
        {
            runtime.AlarmAt = runtime.Due;
            EnqueueAfter(key, runtime.Due - now);
        }
    }

    /// <summary>One transition, if one is due.</summary>
    private bool Step(string key, V1Pod pod, PodRuntime runtime, DateTimeOffset now)
    {
        if (runtime.Stage is PodStage.Ready or PodStage.Started && Changed(pod, runtime))
        {
            // An in-place change: the container ends and starts again with its new image.
            _databases.Stop(key, clean: true);
            runtime.Restarts++;
            Enter(runtime, PodStage.Creating, now, _timings.Create);
            return true;
        }
        if (runtime.Stage is PodStage.Ready || (runtime.Stage is not PodStage.New && now < runtime.Due))
            return false;
        switch (runtime.Stage)
        {
            case PodStage.New when pod.Status?.Phase is "Running":
                Adopt(key, pod, runtime);
                return true;
            case PodStage.New:
                Enter(runtime, PodStage.Creating, now, _timings.Create);
                return true;
            case PodStage.Creating or PodStage.PullFailed when pod.Spec.Containers.Any(c => !_images.Has(c.Image)):
                runtime.BackingOff = runtime.Stage is PodStage.PullFailed;
                Enter(runtime, PodStage.PullFailed, now, runtime.BackingOff ? _timings.PullBackOff : _timings.PullBackOff / 5);
                return false;
            case PodStage.Crashed:
                runtime.Restarts++;
                StartContainers(key, pod, runtime, now);
                return runtime.Stage is PodStage.Started;
            case PodStage.Started when !_databases.Ready(key):
                (runtime.Due, runtime.AlarmAt) = (now + ReadinessPeriod, null);
                return false;
            case PodStage.Started:
                Enter(runtime, PodStage.Ready, now, TimeSpan.Zero);
                return true;
            default:
                StartContainers(key, pod, runtime, now);
                return runtime.Stage is PodStage.Started;
        }
    }

    private void StartContainers(string key, V1Pod pod, PodRuntime runtime, DateTimeOffset now)
    {
        foreach (var container in pod.Spec.Containers)
            runtime.Images[container.Name] = container.Image;
        runtime.StartedAt = now;
        runtime.CrashOutput = _databases.Start(pod, runtime.Ip, ImageRegistry.TagOf(MainContainer(pod).Image));
        if (runtime.CrashOutput is null)
            Enter(runtime, PodStage.Started, now, _timings.Ready);
        else
            Enter(runtime, PodStage.Crashed, now, _timings.CrashBackOff);
    }

    /// <summary>A Pod that ran before these operators did: its containers go on.</summary>
    private void Adopt(string key, V1Pod pod, PodRuntime runtime)
    {
        foreach (var container in pod.Spec.Containers)
            runtime.Images[container.Name] = pod.Status.ContainerStatuses?.FirstOrDefault(s => s.Name == container.Name)?.Image ?? container.Image;
        var now = _time.GetUtcNow();
        runtime.SeenAt = pod.Status.StartTime ?? now;
        runtime.StartedAt = pod.Status.ContainerStatuses?.Select(s => s.State?.Running?.StartedAt).FirstOrDefault(at => at is not null) ?? now;
        runtime.Restarts = pod.Status.ContainerStatuses?.Select(s => s.RestartCount).FirstOrDefault() ?? 0;
        _databases.Start(pod, runtime.Ip, ImageRegistry.TagOf(runtime.Images[MainContainer(pod).Name]));
        Enter(runtime, PodStage.Started, now, TimeSpan.Zero);
    }

    private async Task TerminateAsync(string key, V1Pod pod, PodRuntime runtime, CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        if (runtime.Stage is PodStage.Gone)
            return;
        if (runtime.Stage is not PodStage.Terminating)
        {
            var grace = TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? 30);
            var started = runtime.StartedAt is not null;
            Enter(runtime, PodStage.Terminating, now, !started ? TimeSpan.Zero : grace < _timings.Terminate ? grace : _timings.Terminate);
            _databases.Stop(key, clean: true);
            if (_events is not null && started)
                await _events.NoteAsync(pod, runtime, first: false, ct);
        }
        if (now < runtime.Due)
        {
            EnqueueAfter(key, runtime.Due - now);
            return;
        }
        await Writing.UnlessGoneAsync(() => _client.CoreV1.DeleteNamespacedPodAsync(
            pod.Name(), pod.Namespace(), new V1DeleteOptions { GracePeriodSeconds = 0, Preconditions = new() { Uid = pod.Uid() } }, cancellationToken: ct));
        runtime.Stage = PodStage.Gone;
    }

    private async Task BindAsync(V1Pod pod, CancellationToken ct)
    {
        var binding = new V1Binding
        {
            Metadata = new() { Name = pod.Name(), NamespaceProperty = pod.Namespace(), Uid = pod.Uid() },
            Target = new() { ApiVersion = "v1", Kind = "Node", Name = _scheduler.Place(pod).Name },
        };
        await Writing.UnlessGoneAsync(() => _client.CoreV1.CreateNamespacedPodBindingAsync(binding, pod.Name(), pod.Namespace(), cancellationToken: ct));
    }

    private async Task ReportAsync(V1Pod pod, PodRuntime runtime, CancellationToken ct)
    {
        var report = PodStatusReport.For(pod, runtime, _scheduler.HostAddress(pod.Spec.NodeName), _images.Has);
        report["metadata"] = new System.Text.Json.Nodes.JsonObject { ["uid"] = runtime.Uid };
        await Writing.UnlessGoneAsync(() => _client.CoreV1.PatchNamespacedPodStatusAsync(Writing.Merge(report), pod.Name(), pod.Namespace(), cancellationToken: ct));
    }

    private static void Enter(PodRuntime runtime, PodStage stage, DateTimeOffset now, TimeSpan duration)
    {
        var wasReady = runtime.Stage is PodStage.Ready;
        (runtime.Stage, runtime.Due, runtime.AlarmAt) = (stage, now + duration, null);
        if (wasReady != stage is PodStage.Ready)
            runtime.ReadyChangedAt = now;
    }

    private static bool Changed(V1Pod pod, PodRuntime runtime) =>
        pod.Spec.Containers.Any(c => runtime.Images.TryGetValue(c.Name, out var image) && image != c.Image);

    /// <summary>The container that the database runs in is the first one; helpers such as kbagent come after it.</summary>
    private static V1Container MainContainer(V1Pod pod) => pod.Spec.Containers[0];

    private PodRuntime? Runtime(string key)
    {
        lock (_lock)
            return _runtimes.GetValueOrDefault(key);
    }

    private PodRuntime Admit(string key, V1Pod pod)
    {
        var ip = pod.Status?.PodIP is { Length: > 0 } known ? known : _scheduler.NextAddress(pod.Spec.NodeName);
        var runtime = new PodRuntime(pod, ip) { SeenAt = _time.GetUtcNow() };
        lock (_lock)
            _runtimes[key] = runtime;
        return runtime;
    }

    private void Forget(string key, PodRuntime runtime)
    {
        lock (_lock)
            _runtimes.Remove(key);
        if (runtime.Stage is not (PodStage.Gone or PodStage.Terminating))
            _databases.Stop(key, clean: false);
    }
}
