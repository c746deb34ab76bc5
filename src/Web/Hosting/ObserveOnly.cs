using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Execution;
using Rollcall.Shared;

namespace Rollcall.Web.Hosting;

/// <summary>What stands in the place of everything that would touch a cluster when this Rollcall only observes. The engine refuses before it gets here; this is the second lock.</summary>
public sealed class ObserveOnly : IProber, ICustody
{
    public Task RequestAsync(ClusterKey cluster, ImmutableArray<ProbeRequest> requests, CancellationToken ct) => Task.CompletedTask;

    public Task<ActResult> AcquireAsync(ClusterKey cluster, string owner, string runId, CancellationToken ct) =>
        Task.FromResult(ActResult.Refused("This Rollcall observes only (--read-only); it does not act."));

    public Task ReleaseAsync(ClusterKey cluster, string owner, CancellationToken ct) => Task.CompletedTask;
}
