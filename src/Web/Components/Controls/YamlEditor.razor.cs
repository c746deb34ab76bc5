using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Rollcall.Shared;
using Rollcall.Web.Model.Composing;

namespace Rollcall.Web.Components.Controls;

/// <summary>
/// A document in an editor that runs in the browser (js/yaml-editor.js). Every change comes here at once; what goes there is only what others change: a new text, errors and warnings with
/// their lines, and the words that only the server knows.
/// </summary>
public sealed partial class YamlEditor : IAsyncDisposable
{
    private ElementReference _host;
    private IJSObjectReference? _module;
    private IJSObjectReference? _editor;
    private DotNetObjectReference<YamlEditor>? _self;
    private string? _known;
    private ImmutableArray<EditorMark> _marks = [];

    [Inject] public required IJSRuntime Js { get; init; }

    [Parameter, EditorRequired] public required string Text { get; set; }
    [Parameter] public EventCallback<string> TextChanged { get; set; }
    /// <summary>Named in full under the editor.</summary>
    [Parameter] public ImmutableArray<SpecError> Errors { get; set; } = [];
    /// <summary>Shown at their lines.</summary>
    [Parameter] public ImmutableArray<EditorMark> Marks { get; set; } = [];
    /// <summary>By path in the document; fixed for as long as the editor stands.</summary>
    [Parameter] public IReadOnlyDictionary<string, ImmutableArray<EditorWord>> Words { get; set; } = ImmutableDictionary<string, ImmutableArray<EditorWord>>.Empty;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        try
        {
            if (firstRender)
            {
                _module = await Js.InvokeAsync<IJSObjectReference>("import", $"./{Assets["js/yaml-editor.js"]}");
                _self = DotNetObjectReference.Create(this);
                _known = Text;
                var options = new { text = Text, label = "Plan as YAML", describedBy = "yaml-keys", schema = $"/{Assets["lib/schema/rollout-plan.schema.json"]}", words = Words, largest = ComposeSession.LargestText };
                _editor = await _module.InvokeAsync<IJSObjectReference>("create", _host, options, _self);
            }
            if (_editor is null)
                return;
            if (_known != Text)
                await _editor.InvokeVoidAsync("setText", _known = Text);
            if (!_marks.SequenceEqual(Marks))
            {
                _marks = Marks;
                await _editor.InvokeVoidAsync("setMarks", _marks);
            }
        }
        catch (JSDisconnectedException)
        {
            // The tab was closed.
        }
    }

    /// <summary>Called by the editor with the whole document.</summary>
    [JSInvokable]
    public Task TypedAsync(string text)
    {
        _known = text;
        return TextChanged.InvokeAsync(text);
    }

    private async Task GoToAsync(int line)
    {
        if (_editor is not null)
            await _editor.InvokeVoidAsync("goTo", line);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_editor is not null)
            {
                await _editor.InvokeVoidAsync("dispose");
                await _editor.DisposeAsync();
            }
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser took the editor with it.
        }
        _self?.Dispose();
    }
}
