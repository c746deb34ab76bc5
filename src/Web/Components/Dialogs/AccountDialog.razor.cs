using Microsoft.AspNetCore.Components;
using MudBlazor;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Components.Controls;

namespace Rollcall.Web.Components.Dialogs;

/// <summary>Other roles and groups for an account. It stays open, with the reason beside the field, while the change is refused.</summary>
public sealed partial class AccountDialog
{
    private string _role = Caller.Viewer;
    private string _groups = "";
    private bool _busy;
    private Refusal? _refusal;

    [CascadingParameter] public required IMudDialogInstance Dialog { get; set; }

    [Parameter, EditorRequired] public required AccountView Account { get; set; }
    /// <summary>It belongs to who sits here.</summary>
    [Parameter] public bool Own { get; set; }
    /// <summary>Roles and groups, each with commas between; answers with the refusal, or null when it is done.</summary>
    [Parameter, EditorRequired] public required Func<string, string, Task<Refusal?>> Change { get; set; }

    private string? GroupProblem => _refusal?.Errors.FirstOrDefault(e => e.Path == "/groups")?.Message;

    private bool Same => _role == RoleOptions.Of(Account.Roles) && _groups.Trim() == string.Join(", ", Account.Groups);

    protected override void OnInitialized() => (_role, _groups) = (RoleOptions.Of(Account.Roles), string.Join(", ", Account.Groups));

    private async Task ChangeAsync()
    {
        _busy = true;
        _refusal = await Change(_role, _groups);
        _busy = false;
        if (_refusal is null)
            Dialog.Close();
    }

    public static Task AskAsync(IDialogService dialogs, AccountView account, bool own, Func<string, string, Task<Refusal?>> change) =>
        dialogs.ShowAsync<AccountDialog>("What an account may", new DialogParameters<AccountDialog> { { d => d.Account, account }, { d => d.Own, own }, { d => d.Change, change } });
}
