using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Rollcall.Engine.Storage;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

public sealed partial class Rollouts
{
    /// <summary>Clusters that the caller's credential reaches.</summary>
    public ImmutableArray<ClusterSummary> Clusters(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return [.. Clusters().Where(c => caller.Scope.Covers(new ClusterKey(c.Namespace, c.Name)))];
    }

    /// <summary>Runs on clusters that the caller's credential reaches, newest first, steps left out.</summary>
    public ImmutableArray<RunView> Runs(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return [.. Runs().Where(r => caller.Scope.Covers(r.Cluster))];
    }

    /// <summary>The run; null also where the caller's credential does not reach its cluster.</summary>
    public RunView? GetRun(string runId, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return GetRun(runId) is { } run && caller.Scope.Covers(run.Cluster) ? run : null;
    }

    /// <summary>The plan; null also where the caller's credential does not reach its cluster.</summary>
    public async Task<PlanView?> GetPlanAsync(string planId, Caller caller, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return await GetPlanAsync(planId, ct) is { } plan && caller.Scope.Covers(plan.Cluster) ? plan : null;
    }

    /// <summary>Somebody who may decide has the run before them while a gate of it is open: that they saw it is part of the record.</summary>
    public void Saw(RunView run, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Is(Caller.Approver) && run.Gates.Any(g => g.State == GateState.Open))
            Note(_audit.SawAsync(AuditEntry.By(caller, AuditActions.See, $"run {run.Id}") with { Cluster = run.Cluster, PlanHash = run.PlanHash, Reason = run.PlanName }));
    }

    /// <summary>What is forbidden is worth knowing; what only does not fit now is not. Hands the refusal back.</summary>
    private Refusal Refused(Caller caller, string action, string what, Refusal refusal, ClusterKey? cluster = null)
    {
        if (refusal.Kind == RefusalKind.Forbidden && !_options.ReadOnly)
            Note(_audit.RefusedAsync(AuditEntry.By(caller, action, what) with { Cluster = cluster?.ToString() ?? "", Reason = refusal.Message }));
        return refusal;
    }

    /// <summary>A look and a refusal wait for no disk. That one could not be written is said in the log; what was done is never written this way.</summary>
    private void Note(Task written) => _ = written.ContinueWith(failed => LogNotAudited(_tools.Log, failed.Exception!), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    /// <summary>"pause runs" is "pause".</summary>
    private static string ActionOf(string what) => what.Split(' ')[0];

    [LoggerMessage(EventId = 1153, Level = LogLevel.Error, Message = "An entry of the audit log could not be written")]
    private static partial void LogNotAudited(ILogger logger, Exception exception);

    private Refusal? Deny(Caller caller, string role, string what)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (_options.ReadOnly)
            return new Refusal(RefusalKind.Forbidden, "This Rollcall observes only (--read-only); it does not act.");
        if (caller.Scope.ReadOnly)
            return new Refusal(RefusalKind.Forbidden, $"{caller.Name} may not {what} with this token; it only reads.");
        return caller.Is(role) ? null : new Refusal(RefusalKind.Forbidden, $"{caller.Name} may not {what}; that takes the role {role}.");
    }

    /// <summary>Asks Kubernetes about the person, where that is set up. Null: they may, or nobody asks.</summary>
    internal IPersonAccess? Persons { get; init; }

    private async Task<Refusal?> MayByHandAsync(Caller caller, string action, ClusterKey cluster, CancellationToken ct)
    {
        if (Persons is null || caller == Caller.System)
            return null;
        if (_tools.Catalog.Find(cluster)?.Current is not { } topology)
            return new Refusal(RefusalKind.Unavailable, $"{cluster} is not to be seen now, so Kubernetes cannot be asked what {caller.Name} may do there.");
        return await Persons.CheckAsync(caller, cluster, topology.Kind, ct) is { } refusal ? Refused(caller, action, $"cluster {cluster}", refusal, cluster) : null;
    }

    private static Refusal? OutOfReach(Caller caller, ClusterKey cluster) => caller.Scope.Covers(cluster)
        ? null
        : new Refusal(RefusalKind.Forbidden, $"This token reaches {caller.Scope.InWords()}; {cluster} is not among them.");
}
