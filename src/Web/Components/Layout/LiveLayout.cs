using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Layout;

/// <summary>What the frame follows: who sits here, how many gates wait for them, and (told to the browser) that the circuit is ready and whether the clusters' API server answers.</summary>
public abstract class LiveLayout : LayoutComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan Coalesce = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _gone = new();
    private IJSObjectReference? _module;
    private Task? _loop;

    [Inject] public required ClusterCatalog Catalog { get; init; }
    [Inject] public required Rollouts Rollouts { get; init; }
    [Inject] public required CallerAccessor Callers { get; init; }
    [Inject] public required TimeProvider Time { get; init; }
    [Inject] public required IJSRuntime Js { get; init; }

    protected Caller? Caller { get; private set; }

    /// <summary>Gates that wait for this person.</summary>
    protected int Waiting { get; private set; }

    protected override async Task OnInitializedAsync() => await ReadAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        try
        {
            _module = await Js.InvokeAsync<IJSObjectReference>("import", _gone.Token, "./Components/Layout/MainLayout.razor.js");
            await _module.InvokeVoidAsync("ready", _gone.Token);
        }
        catch (Exception gone) when (gone is JSDisconnectedException or OperationCanceledException)
        {
            return; // the tab was closed while it was being built
        }
        _loop = FollowAsync(_module);
    }

    // A session may end while the page stays open: then the caller comes back without roles.
    private async Task<bool> ReadAsync()
    {
        var caller = await Callers.GetAsync();
        var waiting = Rollouts.Approvals(caller).Length;
        if (waiting == Waiting && caller.Name == Caller?.Name && caller.Roles.SequenceEqual(Caller.Roles))
            return false;
        (Caller, Waiting) = (caller, waiting);
        return true;
    }

    private async Task FollowAsync(IJSObjectReference module)
    {
        try
        {
            DateTimeOffset? shown = null;
            var badge = 0;
            while (!_gone.IsCancellationRequested)
            {
                var moved = Cursor.Over(Catalog, Rollouts);
                await InvokeAsync(async () =>
                {
                    if (await ReadAsync())
                        StateHasChanged();
                });
                if (Waiting != badge)
                {
                    await module.InvokeVoidAsync("waiting", _gone.Token, Waiting);
                    badge = Waiting;
                }
                var lost = BackendHealth.LostSince(Catalog);
                if (lost != shown)
                {
                    await module.InvokeVoidAsync("backend", _gone.Token, lost?.ToString("O"));
                    shown = lost;
                }
                await Task.Delay(Coalesce, Time, _gone.Token);
                await moved(_gone.Token);
            }
        }
        catch (Exception gone) when (gone is JSDisconnectedException or OperationCanceledException)
        {
            // The circuit is over.
        }
        catch (Exception fault)
        {
            await DispatchExceptionAsync(fault);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        if (_loop is not null)
            await _loop;
        try
        {
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // Nothing left to dispose in a browser that is gone.
        }
        _gone.Dispose();
        GC.SuppressFinalize(this);
    }
}
