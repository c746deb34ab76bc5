using System.Collections.Immutable;
using System.Text.Json;
using System.Threading.Channels;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Kubernetes.Mapping;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Observing;

/// <summary>
/// The one writer of the topology: informers and the prober post to it, it folds what they say into the catalog. It takes everything that waits before it writes, so
/// that a burst becomes one snapshot, and adds no delay of its own.
/// </summary>
public sealed partial class ObserveService(
    KubernetesConnection connection, ClusterCatalog catalog, ProfileResolver profiles, TimeProvider time, ILogger<ObserveService> logger, InformerOptions? options = null) : IAsyncDisposable
{
    /// <summary>How often ages are looked at.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    /// <summary>So many changes at most become one snapshot; a storm must not keep readers waiting for its end.</summary>
    private const int Batch = 2000;

    private readonly Channel<Action> _inbox = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly World _world = new();
    private readonly Dictionary<ClusterKey, ClusterBook> _books = [];
    private readonly SortedDictionary<string, (InformerStatus Status, Func<DateTimeOffset> Heard)> _sources = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly InformerOptions _options = options ?? new InformerOptions();
    private readonly string _epoch = Guid.NewGuid().ToString("n")[..8];
    private readonly List<Task> _loops = [];
    private readonly HashSet<ClusterKey> _answered = [];
    private readonly List<TaskCompletionSource> _recorded = [];
    private bool _headersDirty;

    /// <summary>Begins to observe; returns at once. <see cref="ClusterCatalog.Ready"/> tells when the first lists are through.</summary>
    public void Start()
    {
        _loops.Add(WriteAsync(_stop.Token));
        _loops.Add(TickAsync(_stop.Token));
        _loops.Add(ObserveAsync(KubeKind.Pods, Typed<V1Pod>(Slim), _world.Pod));
        _loops.Add(ObserveAsync(KubeKind.StatefulSets, Typed<V1StatefulSet>(), _world.Set));
        _loops.Add(ObserveAsync(KubeKind.Clusters, Raw, _world.Cluster));
        _loops.Add(ObserveAsync(KubeKind.Components, Raw, _world.Component));
        _loops.Add(ObserveAsync(KubeKind.InstanceSets, Raw, _world.InstanceSet));
        _loops.Add(ObserveAsync(KubeKind.OpsRequests, Raw, _world.Operation));
        _loops.Add(ObserveAsync(KubeKind.Backups, Raw, _world.Backup));
        _loops.Add(ObserveAsync(KubeKind.ComponentDefinitions, Raw, _world.Definition));
        _loops.Add(ObserveAsync(KubeKind.ComponentVersions, Raw, _world.Versions));
        _loops.Add(ObserveAsync(KubeKind.Nodes, Raw, (key, node) => _world.Zone(key.Name, node?.Label("topology.kubernetes.io/zone"))));
        _loops.Add(ObserveBudgetsAsync(_stop.Token));
    }

    /// <summary>Stores an engine's answer; completes when the snapshot that has it can be read. Answers of a Pod that is no more are dropped.</summary>
    public Task RecordAsync(ClusterKey cluster, string instance, Reading reading)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            if (_books.TryGetValue(cluster, out var book))
            {
                book.Keep(instance, reading);
                _answered.Add(cluster);
            }
            _recorded.Add(done);
        });
        return done.Task.WaitAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _inbox.Writer.TryComplete();
        await Task.WhenAll(_loops).ConfigureAwait(false);
        _stop.Dispose();
    }

    private static Func<JsonElement, T> Typed<T>(Action<T>? trim = null) => e =>
    {
        var made = KubernetesJson.Deserialize<T>(e);
        trim?.Invoke(made);
        return made;
    };

    private static KubeObject Raw(JsonElement e) => new(e.Clone());

    /// <summary>Most of a Pod is never looked at; with ten thousand of them that matters.</summary>
    private static void Slim(V1Pod pod)
    {
        pod.Metadata.ManagedFields = null;
        pod.Metadata.Annotations = null;
        if (pod.Spec is not { } spec)
            return;
        spec.Volumes = null;
        spec.Tolerations = null;
        spec.Affinity = null;
        foreach (var c in spec.Containers)
        {
            c.Env = null;
            c.VolumeMounts = null;
            c.Args = null;
            c.Command = null;
            c.LivenessProbe = c.ReadinessProbe = c.StartupProbe = null;
        }
    }

    private Task ObserveAsync<T>(KubeKind kind, Func<JsonElement, T> read, Action<ObjectKey, T?> apply)
        where T : class
    {
        Informer<T>? informer = null;
        informer = new Informer<T>(connection, kind, read, (key, item) => Post(() => apply(key, item)), status => Post(() => Noted(kind, status, () => informer!.LastHeard)), _options, time, logger);
        return informer.RunAsync(_stop.Token);
    }

    private async Task ObserveBudgetsAsync(CancellationToken ct)
    {
        try
        {
            ApiDiscovery? served;
            while ((served = await ApiDiscovery.ReadAsync(connection, ct).ConfigureAwait(false)) is null)
                await Task.Delay(_options.BackoffMost, time, ct).ConfigureAwait(false);
            await ObserveAsync(served.Budgets, Typed<V1PodDisruptionBudget>(), _world.Budget).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            LogStopped(logger);
        }
    }

    private void Post(Action change) => _inbox.Writer.TryWrite(change);

    private void Noted(KubeKind kind, InformerStatus status, Func<DateTimeOffset> heard)
    {
        _sources[kind.Resource] = (status, heard);
        _headersDirty = true;
    }

    private async Task WriteAsync(CancellationToken ct)
    {
        try
        {
            while (await _inbox.Reader.WaitToReadAsync(ct).ConfigureAwait(false))
            {
                for (var i = 0; i < Batch && _inbox.Reader.TryRead(out var change); i++)
                    change();
                Fold();
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            LogStopped(logger);
        }
    }

    private async Task TickAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
                Post(() => _headersDirty = true);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            LogStopped(logger);
        }
    }

    private void Fold()
    {
        // Half a list would show clusters with members missing; wait for the first lists.
        if (!catalog.Ready && !Conclusive())
        {
            catalog.SetNotes(SourceNotes.Of(_sources.ToDictionary(s => s.Key, s => s.Value.Status), _world.Foreign));
            return;
        }
        var dirty = _world.Dirty.ToList();
        _world.Dirty.Clear();
        foreach (var key in dirty)
            Rebuild(key);
        foreach (var key in _answered.Except(dirty))
            if (_books.TryGetValue(key, out var book))
                Write(key, book);
        _answered.Clear();
        foreach (var done in _recorded)
            done.TrySetResult();
        _recorded.Clear();
        if (_headersDirty)
        {
            _headersDirty = false;
            catalog.SetNotes(SourceNotes.Of(_sources.ToDictionary(s => s.Key, s => s.Value.Status), _world.Foreign));
            foreach (var (key, book) in _books)
                Refresh(key, book);
        }
        if (!catalog.Ready)
            catalog.SetReady();
    }

    private bool Conclusive() => SourceNotes.Needed.All(n => _sources.TryGetValue(n, out var s) && s.Status.Conclusive);

    private void Rebuild(ClusterKey key)
    {
        if (!_books.TryGetValue(key, out var book))
            _books[key] = book = new ClusterBook();
        var (bare, profile) = Map(key, book.Memo);
        if (bare is null)
        {
            _books.Remove(key);
            catalog.Remove(key);
            return;
        }
        if (_world.NamedProfile(key) is { } named && named != profile!.Name)
            bare = bare with { Notes = [$"The label {Marks.Profile} names {named}, which is no profile here; {profile.Name} is used."] };
        book.Take(bare, profile!, time.GetUtcNow());
        Write(key, book);
    }

    private (TopologySnapshot?, EngineProfile?) Map(ClusterKey key, MemberMemo memo)
    {
        if (_world.KubeBlocks(key, profiles, memo) is { } cluster)
            return (KubeBlocksMapping.Map(cluster), cluster.Profile);
        return _world.Group(key, profiles, memo) is { } group ? (StatefulSetMapping.Map(group), group.Profile) : default;
    }

    private void Write(ClusterKey key, ClusterBook book)
    {
        var now = time.GetUtcNow();
        var (heard, connected) = Heard(key);
        if (catalog.Find(key) is not { } store)
        {
            catalog.GetOrAdd(key, () => new TopologyStore(book.Compose(null, now) with { ObservedAt = heard, Connected = connected }, _epoch));
            return;
        }
        store.Update(before => book.Compose(before, now) with { ObservedAt = heard, Connected = connected });
    }

    private void Refresh(ClusterKey key, ClusterBook book)
    {
        if (catalog.Find(key) is not { } store)
            return;
        var (heard, connected) = Heard(key);
        if (book.Ages(store.Current, time.GetUtcNow()))
            Write(key, book);
        else
            store.Update(before => before.Connected == connected && before.ObservedAt == heard ? before : before with { ObservedAt = heard, Connected = connected });
    }

    private (DateTimeOffset Heard, bool Connected) Heard(ClusterKey key)
    {
        // The last word of the server as long as every watch stands: a kind that has nothing to say is not old. Of the broken ones, the one that has been silent longest.
        var (heard, oldest, connected) = (DateTimeOffset.MinValue, DateTimeOffset.MaxValue, true);
        foreach (var resource in SourceNotes.Feeding(_world.IsKubeBlocks(key)))
        {
            if (!_sources.TryGetValue(resource, out var source))
                continue;
            var at = source.Heard();
            heard = at > heard ? at : heard;
            if (source.Status.Health == InformerHealth.Watching)
                continue;
            connected = false;
            oldest = at < oldest ? at : oldest;
        }
        return (connected ? heard : oldest, connected);
    }

    [LoggerMessage(2010, LogLevel.Debug, "An observing loop has ended.")]
    private static partial void LogStopped(ILogger logger);
}
