using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Rollcall.Shared;

namespace Rollcall.Web.Components.Dialogs;

/// <summary>What the way back looks like, worked out when the dialog opens; then one confirm. A refusal says what stands in the way and what is left to do.</summary>
public sealed partial class RollbackDialog
{
    private PlanView? _preview;
    private Refusal? _refusal;
    private string _reason = "";

    [CascadingParameter] public required IMudDialogInstance Dialog { get; set; }

    [Parameter, EditorRequired] public required Func<Task<Result<PlanView>>> Preview { get; set; }
    /// <summary>"8.0.1 → 7.2.4", the way back in versions.</summary>
    [Parameter, EditorRequired] public required string Change { get; set; }
    [Parameter] public RollbackOutlook? Outlook { get; set; }
    /// <summary>The run to roll back is still going.</summary>
    [Parameter] public bool RunOpen { get; set; }

    private ImmutableArray<PlanStep> Handovers => _preview is null ? [] : [.. _preview.Steps.Where(s => s.Kind is StepKind.Switchover)];

    protected override async Task OnInitializedAsync() => (_preview, _refusal) = await Preview();

    private void Confirm() => Dialog.Close(DialogResult.Ok(_reason.Trim()));

    /// <summary>The reason given (possibly empty), or null when it was not confirmed.</summary>
    public static async Task<string?> AskAsync(IDialogService dialogs, RunView run, Func<Task<Result<PlanView>>> preview)
    {
        var change = string.Join(", ", run.Components.Select(c => run.Components.Length > 1 ? $"{c.Name} {c.To} → {c.From}" : $"{c.To} → {c.From}"));
        var parameters = new DialogParameters<RollbackDialog>
        {
            { d => d.Preview, preview },
            { d => d.Change, change },
            { d => d.Outlook, run.Rollback },
            { d => d.RunOpen, !run.Terminal },
        };
        var dialog = await dialogs.ShowAsync<RollbackDialog>("Roll back", parameters);
        return await dialog.Result is { Canceled: false, Data: string reason } ? reason : null;
    }
}
