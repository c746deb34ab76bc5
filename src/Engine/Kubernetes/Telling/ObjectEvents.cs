using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Kubernetes.Api;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Engine.Kubernetes.Telling;

/// <summary>
/// Kubernetes Events on the object that people look at: the KubeBlocks Cluster, or the StatefulSets. Only transitions; the same sentence about the same object is one Event that counts. Events are courtesy: one that cannot be written is
/// not written, and a missing right is said once in the log. Core v1, which every API server has, and <c>kubectl describe</c> reads.
/// </summary>
internal sealed partial class ObjectEvents : BackgroundService
{
    /// <summary>What is about a whole cluster stands on this many of its StatefulSets at most.</summary>
    public const int MostObjects = 10;
    public const string Component = "rollcall";
    private const int MostQueued = 1000;
    private const int MostText = 1000;

    private readonly KubernetesConnection _connection;
    private readonly ClusterCatalog _catalog;
    private readonly ILogger<ObjectEvents> _log;
    private readonly Allowance _allowance;
    private readonly Channel<(ClusterKey Cluster, ClusterKind Kind, string Run, DateTimeOffset At, ObjectNews News, ImmutableArray<string> Workloads)> _queue;
    private volatile bool _forbidden;

    public ObjectEvents(KubernetesConnection connection, ClusterCatalog catalog, RunNews news, TimeProvider time, ILogger<ObjectEvents> log)
    {
        (_connection, _catalog, _log, _allowance) = (connection, catalog, log, new Allowance(time));
        _queue = Channel.CreateBounded<(ClusterKey, ClusterKind, string, DateTimeOffset, ObjectNews, ImmutableArray<string>)>(new BoundedChannelOptions(MostQueued) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
        news.Listen(Note);
    }

    /// <summary>Takes note of what is worth an Event. Runs on the run's own turn: nothing here waits.</summary>
    internal void Note(RunLines lines)
    {
        if (_forbidden)
            return;
        var ledger = lines.Before;
        var seq = lines.Batch.FirstSeq;
        foreach (var e in lines.Batch.Events)
        {
            // A line about a step is told by the step as it was when it ended.
            ledger = ledger.Apply(seq++, lines.Batch.At, e);
            if (ObjectNews.Of(e, lines.RollbackOf, lines.Plan, ledger) is not { } news)
                continue;
            ImmutableArray<string> workloads = [.. lines.Plan.Components.Where(c => news.Component is null || c.Name == news.Component).SelectMany(c => c.Targets).Select(t => t.Workload).Distinct(StringComparer.Ordinal)];
            _queue.Writer.TryWrite((lines.Plan.Cluster, lines.Plan.Kind, lines.Run, lines.Batch.At, news, workloads));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var (cluster, kind, run, at, news, workloads) in _queue.Reader.ReadAllAsync(stoppingToken))
                foreach (var about in Objects(cluster, kind, news, workloads))
                    await SayAsync(about, run, at, news, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the process; what was not said is in the journal.
        }
    }

    internal sealed record About(KubeKind Kind, string Namespace, string Name, string Uid);

    /// <summary>The Cluster itself; or of a group the shard's StatefulSet, or the first ones of what it is about.</summary>
    internal IEnumerable<About> Objects(ClusterKey cluster, ClusterKind kind, ObjectNews news, ImmutableArray<string> workloads)
    {
        if (_catalog.Find(cluster)?.Current is not { } seen)
            return [];
        var all = seen.Components.Where(c => news.Component is null || c.Name == news.Component).SelectMany(c => c.Workloads).Where(w => w.Uid.Length > 0).ToList();
        if (kind == ClusterKind.Cluster)
            return all.Take(1).Select(w => new About(KubeKind.Clusters, cluster.Namespace, cluster.Name, w.Uid));
        return all.Where(w => news.Shard is null ? workloads.Contains(w.Name) : w.Shards.Contains(news.Shard)).OrderBy(w => w.Name, StringComparer.Ordinal).Take(MostObjects)
            .Select(w => new About(KubeKind.StatefulSets, cluster.Namespace, w.Name, w.Uid));
    }

    internal async Task SayAsync(About about, string run, DateTimeOffset at, ObjectNews news, CancellationToken ct)
    {
        if (_forbidden || (!news.Rare && !_allowance.Take(about.Uid)))
            return;
        var text = $"{(news.Message.Length > MostText ? $"{news.Message[..MostText]}…" : news.Message)} (run {run})";
        var name = Name(about, news.Reason, text);
        var when = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var made = await _connection.PostAsync(KubeKind.Events.Collection(about.Namespace), new
        {
            apiVersion = "v1",
            kind = "Event",
            metadata = new { name, @namespace = about.Namespace },
            involvedObject = new { apiVersion = about.Kind.ApiVersion, kind = about.Kind.Kind, @namespace = about.Namespace, name = about.Name, uid = about.Uid },
            reason = news.Reason,
            message = text,
            type = news.Warning ? "Warning" : "Normal",
            source = new { component = Component },
            reportingComponent = Component,
            reportingInstance = run,
            firstTimestamp = when,
            lastTimestamp = when,
            count = 1,
        }, ct);
        if (made.Conflict)
            made = await CountAsync(about, name, when, ct);
        if (made.Ok)
            return;
        if (made.Forbidden)
        {
            _forbidden = true;
            LogForbidden(_log, about.Namespace, made.Message);
        }
        else
        {
            LogNotSaid(_log, news.Reason, $"{about.Kind.Kind} {about.Namespace}/{about.Name}", made.Message);
        }
    }

    /// <summary>The same sentence is there already: it happened once more.</summary>
    private async Task<ApiAnswer> CountAsync(About about, string name, string when, CancellationToken ct)
    {
        var path = KubeKind.Events.Object(about.Namespace, name);
        var read = await _connection.GetAsync(path, ct);
        return read.Ok ? await _connection.PatchAsync(path, new { count = (KubeObject.Number(read.Object.Root, "count") ?? 1) + 1, lastTimestamp = when }, KubernetesConnection.MergePatch, ct) : read;
    }

    /// <summary>The same for the same sentence about the same object, also after a restart.</summary>
    private static string Name(About about, string reason, string text) =>
        $"{(about.Name.Length > 200 ? about.Name[..200].TrimEnd('.', '-') : about.Name)}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{about.Uid}\n{reason}\n{text}")))[..16]}";

    [LoggerMessage(EventId = 2401, Level = LogLevel.Warning, Message = "Kubernetes Events cannot be written in {Namespace}: {Message}. Rollcall goes on without them; deploy/rbac.yaml has the right, Rollcall__Cluster__Events=false turns them off")]
    private static partial void LogForbidden(ILogger logger, string @namespace, string message);

    [LoggerMessage(EventId = 2402, Level = LogLevel.Debug, Message = "Event {Reason} on {Object} was not written: {Message}")]
    private static partial void LogNotSaid(ILogger logger, string reason, string @object, string message);
}
