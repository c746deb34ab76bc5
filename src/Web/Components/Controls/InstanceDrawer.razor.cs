using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using Rollcall.Shared;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Controls;

/// <summary>
/// Everything known about one member, with where each fact comes from and how old it is. Which member and which tab stand in the address, so both can be sent to somebody.
/// A new member takes the focus to its name; Escape closes.
/// </summary>
public sealed partial class InstanceDrawer
{
    public const string FirstTab = "summary";

    private static readonly (string Key, string Title)[] Tabs = [(FirstTab, "Summary"), ("events", "Events"), ("conditions", "Conditions"), ("evidence", "Evidence"), ("yaml", "YAML")];

    private readonly Dictionary<string, ElementReference> _tabs = new(StringComparer.Ordinal);
    private ElementReference _drawer;
    private ElementReference _title;
    private InstanceRef? _announced;

    [Parameter, EditorRequired] public required TopologySnapshot Topology { get; set; }
    [Parameter, EditorRequired] public required InstanceRef Ref { get; set; }
    [Parameter] public RunView? Run { get; set; }
    /// <summary>The profile knows roles.</summary>
    [Parameter] public bool HasRoles { get; set; } = true;
    /// <summary>summary, events, conditions, evidence or yaml; anything else is summary.</summary>
    [Parameter] public string? Tab { get; set; }
    [Parameter] public EventCallback<string> OnTab { get; set; }
    [Parameter] public EventCallback OnClose { get; set; }

    private string Shown => Tabs.Any(t => t.Key == Tab) ? Tab! : FirstTab;

    private Instance? Member => Topology.Components.FirstOrDefault(c => c.Name == Ref.Component)?.Shards.FirstOrDefault(s => s.Name == Ref.Shard)?.Instances.FirstOrDefault(i => i.Name == Ref.Name);

    private StepView? Step => InstanceMeaning.StepAt(Run, Ref.Component, Ref.Shard, Ref.Name);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_announced == Ref)
            return;
        _announced = Ref;
        try
        {
            await _title.FocusAsync(preventScroll: true);
        }
        catch (JSException)
        {
            // The drawer was closed again before the browser got to it.
        }
        catch (JSDisconnectedException)
        {
            // The tab is gone.
        }
    }

    private Task OpenAsync(string tab) => OnTab.InvokeAsync(tab);

    private async Task OnTabKeyAsync(KeyboardEventArgs key)
    {
        var at = Array.FindIndex(Tabs, t => t.Key == Shown);
        var to = key.Key switch
        {
            "ArrowRight" => (at + 1) % Tabs.Length,
            "ArrowLeft" => (at + Tabs.Length - 1) % Tabs.Length,
            "Home" => 0,
            "End" => Tabs.Length - 1,
            _ => -1,
        };
        if (to < 0)
            return;
        await OpenAsync(Tabs[to].Key);
        await _tabs[Tabs[to].Key].FocusAsync();
    }

    private Task OnKeyAsync(KeyboardEventArgs key) => key.Key == "Escape" ? OnClose.InvokeAsync() : Task.CompletedTask;
}
