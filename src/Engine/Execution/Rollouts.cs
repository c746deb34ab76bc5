using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Storage;
using Rollcall.Engine.Topology;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>
/// Everything a person or a program can ask of the engine. The dashboard, the API and the tests use this and nothing beside it. Every command is authorised here,
/// by the caller's roles, not by hiding buttons: viewer reads; operator plans, starts, pauses, resumes, retries, aborts, rolls back; approver decides gates; admin all.
/// </summary>
public sealed partial class Rollouts
{
    private readonly RunLibrary _library;
    private readonly RunSupervisor _supervisor;
    private readonly Journal _journal;
    private readonly AuditLog _audit;
    private readonly Planning _planning;
    private readonly RunTools _tools;
    private readonly EngineIdentity _identity;
    private readonly EngineOptions _options;
    private readonly TemplateStore _templates;
    private readonly PastRuns _past;
    private readonly ConcurrentDictionary<ClusterKey, SemaphoreSlim> _starting = new();

    internal Rollouts(RunLibrary library, RunSupervisor supervisor, Journal journal, AuditLog audit, Planning planning, RunTools tools, EngineIdentity identity, EngineOptions options, TemplateStore templates)
    {
        (_library, _supervisor, _journal, _audit, _planning, _tools, _identity, _options, _templates, _past) = (library, supervisor, journal, audit, planning, tools, identity, options, templates, new PastRuns(journal));
        _supervisor.RollBack = RollBackByPlanAsync;
    }

    /// <summary>Clusters in sight, each with its active run.</summary>
    public ImmutableArray<ClusterSummary> Clusters() =>
        [.. _tools.Catalog.Stores.Select(s => s.Current).Select(t => ClusterSummaries.Of(t, _library.ActiveOn(t.Cluster)?.Id))];

    public RunView? GetRun(string runId) => _library.Find(runId) is { } book ? _library.View(book) : null;

    /// <summary>Newest first, steps left out.</summary>
    public ImmutableArray<RunView> Runs() => _library.List();

    public Task<ImmutableArray<RunEventView>> EventsAsync(string runId, long after, int limit, CancellationToken ct) => _journal.EventsAsync(runId, after, limit, ct);

    /// <summary>Gates that wait for this caller.</summary>
    public ImmutableArray<PendingApproval> Approvals(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (_options.ReadOnly || !caller.Is(Caller.Approver))
            return [];
        return [.. _library.Active.Where(b => b.Row.Origin == _identity.Origin && caller.Scope.Covers(b.Plan.Cluster)).OrderBy(b => b.Row.CreatedAt).ThenBy(b => b.Id, StringComparer.Ordinal).Select(_library.View).SelectMany(run => run.Gates
            .Where(g => g.State == GateState.Open && GateEligibility.WhyNot(g, caller) is null && !g.Approvals.Any(a => Person.Same(a.By, caller.Name) && !a.Void && a.PlanHash == run.PlanHash))
            .Select(g => new PendingApproval(run.Id, run.Cluster, run.PlanName, run.PlanHash, g, What(run, g))))
            // What runs out of time comes first.
            .OrderBy(a => a.Gate.Deadline ?? DateTimeOffset.MaxValue)];
    }

    /// <summary>Grows whenever any run changes; one cursor for lists.</summary>
    public long RunsVersion => _library.Changes.Value;

    public Task WhenRunsAfterAsync(long version, CancellationToken ct) => _library.Changes.WhenAfterAsync(version, ct);

    /// <summary>Completes when the run's view is newer than <paramref name="revision"/>; for a run that is not known, with the next change of any.</summary>
    public Task WhenRunAfterAsync(string runId, long revision, CancellationToken ct) =>
        _library.Find(runId) is { } book ? book.Viewed.WhenAfterAsync(revision, ct) : _library.Changes.WhenAfterAsync(_library.Changes.Value, ct);

    /// <summary>Counts every change of the run's view, reasons included.</summary>
    public long RunRevision(string runId) => _library.Find(runId)?.Viewed.Value ?? 0;

    private static string What(RunView run, GateView gate)
    {
        var component = run.Components.FirstOrDefault(c => c.Name == gate.Component);
        var stage = run.Stages.FirstOrDefault(s => s.Name == gate.Stage && s.Component == gate.Component);
        var shards = stage?.Shards.Length ?? 0;
        return $"{gate.Component} {component?.From} → {component?.To}, stage {gate.Stage} ({shards} {(shards == 1 ? "shard" : "shards")})";
    }

    /// <summary>Starting and rolling back on one cluster happen one after the other.</summary>
    private async Task<IDisposable> AloneOnAsync(ClusterKey cluster, CancellationToken ct)
    {
        var turn = _starting.GetOrAdd(cluster, _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(ct);
        return new Releaser(turn);
    }

    private sealed class Releaser(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }

    [LoggerMessage(EventId = 1151, Level = LogLevel.Information, Message = "{Caller} did {Command} on run {Run}: {Comment}")]
    private static partial void LogCommand(ILogger logger, string caller, string command, string run, string comment);

    [LoggerMessage(EventId = 1152, Level = LogLevel.Warning, Message = "The plan of run {Run} orders a rollback, and it was refused: {Refusal}")]
    private static partial void LogNoRollback(ILogger logger, string run, string refusal);
}

/// <summary>What Compose starts from: the cluster's components with their versions, and the profile's own stages as a specification.</summary>
public sealed record ComposeDraft(ClusterSummary Cluster, string ProfileTitle, ImmutableArray<string> Shards, PlanSpec Spec, string Yaml)
{
    /// <summary>The profile has a point of no return that a plan may take as its last step.</summary>
    public bool MayFinalise { get; init; }
}
