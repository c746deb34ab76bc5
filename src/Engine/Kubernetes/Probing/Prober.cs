using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Probing;

/// <summary>
/// Asks database members who they are and how far they have come: on demand first, and all of them every now and then. One command per Pod at a time, so many at
/// once, so many per second and cluster. The answers go to the topology's one writer.
/// </summary>
/// <param name="profile">A profile by its name.</param>
/// <param name="record">Writes a reading; completes when it can be read.</param>
public sealed partial class Prober(
    ClusterCatalog catalog, PodExec exec, Func<string, EngineProfile?> profile, Func<ClusterKey, string, Reading, Task> record, TimeProvider time, ILogger<Prober> logger, ProbeOptions? options = null)
    : IProber, IAsyncDisposable
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMilliseconds(500);

    private readonly ProbeOptions _options = options ?? new ProbeOptions();
    private readonly ConcurrentDictionary<(ClusterKey, string), Task<Reading>> _running = new();
    private readonly ConcurrentDictionary<ClusterKey, Pace> _pace = new();
    private readonly SemaphoreSlim _atOnce = new((options ?? new ProbeOptions()).AtOnce);
    private readonly CancellationTokenSource _stop = new();
    private int _disposed;
    private Task _sweep = Task.CompletedTask;

    public void Start()
    {
        if (_options.Sweep)
            _sweep = SweepAsync(_stop.Token);
    }

    public async Task RequestAsync(ClusterKey cluster, ImmutableArray<ProbeRequest> requests, CancellationToken ct)
    {
        if (catalog.Find(cluster) is not { } store || profile(store.Current.Profile) is not { } known)
            return;
        var topology = store.Current;
        List<Task> asked = [];
        foreach (var request in WithLeaders(topology, known, requests))
            if (known.For(request.Component) is { Probe: not null } rolled && Find(topology, request.Component, request.Instance) is { } target)
                asked.Add(AskAsync(cluster, target, rolled, request.MaxAge, ct));
        await Task.WhenAll(asked).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        // The container knows it by two names: only the first time counts.
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _sweep.ConfigureAwait(false);
        await ((Task)Task.WhenAll(_running.Values)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _atOnce.Dispose();
        _stop.Dispose();
    }

    /// <summary>How far a follower is behind is the difference of two positions; a leader's old one would flatter the follower.</summary>
    private static List<ProbeRequest> WithLeaders(TopologySnapshot topology, EngineProfile profile, ImmutableArray<ProbeRequest> requests)
    {
        var all = new Dictionary<(string, string), ProbeRequest>();
        foreach (var request in requests)
        {
            Add(request);
            var shard = topology.Components.FirstOrDefault(c => c.Name == request.Component)?.Shards.FirstOrDefault(s => s.Name == request.Shard);
            foreach (var leader in shard?.Instances.Where(i => profile.For(request.Component).Role(i.Role)?.Leads == true) ?? [])
                Add(request with { Instance = leader.Name });
        }
        return [.. all.Values];

        void Add(ProbeRequest request)
        {
            if (!all.TryGetValue((request.Component, request.Instance), out var had) || had.MaxAge > request.MaxAge)
                all[(request.Component, request.Instance)] = request;
        }
    }

    private static Target? Find(TopologySnapshot topology, string component, string instance)
    {
        var c = topology.Components.FirstOrDefault(c => c.Name == component);
        var member = c?.Shards.SelectMany(s => s.Instances).FirstOrDefault(i => i.Name == instance);
        return member is null ? null : new Target(member, c!.Workloads.FirstOrDefault(w => w.Name == member.Workload)?.VersionContainer ?? "");
    }

    private async Task AskAsync(ClusterKey cluster, Target target, EngineProfile known, TimeSpan maxAge, CancellationToken ct)
    {
        var member = target.Member;
        if (member.Uid.Length == 0)
            return;
        if (member.Probe is { } had && had.Uid == member.Uid && time.GetUtcNow() - had.At <= (had.CannotRun ? _options.AfterCannotRun : had.Error is not null ? _options.AfterError : maxAge))
            return;
        var wanted = time.GetUtcNow() - maxAge;
        var key = (cluster, member.Name);
        while (true)
        {
            if (_running.TryGetValue(key, out var running))
            {
                // Somebody asks this Pod already; good enough if it began late enough.
                if ((await running.WaitAsync(ct).ConfigureAwait(false)) is { } reading && reading.Uid == member.Uid && reading.At >= wanted)
                    return;
                continue;
            }
            await RunAsync(cluster, target, known, urgent: true).WaitAsync(ct).ConfigureAwait(false);
            return;
        }
    }

    /// <summary>Begins to ask a Pod; whoever comes meanwhile shares the answer.</summary>
    private Task<Reading> RunAsync(ClusterKey cluster, Target target, EngineProfile known, bool urgent)
    {
        var key = (cluster, target.Member.Name);
        var begun = new TaskCompletionSource<Reading>(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = _running.GetOrAdd(key, begun.Task);
        if (running != begun.Task)
            return running;
        _ = CompleteAsync();
        return begun.Task;

        async Task CompleteAsync()
        {
            try
            {
                if (urgent)
                    await Pace(cluster).TakeAsync(_stop.Token).ConfigureAwait(false);
                await _atOnce.WaitAsync(_stop.Token).ConfigureAwait(false);
                Reading reading;
                try
                {
                    reading = await ProbeAsync(cluster, target, known, _stop.Token).ConfigureAwait(false);
                }
                finally
                {
                    _atOnce.Release();
                }
                await record(cluster, target.Member.Name, reading).ConfigureAwait(false);
                _running.TryRemove(key, out _);
                begun.SetResult(reading);
            }
            catch (OperationCanceledException e)
            {
                _running.TryRemove(key, out _);
                begun.TrySetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                // A bug here must reach whoever asked, and must not leave the Pod marked as being asked.
                LogFailed(logger, cluster.ToString(), target.Member.Name, e);
                _running.TryRemove(key, out _);
                begun.TrySetException(e);
            }
        }
    }

    private async Task<Reading> ProbeAsync(ClusterKey cluster, Target target, EngineProfile known, CancellationToken ct)
    {
        var (member, probe) = (target.Member, known.Probe!);
        // The moment of asking, not of the answer: what is fresh must not look fresher than it is.
        var reading = new Reading { At = time.GetUtcNow(), Uid = member.Uid, Source = $"{probe.Tool} on {member.Name}" };
        var container = probe.Containers.IsEmpty
            ? (target.VersionContainer.Length > 0 ? target.VersionContainer : member.Images.Keys.FirstOrDefault())
            : probe.Containers.FirstOrDefault(member.Images.ContainsKey);
        if (container is null && probe.Http is null)
            return reading with { Error = $"No container {string.Join(" or ", probe.Containers)} in this Pod.", CannotRun = true };
        var outcome = await exec.AskAsync(cluster.Namespace, member.Name, container ?? "", probe, ct).ConfigureAwait(false);
        reading = reading with { Took = time.GetUtcNow() - reading.At };
        return outcome.Succeeded
            ? ProbeReader.Read(known, outcome.Output, reading)
            : reading with { Error = outcome.Why, CannotRun = outcome.CannotRun };
    }

    private Pace Pace(ClusterKey cluster) => _pace.GetOrAdd(cluster, _ => new Pace(_options.PerSecond, time));

    private async Task SweepAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(SweepEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
                foreach (var store in catalog.Stores)
                    if (profile(store.Current.Profile) is { } known)
                        Sweep(store, known);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            LogStopped(logger);
        }
    }

    private void Sweep(TopologyStore store, EngineProfile known)
    {
        var (now, topology) = (time.GetUtcNow(), store.Current);
        if (!topology.Connected)
            return;
        var due = topology.Components
            .Select(c => (Component: c, Profile: known.For(c.Name)))
            .Where(c => c.Profile.Probe is not null)
            .SelectMany(c => c.Component.Shards.SelectMany(s => s.Instances).Select(i => (c.Profile, Target: new Target(i, c.Component.Workloads.FirstOrDefault(w => w.Name == i.Workload)?.VersionContainer ?? ""))))
            .Where(t => t.Target.Member is { Phase: "Running", Dead: false } m && now >= Due(m, store.Watched ? t.Profile.Probe!.Period : _options.Idle) && !_running.ContainsKey((topology.Cluster, m.Name)))
            .OrderBy(t => t.Target.Member.Probe?.At ?? DateTimeOffset.MinValue);
        foreach (var (rolled, target) in due)
        {
            if (!Pace(topology.Cluster).TryTakeSpare())
                return;
            _ = RunAsync(topology.Cluster, target, rolled, urgent: false);
        }
    }

    private DateTimeOffset Due(Instance member, TimeSpan period) =>
        member.Probe is { } had && had.Uid == member.Uid ? had.At + Longest(period, had.CannotRun ? _options.AfterCannotRun : TimeSpan.Zero, had.Took * _options.SweepShare) : DateTimeOffset.MinValue;

    private static TimeSpan Longest(TimeSpan a, TimeSpan b, TimeSpan c) => a > b ? (a > c ? a : c) : b > c ? b : c;

    private sealed record Target(Instance Member, string VersionContainer);

    [LoggerMessage(2101, LogLevel.Error, "{Cluster}: asking {Instance} failed.")]
    private static partial void LogFailed(ILogger logger, string cluster, string instance, Exception exception);

    [LoggerMessage(2102, LogLevel.Debug, "The sweep has ended.")]
    private static partial void LogStopped(ILogger logger);
}
