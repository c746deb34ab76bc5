using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Rollcall.Web.Components.Controls;

/// <summary>One question, one reason, one button. <see cref="AskAsync"/> returns the reason (possibly empty), or null when cancelled.</summary>
public sealed partial class ConfirmDialog
{
    private string _reason = "";

    [CascadingParameter] public required IMudDialogInstance Dialog { get; set; }

    [Parameter, EditorRequired] public required string Title { get; set; }
    [Parameter, EditorRequired] public required string Text { get; set; }
    [Parameter] public string ConfirmText { get; set; } = "Confirm";
    [Parameter] public bool Danger { get; set; }
    [Parameter] public bool AskReason { get; set; } = true;
    [Parameter] public bool ReasonRequired { get; set; }
    /// <summary>More under the text: a list of Pods that will restart, a preview …</summary>
    [Parameter] public RenderFragment? Details { get; set; }

    private void Confirm() => Dialog.Close(DialogResult.Ok(_reason.Trim()));

    public static async Task<string?> AskAsync(IDialogService dialogs, string title, string text, string confirm, bool danger = false, bool reasonRequired = false, bool askReason = true, RenderFragment? details = null)
    {
        var parameters = new DialogParameters<ConfirmDialog>
        {
            { d => d.Title, title },
            { d => d.Text, text },
            { d => d.ConfirmText, confirm },
            { d => d.Danger, danger },
            { d => d.AskReason, askReason },
            { d => d.ReasonRequired, reasonRequired },
            { d => d.Details, details },
        };
        var dialog = await dialogs.ShowAsync<ConfirmDialog>(title, parameters);
        return await dialog.Result is { Canceled: false, Data: string reason } ? reason : null;
    }
}
