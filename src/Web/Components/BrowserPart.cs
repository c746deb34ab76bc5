using Microsoft.JSInterop;

namespace Rollcall.Web.Components;

/// <summary>
/// A piece of a component that lives in the browser: what its module's <c>create</c> gave back, told things, and disposed with the component. A tab that was closed takes it along; a component that goes while
/// its module is still on the way leaves nothing behind, and its element, which is gone by then, is no fault.
/// </summary>
internal sealed class BrowserPart : IAsyncDisposable
{
    private IJSObjectReference? _module;
    private IJSObjectReference? _part;
    private Action _release = static () => { };
    private bool _gone;

    /// <summary>It is there and can be told things.</summary>
    public bool Stands => _part is not null && !_gone;

    /// <param name="self">What the module may call; the last argument of <c>create</c>.</param>
    public async Task CreateAsync<T>(IJSRuntime js, string module, T self, params object?[] arguments)
        where T : class
    {
        var callback = DotNetObjectReference.Create(self);
        _release = callback.Dispose;
        try
        {
            _module = await js.InvokeAsync<IJSObjectReference>("import", module);
            if (!_gone)
                _part = await _module.InvokeAsync<IJSObjectReference>("create", [.. arguments, callback]);
        }
        catch (JSDisconnectedException)
        {
            callback.Dispose(); // the tab was closed meanwhile
        }
        catch (JSException) when (_gone)
        {
            // It was to be created in an element that went with the component.
        }
        if (_gone)
            await ClearAsync();
    }

    public async Task TellAsync(string what, params object?[] arguments)
    {
        if (!Stands)
            return;
        try
        {
            await _part!.InvokeVoidAsync(what, arguments);
        }
        catch (JSDisconnectedException)
        {
            // The browser took it along.
        }
    }

    public ValueTask DisposeAsync()
    {
        _gone = true;
        return _part is null ? ValueTask.CompletedTask : ClearAsync();
    }

    private async ValueTask ClearAsync()
    {
        try
        {
            if (_part is not null)
            {
                await _part.InvokeVoidAsync("dispose");
                await _part.DisposeAsync();
            }
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser took it along.
        }
        _release();
    }
}
