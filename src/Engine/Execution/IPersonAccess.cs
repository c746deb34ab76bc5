using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>
/// Whether Kubernetes itself would let the person do by hand what they ask Rollcall to do. Rollcall acts with its own rights; with this nobody gets more out of it than they have.
/// Asked for what makes things move (start, resume, retry, roll back, release), never for what stops them.
/// </summary>
public interface IPersonAccess
{
    /// <summary>Null when they may.</summary>
    Task<Refusal?> CheckAsync(Caller caller, ClusterKey cluster, ClusterKind kind, CancellationToken ct);
}
