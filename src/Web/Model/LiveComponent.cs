using Microsoft.AspNetCore.Components;

namespace Rollcall.Web.Model;

/// <summary>A component that shows versioned sources live. It owns its follow loops, brings their updates onto the circuit's dispatcher and shows their faults.</summary>
public abstract class LiveComponent : ComponentBase, IAsyncDisposable
{
    private readonly List<FollowLoop> _loops = [];
    private readonly CancellationTokenSource _gone = new();

    [Inject] public required TimeProvider Time { get; init; }

    /// <summary>Cancelled when the component leaves the screen.</summary>
    protected CancellationToken Gone => _gone.Token;

    /// <summary>Calls <paramref name="refresh"/> on the dispatcher and renders, now and after every change of the source.</summary>
    protected void Follow(Func<long> version, Func<long, CancellationToken, Task> whenAfter, Action refresh) =>
        _loops.Add(FollowLoop.Start(
            version,
            whenAfter,
            () => InvokeAsync(() =>
            {
                if (_gone.IsCancellationRequested)
                    return;
                refresh();
                StateHasChanged();
            }),
            DispatchExceptionAsync,
            Time));

    /// <summary>Stops following, for a component whose parameters point to another source now.</summary>
    protected async Task UnfollowAsync()
    {
        var loops = _loops.ToArray();
        _loops.Clear();
        foreach (var loop in loops)
            await loop.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await UnfollowAsync();
        await DisposeCoreAsync();
        _gone.Dispose();
        GC.SuppressFinalize(this);
    }

    protected virtual ValueTask DisposeCoreAsync() => ValueTask.CompletedTask;
}
