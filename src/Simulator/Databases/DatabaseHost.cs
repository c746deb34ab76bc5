using k8s.Models;
using Rollcall.Simulator.Databases.Kafka;
using Rollcall.Simulator.Databases.Mongo;
using Rollcall.Simulator.Databases.Postgres;
using Rollcall.Simulator.Databases.Redis;
using Rollcall.Simulator.Databases.Shell;
using Rollcall.Simulator.Operators.Machinery;

namespace Rollcall.Simulator.Databases;

/// <summary>
/// All databases of the simulated cluster. Gives each its clock, serialises what happens to it, and knows which Pod is a member of which.
/// Nothing runs while nothing happens: positions and lag are functions of time, and events wait in the one alarm clock.
/// </summary>
internal sealed class DatabaseHost(DatabaseTimings timings, AlarmClock alarms, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _databases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Entry Entry, DatabaseMembership Membership)> _members = new(StringComparer.Ordinal);
    private readonly List<Action<string>> _roleHandlers = [];
    private bool _handoversFail;

    private sealed class Entry(IDatabase database, string space)
    {
        public Lock Lock { get; } = new();

        public IDatabase Database => database;

        public string Namespace => space;

        public DateTimeOffset? ArmedFor { get; set; }
    }

    /// <summary>Calls the handler with namespace/name of each Pod whose member sees itself in another role than before.</summary>
    public void OnRoleChange(Action<string> handler) => _roleHandlers.Add(handler);

    /// <summary>Makes a database known before its Pods: which member of each shard leads first, and whether files of a newer major bind.</summary>
    public void Declare(string space, string cluster, DatabaseEngine engine, bool formatBreaking, IEnumerable<GroupDeclaration> groups)
    {
        if (engine is DatabaseEngine.None)
            return;
        foreach (var group in groups)
        {
            var entry = EntryFor(new(space, cluster, group.Component, group.Shard, engine, RoleLabelling.None), formatBreaking);
            lock (entry.Lock)
                entry.Database.Declare(group);
        }
    }

    /// <summary>The main container of the Pod starts. A sentence means that it ended at once with this output.</summary>
    public string? Start(V1Pod pod, string ip, string version)
    {
        if (DatabaseMembership.Of(pod) is not { } membership)
            return null;
        var entry = EntryFor(membership, formatBreaking: true);
        lock (_lock)
            _members[ObjectKey.Of(pod)] = (entry, membership);
        return With(entry, (database, now) => database.Start(
            new(pod.Name(), membership.Shard, ip, version, membership.Component, pod.Spec?.Containers?.FirstOrDefault()?.Ports?.FirstOrDefault()?.ContainerPort ?? 0), now));
    }

    public void Stop(string pod, bool clean) =>
        With(pod, (database, now) => { database.Stop(ObjectKey.Split(pod).Name, clean, now); return true; });

    /// <summary>What a readiness probe would find; a Pod without a database is ready when it runs.</summary>
    public bool Ready(string pod) => With(pod, (database, now) => { database.Advance(now); return (bool?)database.Ready(ObjectKey.Split(pod).Name); }) ?? true;

    public string? RoleOf(string pod) => With(pod, (database, now) => { database.Advance(now); return database.RoleOf(ObjectKey.Split(pod).Name); });

    public RoleLabelling LabellingOf(string pod)
    {
        lock (_lock)
            return _members.TryGetValue(pod, out var member) ? member.Membership.Labelling : RoleLabelling.None;
    }

    public async Task<CommandResult> ExecAsync(string pod, IReadOnlyList<string> command)
    {
        var name = ObjectKey.Split(pod).Name;
        return await ContainerShell.RunAsync(command, async words =>
        {
            if (words is ["hostname"])
                return CommandResult.Ok($"{name}\n");
            var result = await (With(pod, (database, now) => database.RunAsync(name, words, now)) ?? Task.FromResult<CommandResult?>(null));
            while (result?.Rest is { } rest)
            {
                await rest.Wait;
                result = With(pod, (_, now) => rest.Resume(now));
            }
            return result;
        });
    }

    public bool FailOver(string space, string cluster, string shard) =>
        Of(space, cluster).Any(entry => With(entry, (database, now) => database.FailOver(shard, now)));

    public bool SplitBrain(string space, string cluster, string shard) =>
        Of(space, cluster).Any(entry => With(entry, (database, now) => database.SplitBrain(shard, now)));

    public void SetLag(string pod, double seconds) =>
        With(pod, (database, now) => { database.SetLag(ObjectKey.Split(pod).Name, seconds, now); return true; });

    /// <summary>Planned hand-overs of every database are accepted and then do not happen.</summary>
    public bool HandoversFail
    {
        get => _handoversFail;
        set
        {
            List<Entry> all;
            lock (_lock)
            {
                _handoversFail = value;
                all = [.. _databases.Values];
            }
            foreach (var entry in all)
                With(entry, (database, _) => database.HandoversFail = value);
        }
    }

    private List<Entry> Of(string space, string cluster)
    {
        lock (_lock)
            return [.. _databases.Where(d => d.Key.StartsWith($"{space}/{cluster}/", StringComparison.Ordinal)).Select(d => d.Value)];
    }

    private Entry EntryFor(DatabaseMembership membership, bool formatBreaking)
    {
        lock (_lock)
        {
            if (!_databases.TryGetValue(membership.Key, out var entry))
            {
                IDatabase database = membership.Engine switch
                {
                    DatabaseEngine.RedisCluster => new RedisClusterDatabase(membership.Cluster, timings, formatBreaking),
                    DatabaseEngine.MongoDb => new MongoDatabase(membership.Namespace, membership.Cluster, timings),
                    DatabaseEngine.Kafka => new KafkaDatabase(membership.Cluster, timings),
                    _ => new PatroniDatabase(membership.Cluster, timings),
                };
                database.HandoversFail = _handoversFail;
                _databases[membership.Key] = entry = new Entry(database, membership.Namespace);
            }
            return entry;
        }
    }

    private T? With<T>(string pod, Func<IDatabase, DateTimeOffset, T> act)
    {
        Entry? entry;
        lock (_lock)
            entry = _members.TryGetValue(pod, out var member) ? member.Entry : null;
        return entry is null ? default : With(entry, act);
    }

    private T With<T>(Entry entry, Func<IDatabase, DateTimeOffset, T> act)
    {
        T result;
        IReadOnlyList<string> changed;
        lock (entry.Lock)
        {
            result = act(entry.Database, time.GetUtcNow());
            changed = entry.Database.TakeRoleChanges();
            if (entry.Database.NextEvent is { } next && !(entry.ArmedFor <= next))
            {
                entry.ArmedFor = next;
                alarms.At(next, () => Ring(entry));
            }
        }
        foreach (var pod in changed)
        {
            foreach (var handler in _roleHandlers)
                handler(ObjectKey.Of(entry.Namespace, pod));
        }
        return result;
    }

    private void Ring(Entry entry)
    {
        lock (entry.Lock)
            entry.ArmedFor = null;
        With(entry, (database, now) => { database.Advance(now); return true; });
    }
}
