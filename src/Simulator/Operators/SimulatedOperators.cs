using k8s;
using k8s.Models;
using Rollcall.Simulator.Api;
using Rollcall.Simulator.Databases;
using Rollcall.Simulator.Operators.Jobs;
using Rollcall.Simulator.Operators.KubeBlocks;
using Rollcall.Simulator.Operators.Machinery;
using Rollcall.Simulator.Operators.Nodes;
using Rollcall.Simulator.Operators.StatefulSets;
using Rollcall.Simulator.Scenarios;

namespace Rollcall.Simulator.Operators;

/// <summary>
/// Everything of a cluster that is not its API server: controllers, nodes and databases. It knows the cluster only through
/// <see cref="IKubernetes"/>, so it runs against the simulated API server and against a real one alike.
/// </summary>
public sealed class SimulatedOperators : IExecHandler, IAsyncDisposable
{
    private static readonly TimeSpan JobTakes = TimeSpan.FromSeconds(4);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _loops = [];
    private readonly IKubernetes _client;
    private readonly AlarmClock _alarms;
    private readonly DatabaseHost _databases;
    private readonly ImageRegistry _images;
    private readonly ObjectCache<V1Pod> _pods;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly OperatorOptions _options;
    private readonly Scenario _scenario;

    private SimulatedOperators(IKubernetes client, OperatorOptions options, Scenario scenario, TimeProvider time, ILoggerFactory logs)
    {
        (_client, _options, _scenario, _time) = (client, options, scenario, time);
        _log = logs.CreateLogger("Rollcall.Simulator");
        _alarms = new AlarmClock(time);
        _databases = new DatabaseHost(scenario.Timings.ForDatabases(options.Speed), _alarms, time);
        _images = new ImageRegistry(scenario.BadTags);
        _pods = new ObjectCache<V1Pod>(ResourceFeeds.Pods(client), time, _log);
    }

