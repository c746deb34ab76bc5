using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using MudBlazor;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Controls;

/// <summary>Local accounts, for admins. <see cref="AccountService"/> checks the role again on every call.</summary>
public sealed partial class AccountsPanel
{
    private readonly CommandDesk _desk = new();
    private string _name = "";
    private string _role = Caller.Viewer;
    private string _groups = "";
    private MintedAccount? _minted;
    private ImmutableArray<AccountView> _accounts = [];

    [Inject] public required AccountService Accounts { get; init; }
    [Inject] public required AccessStore Access { get; init; }
    [Inject] public required CallerAccessor Callers { get; init; }
    [Inject] public required IDialogService Dialogs { get; init; }

    [Parameter, EditorRequired] public required Caller Caller { get; set; }

    protected override Func<CancellationToken, Task> Mark()
    {
        var version = Access.Version;
        return ct => Access.WhenAfterAsync(version, ct);
    }

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
        var result = await _desk.TryAsync(async () =>
        {
            var by = await Callers.GetForAccessAsync();
            // A password hash is a tenth of a second of work; the circuit's dispatcher is not the place for it.
            return await Task.Run(() => act(by));
        });
        Refresh();
        return result?.Value;
    }

    private static ImmutableArray<string> Parts(string text) => [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private SpecError? At(string path) => _desk.Refusal?.Errors.FirstOrDefault(e => e.Path == path);

    private string? Wrong(string path) => At(path) is null ? null : "true";

    private RenderFragment Problem(string path) => (RenderTreeBuilder builder) =>
    {
        if (At(path) is not { } error)
            return;
        builder.OpenElement(0, "span");
        builder.AddAttribute(1, "class", "wrong");
        builder.AddContent(2, error.Allowed.IsDefaultOrEmpty ? error.Message : $"{error.Message} Allowed: {string.Join(", ", error.Allowed)}.");
        builder.CloseElement();
    };
}
