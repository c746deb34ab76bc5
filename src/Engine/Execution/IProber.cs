using System.Collections.Immutable;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>Asks the engines themselves. The caps (one per Pod, 16 at once, 20/s a cluster) are the prober's.</summary>
public interface IProber
{
    /// <summary>
    /// Takes these readings and writes them into the cluster's topology store, where everybody sees them; completes when the last has been taken. A reading that could not be had is a
    /// <see cref="Reading"/> with an error, not an exception. Asking for what is being asked for already costs nothing.
    /// </summary>
    Task RequestAsync(ClusterKey cluster, ImmutableArray<ProbeRequest> requests, CancellationToken ct);
}