    /// <summary>Running when it returns; the scenario's Pods come up after it. The client stays the caller's.</summary>
    public static async Task<SimulatedOperators> StartAsync(
        IKubernetes client, OperatorOptions options, Scenario scenario, TimeProvider time, ILoggerFactory logs, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Speed);
        var operators = new SimulatedOperators(client, options, scenario, time, logs);
        try
        {
            await operators.StartAsync(ct);
            return operators;
        }
        catch
        {
            await operators.DisposeAsync();
            throw;
        }
    }

    /// <summary>Answers exec for the containers of this cluster's Pods.</summary>
    public async Task<ExecResult> ExecAsync(ExecRequest request, CancellationToken ct)
    {
        var result = await _databases.ExecAsync(ObjectKey.Of(request.Namespace, request.Pod), request.Command).WaitAsync(ct);
        return new(result.ExitCode, result.Stdout, result.Stderr);
    }

    /// <summary>A Pod deleted behind everybody's back.</summary>
    public Task DeletePodAsync(string name, CancellationToken ct) =>
        _client.CoreV1.DeleteNamespacedPodAsync(name, _scenario.Namespace, cancellationToken: ct);

    /// <summary>A leader change that nobody planned; false when no member could take over.</summary>
    public bool FailOver(string cluster, string shard) => _databases.FailOver(_scenario.Namespace, cluster, shard);

    /// <summary>A second member of the shard believes to lead, until it restarts.</summary>
    public bool SplitBrain(string cluster, string shard) => _databases.SplitBrain(_scenario.Namespace, cluster, shard);

    /// <summary>Lets a replica fall behind by so many seconds of writes; 0 heals it.</summary>
    public void SetLag(string pod, double seconds) => _databases.SetLag(ObjectKey.Of(_scenario.Namespace, pod), seconds);

    /// <summary>No registry has this tag any longer: containers that ask for it never start.</summary>
    public void SetImageBad(string tag) => _images.SetBad(tag);

    /// <summary>Planned hand-overs are accepted and then do not happen.</summary>
    public bool SwitchoversFail
    {
        get => _databases.HandoversFail;
        set => _databases.HandoversFail = value;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _alarms.Dispose();
        _stop.Dispose();
    }

    private async Task StartAsync(CancellationToken ct)
    {
        Declare();
        List<Task> synced = [];
        List<Controller> controllers = [];
        // All handlers are in place before any cache runs.
        if (_options.NodeAgent)
        {
            var scheduler = new Scheduler(_scenario.Nodes.Select(n => n.ToNode()));
            controllers.Add(new NodeAgent(_client, _pods, scheduler, _databases, _images, _scenario.Timings.ForNodes(_options.Speed), _alarms, _time, _log));
            controllers.Add(new RoleLabels(_client, _pods, _databases, _scenario.Timings.RoleProbe / _options.Speed, _alarms, _log));
        }
        if (_options.StatefulSets)
        {
            var sets = new ObjectCache<V1StatefulSet>(ResourceFeeds.StatefulSets(_client), _time, _log);
            var revisions = new ObjectCache<V1ControllerRevision>(ResourceFeeds.ControllerRevisions(_client), _time, _log);
            controllers.Add(new StatefulSetController(_client, sets, revisions, _pods, _alarms, _time, _log));
            var jobs = new ObjectCache<KubeObject>(ResourceFeeds.Of(_client, ResourceKind.Job), _time, _log);
            controllers.Add(new JobController(_client, jobs, _images, JobTakes / _options.Speed, _alarms, _time, _log));
            synced.AddRange(Run(revisions), Run(sets), Run(jobs));
        }
        if (_options.KubeBlocks)
            AddKubeBlocks(controllers, synced);
        synced.Add(Run(_pods));
        await Task.WhenAll(synced).WaitAsync(ct);
        foreach (var controller in controllers)
            Watch(controller.RunAsync(_options.Workers, _stop.Token), controller.GetType().Name);
        if (_options.Seed)
            await new ScenarioSeeder(_client, _scenario, _log).SeedAsync(_options.KubeBlocks, ct);
    }

    private void AddKubeBlocks(List<Controller> controllers, List<Task> synced)
    {
        ObjectCache<KubeObject> Cache(ResourceKind kind) => new(ResourceFeeds.Of(_client, kind), _time, _log);

        var definitions = Cache(ResourceKind.ComponentDefinition);
        var versions = Cache(ResourceKind.ComponentVersion);
        var clusters = Cache(ResourceKind.Cluster);
        var components = Cache(ResourceKind.Component);
        var sets = Cache(ResourceKind.InstanceSet);
        var requests = Cache(ResourceKind.OpsRequest);
        var backups = Cache(ResourceKind.Backup);
        var policies = Cache(ResourceKind.BackupPolicy);
        var timings = _scenario.Timings;
        controllers.AddRange(
            new DefinitionController(_client, ResourceKind.ComponentDefinition, definitions, _alarms, _log),
            new DefinitionController(_client, ResourceKind.ComponentVersion, versions, _alarms, _log),
            new ClusterController(_client, clusters, components, definitions, versions, _alarms, _time, _log),
            new ComponentController(_client, components, sets, new Definitions(definitions, versions), _alarms, _time, _log),
            new InstanceSetController(_client, sets, _pods, _databases, _alarms, _time, _log),
            new BackupController(_client, backups, policies, timings.Backup / _options.Speed, _alarms, _time, _log),
            new OpsRequestController(_client, requests, clusters, new OpsActions(_client, _pods, backups, _databases, _time),
                timings.OpsPoll / _options.Speed, _alarms, _time, _log));
        foreach (var cache in (ObjectCache<KubeObject>[])[definitions, versions, clusters, components, sets, requests, backups, policies])
            synced.Add(Run(cache));
    }

    private Task Run<T>(ObjectCache<T> cache)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        Watch(cache.RunAsync(_stop.Token), typeof(T).Name);
        return cache.Synced;
    }

    /// <summary>A loop that ends with a fault says so; it is not expected to.</summary>
    private void Watch(Task loop, string part) => _loops.Add(loop.ContinueWith(
        ended => Log.PartEnded(_log, part, ended.Exception!),
        CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default));

    private void Declare()
    {
        foreach (var group in _scenario.StatefulSets)
        {
            _databases.Declare(_scenario.Namespace, group.Cluster, DatabaseMembership.EngineOf(group.Profile), group.FormatBreaking,
                group.AllShards.Select(s => s.Declare(group)));
        }
        foreach (var cluster in _scenario.KubeBlocks?.Clusters ?? [])
        {
            _databases.Declare(_scenario.Namespace, cluster.Name, DatabaseMembership.EngineOf(cluster.ComponentDef), cluster.FormatBreaking,
                cluster.ShardIds.Select((id, i) => new GroupDeclaration(
                    cluster.Sharding, $"{cluster.Sharding}-{id}", $"{cluster.Name}-{cluster.Sharding}-{id}-{cluster.FirstLeaders.ElementAtOrDefault(i)}")));
        }
    }
}
