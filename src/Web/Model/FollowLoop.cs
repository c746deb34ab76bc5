namespace Rollcall.Web.Model;

/// <summary>
/// Follows a versioned source as a cursor: applies what is there, waits for a newer version, applies again, never more often than <see cref="MinInterval"/>.
/// Changes that arrive in between are merged by the source itself, so a slow circuit gets fewer, larger updates and nothing queues up.
/// </summary>
/// <remarks>Start one for each source a component shows; dispose it with the component. A fault goes to <c>onFault</c> once and ends the loop.</remarks>
public sealed class FollowLoop : IAsyncDisposable
{
    /// <summary>At most four renders a second.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private FollowLoop(Func<CancellationToken, Task> body) => _running = body(_stop.Token);

    /// <param name="version">The source's version now; read before <paramref name="apply"/>, so a change during it is seen in the next round.</param>
    /// <param name="whenAfter">Completes when the source is newer than the version given.</param>
    /// <param name="apply">Takes the present state over and renders; runs wherever the caller marshals it to.</param>
    /// <param name="onFault">Gets whatever the source or <paramref name="apply"/> threw.</param>
    public static FollowLoop Start(Func<long> version, Func<long, CancellationToken, Task> whenAfter, Func<Task> apply, Func<Exception, Task> onFault, TimeProvider time) =>
        new(ct => FollowAsync(version, whenAfter, apply, onFault, time, ct));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private static async Task FollowAsync(
        Func<long> version, Func<long, CancellationToken, Task> whenAfter, Func<Task> apply, Func<Exception, Task> onFault, TimeProvider time, CancellationToken ct)
    {
        try
        {
            while (!ct.IsCancellationRequested)
            {
                var started = time.GetTimestamp();
                var seen = version();
                await apply();
                await whenAfter(seen, ct);
                var left = MinInterval - time.GetElapsedTime(started);
                if (left > TimeSpan.Zero)
                    await Task.Delay(left, time, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The component went away; there is nobody left to tell.
        }
        catch (Exception fault)
        {
            await onFault(fault);
        }
    }
}
