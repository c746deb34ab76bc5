using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>
/// Everything a person or a program can ask of the engine. The dashboard, the API and the tests use this and nothing beside it. Every command is authorised here,
/// by the caller's roles, not by hiding buttons: viewer reads; operator plans, starts, pauses, resumes, retries, aborts, rolls back; approver decides gates; admin all.
/// </summary>
public sealed class Rollouts
{
    /// <summary>Clusters in sight, each with its active run.</summary>
    public ImmutableArray<ClusterSummary> Clusters() => throw new NotSupportedException();

    /// <summary>Validates and predicts; stores nothing. <paramref name="text"/> is YAML or JSON.</summary>
    public Task<Result<PlanView>> PreviewAsync(string text, Caller caller, CancellationToken ct) => throw new NotSupportedException();

    /// <summary>Like a preview, but stored; refused (Invalid) with findings of severity error.</summary>
    public Task<Result<PlanView>> CreatePlanAsync(string text, Caller caller, CancellationToken ct) => throw new NotSupportedException();

    public Task<PlanView?> GetPlanAsync(string planId, CancellationToken ct) => throw new NotSupportedException();

    public Task<Result<RunView>> StartRunAsync(string planId, Caller caller, CancellationToken ct) => throw new NotSupportedException();

    public RunView? GetRun(string runId) => throw new NotSupportedException();

    /// <summary>Newest first, steps left out.</summary>
    public ImmutableArray<RunView> Runs() => throw new NotSupportedException();

    public Task<ImmutableArray<RunEventView>> EventsAsync(string runId, long after, int limit, CancellationToken ct) => throw new NotSupportedException();

    public Task<Result<RunView>> ApproveAsync(string runId, string gate, string planHash, string comment, Caller caller, CancellationToken ct) => throw new NotSupportedException();
    public Task<Result<RunView>> RejectAsync(string runId, string gate, string planHash, string comment, Caller caller, CancellationToken ct) => throw new NotSupportedException();
    public Task<Result<RunView>> PauseAsync(string runId, string reason, Caller caller, CancellationToken ct) => throw new NotSupportedException();
    public Task<Result<RunView>> ResumeAsync(string runId, string reason, Caller caller, CancellationToken ct) => throw new NotSupportedException();
    public Task<Result<RunView>> RetryAsync(string runId, string reason, Caller caller, CancellationToken ct) => throw new NotSupportedException();
    public Task<Result<RunView>> AbortAsync(string runId, string reason, Caller caller, CancellationToken ct) => throw new NotSupportedException();
    /// <summary>Finish the member in hand, then pause.</summary>
    public Task<Result<RunView>> StopAfterMemberAsync(string runId, bool on, Caller caller, CancellationToken ct) => throw new NotSupportedException();
    public Task<Result<PlanView>> RollbackPreviewAsync(string runId, Caller caller, CancellationToken ct) => throw new NotSupportedException();
    public Task<Result<RunView>> RollbackAsync(string runId, string reason, Caller caller, CancellationToken ct) => throw new NotSupportedException();
    /// <summary>Gives held update strategies of a cluster back although members may restart; also after the database was lost.</summary>
    public Task<Result<ImmutableArray<string>>> ReleaseAsync(ClusterKey cluster, bool evenIfMixed, Caller caller, CancellationToken ct) => throw new NotSupportedException();

    /// <summary>Gates that wait for this caller.</summary>
    public ImmutableArray<PendingApproval> Approvals(Caller caller) => throw new NotSupportedException();

    /// <summary>Grows whenever any run changes; one cursor for lists.</summary>
    public long RunsVersion => throw new NotSupportedException();
    public Task WhenRunsAfterAsync(long version, CancellationToken ct) => throw new NotSupportedException();

    /// <summary>Completes when the run's view is newer than <paramref name="seq"/> (its <see cref="RunView.Seq"/> or its reasons changed).</summary>
    public Task WhenRunAfterAsync(string runId, long revision, CancellationToken ct) => throw new NotSupportedException();
    /// <summary>Counts every change of the run's view, reasons included.</summary>
    public long RunRevision(string runId) => throw new NotSupportedException();

    /// <summary>The profile's stages, versions and warnings for the Compose page.</summary>
    public Result<ComposeDraft> Draft(ClusterKey cluster) => throw new NotSupportedException();
}

/// <summary>What Compose starts from: the cluster's components with their versions, and the profile's own stages as a specification.</summary>
public sealed record ComposeDraft(ClusterSummary Cluster, string ProfileTitle, ImmutableArray<string> Shards, PlanSpec Spec, string Yaml);
