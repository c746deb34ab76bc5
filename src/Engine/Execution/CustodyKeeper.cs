using Microsoft.Extensions.Logging;
using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>Holds the Lease of one cluster for one run: renewed on a beat and before every act, given up at the end.</summary>
internal sealed partial class CustodyKeeper(ICustody custody, ClusterKey cluster, string owner, string run, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Never throws for an API server that does not answer: that is <see cref="ActStatus.Unknown"/>.</summary>
    public async Task<ActResult> RenewAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        using var limit = new CancellationTokenSource(Limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            return await custody.AcquireAsync(cluster, owner, run, both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return ActResult.Unknown($"The Kubernetes API did not answer within {Limit.TotalSeconds:0} s when the Lease of {cluster} was to be renewed.");
        }
#pragma warning disable CA1031 // A renewal that fails for whatever cause is an answer (nothing may be done now), and the cause is in it.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFailed(log, e, cluster.ToString());
            return ActResult.Unknown($"The Lease of {cluster} could not be renewed: {e.Message}");
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Best effort: a Lease that cannot be given up expires by itself.</summary>
    public async Task GiveUpAsync(CancellationToken ct)
    {
        try
        {
            await custody.ReleaseAsync(cluster, owner, ct);
        }
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(log, e, cluster.ToString());
        }
    }

    public void Dispose() => _one.Dispose();

    [LoggerMessage(EventId = 1101, Level = LogLevel.Warning, Message = "The Lease of {Cluster} could not be written")]
    private static partial void LogFailed(ILogger logger, Exception exception, string cluster);
}
