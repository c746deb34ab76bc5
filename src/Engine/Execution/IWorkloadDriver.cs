using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>What an act is done under: whose run, which attempt, on what.</summary>
/// <param name="Owner">This Rollcall's own name, written on what it holds.</param>
/// <param name="Profile">As it holds for the act's component.</param>
public sealed record ActContext(ClusterKey Cluster, string RunId, int Attempt, string Owner, EngineProfile Profile, TopologySnapshot Topology)
{
    /// <summary>The intent is of an earlier life of this Rollcall, which did not write how it ended: look for it before doing anything.</summary>
    public bool Resumed { get; init; }
}

public sealed record ActResult(ActStatus Status, Reason Reason)
{
    /// <summary>How an action ended, where it says so in a number.</summary>
    public int? ExitCode { get; init; }
    public Measurement? Measured { get; init; }

    public static ActResult Accepted(string text) => new(ActStatus.Accepted, new Reason(text));
    public static ActResult NotNow(string text, string rule = "") => new(ActStatus.NotNow, new Reason(text, rule));
    public static ActResult Refused(string text, string rule = "") => new(ActStatus.Refused, new Reason(text, rule));
    public static ActResult Failed(string text, string rule = "") => new(ActStatus.Failed, new Reason(text, rule));
    public static ActResult Unknown(string text) => new(ActStatus.Unknown, new Reason(text));
}

/// <summary>
/// The same verbs for every workload: Hold, Retarget, Replace, Switchover, Release, all through <see cref="ExecuteAsync"/>. One implementation per kind of cluster;
/// a third is one folder and one registration. It never decides: it does exactly the act, under the preconditions the act carries, or says why not.
/// </summary>
public interface IWorkloadDriver
{
    ClusterKind Kind { get; }

    /// <summary>Does the act. Expected refusals are results; only bugs throw.</summary>
    Task<ActResult> ExecuteAsync(Act act, ActContext context, CancellationToken ct);

    /// <summary>Reads one shard's members from the API server itself (not from a cache).</summary>
    Task<ImmutableArray<Instance>> ReadShardAsync(TopologySnapshot topology, string component, string shard, CancellationToken ct);
}

/// <summary>Custody of a cluster: the Lease and the owner annotations, re-read before every act.</summary>
public interface ICustody
{
    /// <summary>Takes or renews the Lease <c>rollcall-&lt;cluster&gt;</c>. A foreign, live owner is a refusal that names it.</summary>
    Task<ActResult> AcquireAsync(ClusterKey cluster, string owner, string runId, CancellationToken ct);

    Task ReleaseAsync(ClusterKey cluster, string owner, CancellationToken ct);
}
