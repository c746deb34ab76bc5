using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Rollcall.Web.Model.Composing;

namespace Rollcall.Web.Components.Controls;

/// <summary>The plan's stages as cards, moved by mouse, finger, or arrow keys (StageList.razor.js). Every change goes to the session at once.</summary>
public sealed partial class StageList : IAsyncDisposable
{
    private ElementReference _list;
    private IJSObjectReference? _module;
    private IJSObjectReference? _moves;
    private DotNetObjectReference<StageList>? _self;
    private string _said = "";

    [CascadingParameter] public required ComposeSession Session { get; set; }

    [Inject] public required IJSRuntime Js { get; init; }

    [Parameter] public ImmutableArray<string> Shards { get; set; } = [];
    [Parameter] public EventCallback OnChange { get; set; }

    private ComposeForm Form => Session.Form;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        try
        {
            _module = await Js.InvokeAsync<IJSObjectReference>("import", $"./{Assets["Components/Controls/StageList.razor.js"]}");
            _self = DotNetObjectReference.Create(this);
            _moves = await _module.InvokeAsync<IJSObjectReference>("create", _list, _self);
        }
        catch (JSDisconnectedException)
        {
            // The tab was closed.
        }
    }

    /// <summary>Called by the module.</summary>
    /// <param name="stage">The card's id.</param>
    /// <param name="to">Its new place, 0 for the first.</param>
    [JSInvokable]
    public async Task MovedAsync(Guid stage, int to)
    {
        if (Form.Stages.Find(s => s.Id == stage) is { } moved)
            await MoveAsync(moved, to);
        StateHasChanged();
    }

    private Task MoveAsync(StageForm stage, int to)
    {
        if (!Form.MoveTo(stage, to))
            return Task.CompletedTask;
        _said = $"Stage {stage.Name} is now {to + 1} of {Form.Stages.Count}.";
        return OnChange.InvokeAsync();
    }

    private Task AddAsync()
    {
        Form.AddStage();
        return OnChange.InvokeAsync();
    }

    private Task RemoveAsync(StageForm stage)
    {
        Form.Stages.Remove(stage);
        _said = $"Stage {stage.Name} is gone.";
        return OnChange.InvokeAsync();
    }

    private void FoldAll()
    {
        var open = !Form.Stages.Exists(s => s.Open);
        foreach (var stage in Form.Stages)
            stage.Open = open;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_moves is not null)
            {
                await _moves.InvokeVoidAsync("dispose");
                await _moves.DisposeAsync();
            }
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser took the list with it.
        }
        _self?.Dispose();
    }
}
