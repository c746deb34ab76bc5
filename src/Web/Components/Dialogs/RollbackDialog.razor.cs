using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Rollcall.Shared;

namespace Rollcall.Web.Components.Dialogs;

/// <param name="Only">"component/shard", or null for all.</param>
public sealed record RollbackChoice(string Reason, string? Only);

/// <summary>What the way back looks like, worked out when the dialog opens and again when another scope is chosen; then one confirm. A refusal says what stands in the way and what is left to do.</summary>
public sealed partial class RollbackDialog
{
    private PlanView? _preview;
    private Refusal? _refusal;
    private ImmutableArray<string> _alone = [];
    private string? _only;
    private string _reason = "";
    private bool _busy;

    [CascadingParameter] public required IMudDialogInstance Dialog { get; set; }

    /// <summary>Works the way back out, for all shards or for one ("component/shard").</summary>
    [Parameter, EditorRequired] public required Func<string?, Task<Result<PlanView>>> Preview { get; set; }
    /// <summary>"8.0.1 → 7.2.4", the way back in versions.</summary>
    [Parameter, EditorRequired] public required string Change { get; set; }
    [Parameter] public RollbackOutlook? Outlook { get; set; }
    /// <summary>The run to roll back is still going.</summary>
    [Parameter] public bool RunOpen { get; set; }
    /// <summary>The run is a rollback itself: taking it back goes forward.</summary>
    [Parameter] public bool Forward { get; set; }

    private ImmutableArray<string> CannotUndo => [.. (_preview?.WayBack?.CannotUndo ?? []).Concat(Outlook is { CannotUndo.IsDefaultOrEmpty: false } outlook ? outlook.CannotUndo : [])];

    protected override Task OnInitializedAsync() => LookAsync();

    private Task ChooseAsync(ChangeEventArgs change)
    {
        _only = change.Value as string is { Length: > 0 } shard ? shard : null;
        return LookAsync();
    }

    private async Task LookAsync()
    {
        _busy = true;
        var asked = _only;
        var (preview, refusal) = await Preview(asked);
        if (asked != _only)
            return; // chosen anew while this was being worked out
        (_preview, _refusal, _busy) = (preview, refusal, false);
        if (preview?.WayBack is { } way && asked is null)
            _alone = way.Alone;
    }

    private string Name(string key) => _alone.Select(a => a[..a.IndexOf('/', StringComparison.Ordinal)]).Distinct(StringComparer.Ordinal).Skip(1).Any() ? key : key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private void Confirm() => Dialog.Close(DialogResult.Ok(new RollbackChoice(_reason.Trim(), _only)));

    /// <summary>What was confirmed, or null when it was not.</summary>
    public static async Task<RollbackChoice?> AskAsync(IDialogService dialogs, RunView run, Func<string?, Task<Result<PlanView>>> preview)
    {
        var change = string.Join(", ", run.Components.Select(c => run.Components.Length > 1 ? $"{c.Name} {c.To} → {c.From}" : $"{c.To} → {c.From}"));
        var parameters = new DialogParameters<RollbackDialog>
        {
            { d => d.Preview, preview },
            { d => d.Change, change },
            { d => d.Outlook, run.Rollback },
            { d => d.RunOpen, !run.Terminal },
            { d => d.Forward, run.Backwards },
        };
        var dialog = await dialogs.ShowAsync<RollbackDialog>("Roll back", parameters);
        return await dialog.Result is { Canceled: false, Data: RollbackChoice choice } ? choice : null;
    }
}
