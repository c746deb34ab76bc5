using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Rollcall.Web.Model.Watching;

namespace Rollcall.Web.Components.Controls;

/// <summary>
/// Planned and actual, side by side. The step in hand stays in view until the reader scrolls by hand; <c>#step-id</c> in the address opens and shows that step.
/// Folding is the browser's own (<c>details</c>): it costs the circuit nothing.
/// </summary>
public sealed partial class StepTimeline : IAsyncDisposable
{
    private ElementReference _root;
    private IJSObjectReference? _module;
    private string? _shown;

    [Inject] public required IJSRuntime Js { get; init; }

    [Parameter, EditorRequired] public required Timeline Timeline { get; set; }
    [Parameter, EditorRequired] public required string RunId { get; set; }
    [Parameter] public DateTimeOffset? StartedAt { get; set; }
    [Parameter] public DateTimeOffset? EndedAt { get; set; }
    /// <summary>Something else in the column is being read: the list stays where it is.</summary>
    [Parameter] public bool Still { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        try
        {
            if (firstRender)
            {
                _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Components/Controls/StepTimeline.razor.js");
                await _module.InvokeVoidAsync("open", _root);
            }
            if (_module is not null && !Still && Timeline.Current?.Id is { } now && now != _shown)
            {
                _shown = now;
                await _module.InvokeVoidAsync("follow", _root, now);
            }
        }
        catch (Exception gone) when (gone is JSDisconnectedException or OperationCanceledException)
        {
            // The tab was closed.
        }
    }

    private async Task JumpAsync()
    {
        if (_module is not null && !Still && Timeline.Current?.Id is { } now)
            await _module.InvokeVoidAsync("jump", _root, now);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // Nothing left to dispose in a browser that is gone.
        }
    }
}
