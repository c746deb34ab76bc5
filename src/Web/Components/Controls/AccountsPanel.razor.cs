using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Components.Dialogs;

namespace Rollcall.Web.Components.Controls;

/// <summary>Local accounts, for admins. <see cref="AccountService"/> checks the role again on every call.</summary>
public sealed partial class AccountsPanel
{
    private string _name = "";
    private string _role = Caller.Viewer;
    private string _groups = "";
    private MintedAccount? _minted;
    private ImmutableArray<AccountView> _accounts = [];

    [Inject] public required AccountService Accounts { get; init; }

    protected override bool Refresh()
    {
        _accounts = Accounts.List(Caller) is { Ok: true } accounts ? accounts.Value : [];
        return true;
    }

    private async Task CreateAsync()
    {
        var made = await DoAsync(by => Accounts.Create(_name, Parts(_role), Parts(_groups), by));
        if (made is null)
            return;
        _minted = made;
        (_name, _groups) = ("", "");
    }

    private Task ChangeAsync(AccountView account) =>
        AccountDialog.AskAsync(Dialogs, account, PersonName.Same(account.Name, Caller.Name), async (roles, groups) => (await DoAsync(by => Accounts.Change(account.Id, Parts(roles), Parts(groups), by)), Desk.Refusal) switch
        {
            (not null, _) => null,
            var (_, refusal) => refusal ?? new Refusal(RefusalKind.Conflict, "Another change is under way; try again."),
        });

    private async Task ResetAsync(AccountView account)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, $"Give {account.Name} a new password?", "The old one stops working and their logins end.", "New password", danger: false, askReason: false) is not null)
            _minted = await DoAsync(by => Accounts.Reset(account.Id, by));
    }

    private async Task DisableAsync(AccountView account)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, $"Disable the account of {account.Name}?", "Their logins, unused links and tokens end at once. Approvals they gave stay.", "Disable", danger: true, askReason: false) is not null)
            await DoAsync(by => Accounts.Disable(account.Id, by));
    }

    private async Task EnableAsync(AccountView account) => await DoAsync(by => Accounts.Enable(account.Id, by));

    private async Task<T?> DoAsync<T>(Func<Caller, Result<T>> act) where T : class
    {
        _minted = null;
        var result = await Desk.TryAsync(async () =>
        {
            var by = await Callers.GetForAccessAsync();
            // A password hash is a tenth of a second of work; the circuit's dispatcher is not the place for it.
            return await Task.Run(() => act(by));
        });
        Refresh();
        return result?.Value;
    }
}
