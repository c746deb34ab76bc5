using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Components.Controls;

/// <summary>Keeps the present document under a name, and lists what is kept.</summary>
public sealed partial class TemplatePanel
{
    private string _name = "";
    private string _said = "";
    private bool _busy;
    private Refusal? _refused;

    [Inject] public required Rollouts Engine { get; init; }
    [Inject] public required CallerAccessor Callers { get; init; }
    [Inject] public required IDialogService Dialogs { get; init; }

    [Parameter] public ImmutableArray<PlanTemplate> Templates { get; set; } = [];
    /// <summary><c>namespace/name</c> of the cluster that is composed for.</summary>
    [Parameter, EditorRequired] public required string Cluster { get; set; }
    [Parameter, EditorRequired] public required string Profile { get; set; }
    /// <summary>What would be kept.</summary>
    [Parameter, EditorRequired] public required string Text { get; set; }
    [Parameter] public bool MayChange { get; set; }
    /// <summary>There are others now.</summary>
    [Parameter] public EventCallback OnChange { get; set; }

    private void Rename(ChangeEventArgs change) => (_name, _refused, _said) = (change.Value as string ?? "", null, "");

    private async Task SaveAsync(bool replace)
    {
        if (_busy)
            return;
        (_busy, _said) = (true, "");
        try
        {
            var saved = await Engine.SaveTemplateAsync(_name, Text, replace, await Callers.GetAsync());
            _refused = saved.Refusal;
            if (!saved.Ok)
                return;
            (_name, _said) = ("", $"Saved as {saved.Value.Name}.");
            await OnChange.InvokeAsync();
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task DeleteAsync(PlanTemplate template)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, $"Delete the template “{template.Name}”?", "Plans that were started from it stay as they are.", "Delete", danger: true, askReason: false) is null)
            return;
        var gone = await Engine.DeleteTemplateAsync(template.Id, await Callers.GetAsync());
        (_refused, _said) = (gone.Refusal, gone.Ok ? $"{template.Name} is deleted." : "");
        await OnChange.InvokeAsync();
    }
}
