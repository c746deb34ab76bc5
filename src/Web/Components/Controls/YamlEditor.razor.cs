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
    private readonly BrowserPart _editor = new();
    private int _revision;
    private ImmutableArray<EditorMark> _marks = [];

    [Inject] public required IJSRuntime Js { get; init; }

    [Parameter, EditorRequired] public required string Text { get; set; }
    /// <summary>
    /// Another number: the text was written by somebody else and goes to the editor. Whether the text differs says nothing: over a slow connection pages are drawn later than keys arrive, and what is drawn then
    /// is older than the editor.
    /// </summary>
    [Parameter, EditorRequired] public required int Revision { get; set; }
    [Parameter] public EventCallback<string> TextChanged { get; set; }
    /// <summary>Named in full under the editor.</summary>
    [Parameter] public ImmutableArray<SpecError> Errors { get; set; } = [];
    /// <summary>Shown at their lines.</summary>
    [Parameter] public ImmutableArray<EditorMark> Marks { get; set; } = [];
    /// <summary>By path in the document; fixed for as long as the editor stands.</summary>
    [Parameter] public IReadOnlyDictionary<string, ImmutableArray<EditorWord>> Words { get; set; } = ImmutableDictionary<string, ImmutableArray<EditorWord>>.Empty;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _revision = Revision;
            var options = new { text = Text, label = "Plan as YAML", describedBy = "yaml-keys", schema = $"/{Assets["lib/schema/rollout-plan.schema.json"]}", words = Words, largest = ComposeSession.LargestText };
            await _editor.CreateAsync(Js, $"./{Assets["js/yaml-editor.js"]}", this, _host, options);
        }
        if (!_editor.Stands)
            return;
        if (_revision != Revision)
        {
            _revision = Revision;
            await _editor.TellAsync("setText", Text);
        }
        if (!_marks.SequenceEqual(Marks))
        {
            _marks = Marks;
            await _editor.TellAsync("setMarks", _marks);
        }
    }

    /// <summary>Called by the editor with the whole document.</summary>
    [JSInvokable]
    public Task TypedAsync(string text) => TextChanged.InvokeAsync(text);

    private Task GoToAsync(int line) => _editor.TellAsync("goTo", line);

    public ValueTask DisposeAsync() => _editor.DisposeAsync();
}
