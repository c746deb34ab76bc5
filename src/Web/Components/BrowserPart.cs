using Microsoft.JSInterop;

namespace Rollcall.Web.Components;

/// <summary>A piece of a component that lives in the browser: what its module's <c>create</c> gave back, told things, and disposed with it. A tab that was closed takes it along.</summary>
internal sealed class BrowserPart : IAsyncDisposable
{
    private readonly IJSObjectReference _module;
    private readonly IJSObjectReference _part;
    private readonly IDisposable _self;

    private BrowserPart(IJSObjectReference module, IJSObjectReference part, IDisposable self) => (_module, _part, _self) = (module, part, self);

    /// <summary>Null when the tab was closed meanwhile.</summary>
    /// <param name="self">What the module may call; the last argument of <c>create</c>.</param>
    public static async Task<BrowserPart?> CreateAsync<T>(IJSRuntime js, string module, T self, params object?[] arguments)
        where T : class
    {
        var callback = DotNetObjectReference.Create(self);
        try
        {
            var imported = await js.InvokeAsync<IJSObjectReference>("import", module);
            return new BrowserPart(imported, await imported.InvokeAsync<IJSObjectReference>("create", [.. arguments, callback]), callback);
        }
        catch (JSDisconnectedException)
        {
            callback.Dispose();
            return null;
        }
    }

    public async Task TellAsync(string what, params object?[] arguments)
    {
        try
        {
            await _part.InvokeVoidAsync(what, arguments);
        }
        catch (JSDisconnectedException)
        {
            // The browser took it along.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await TellAsync("dispose");
        try
        {
            await _part.DisposeAsync();
            await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser took it along.
        }
        _self.Dispose();
    }
}
