using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Rollcall.Web.Model.Composing;

namespace Rollcall.Web.Components.Controls;

/// <summary>The plan's stages as cards, moved by mouse, finger, or arrow keys (StageList.razor.js). Every change goes to the session at once.</summary>
public sealed partial class StageList : IAsyncDisposable
{
    private ElementReference _list;
    private readonly BrowserPart _moves = new();
    private string _said = "";

    [CascadingParameter] public required ComposeSession Session { get; set; }

    [Inject] public required IJSRuntime Js { get; init; }

    [Parameter] public ImmutableArray<string> Shards { get; set; } = [];
    [Parameter] public EventCallback OnChange { get; set; }
    /// <summary>Somebody wants to pick a stage's shards on the graph; without a handler there is none.</summary>
    [Parameter] public EventCallback OnPick { get; set; }
    /// <summary>Another stage is picked for; the document is the same.</summary>
    [Parameter] public EventCallback OnChoose { get; set; }

    private ComposeForm Form => Session.Form;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
            await _moves.CreateAsync(Js, $"./{Assets["Components/Controls/StageList.razor.js"]}", this, _list);
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

    // The stage that is opened is the one that shards are picked for.
    private Task FoldedAsync(StageForm stage)
    {
        if (stage.Open)
            Form.Picking = stage;
        return OnChoose.InvokeAsync();
    }

    private Task PickAsync(StageForm stage)
    {
        Form.Picking = stage;
        return OnPick.InvokeAsync();
    }

    private void FoldAll()
    {
        var open = !Form.Stages.Exists(s => s.Open);
        foreach (var stage in Form.Stages)
            stage.Open = open;
    }

    public ValueTask DisposeAsync() => _moves.DisposeAsync();
}
