using Microsoft.AspNetCore.Components;

namespace Rollcall.Web.Components.Controls;

/// <summary>
/// A component that follows a store: reads, renders, rests, waits for the next change. At most four renders a second, however fast the store moves, and none when
/// nothing moves. Derive, implement <see cref="Mark"/> and <see cref="Refresh"/>; call <see cref="FollowAnew"/> when a parameter changes what is followed.
/// </summary>
public abstract class LiveComponent : ComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan Coalesce = TimeSpan.FromMilliseconds(250);
    private CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private bool _started;

    [Inject] public required TimeProvider Time { get; init; }

    /// <summary>Remembers what the stores hold now and returns the wait for anything newer (see <c>Cursor</c>). Called before every <see cref="Refresh"/>.</summary>
    protected abstract Func<CancellationToken, Task> Mark();

    /// <summary>Reads the stores into fields, on the renderer's dispatcher. False: nothing to show anew.</summary>
    protected abstract bool Refresh();

    protected void FollowAnew()
    {
        if (!_started)
            return;
        _stop.Cancel();
        _stop = new CancellationTokenSource();
        _loop = FollowAsync(_stop.Token);
    }

    protected override void OnInitialized() => Refresh();

    protected override void OnAfterRender(bool firstRender)
    {
        if (!firstRender)
            return;
        _started = true;
        _loop = FollowAsync(_stop.Token);
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        try
        {
            while (!ct.IsCancellationRequested)
            {
                var moved = Mark();
                await InvokeAsync(() =>
                {
                    if (!ct.IsCancellationRequested && Refresh())
                        StateHasChanged();
                });
                await Task.Delay(Coalesce, Time, ct);
                await moved(ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Disposed, or following something else now.
        }
        catch (Exception fault)
        {
            await DispatchExceptionAsync(fault);
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }
}
