using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Components.Controls;

/// <summary>API tokens: one's own, and for admins all of them. <see cref="TokenService"/> checks again on every call.</summary>
public sealed partial class TokensPanel
{
    private static readonly (string Role, string Words)[] AllChoices =
        [(Caller.Viewer, "look (viewer)"), (Caller.Operator, "plan, start, roll back (operator)"), (Caller.Approver, "decide gates (approver)"), (Caller.Admin, "everything (admin)")];

    private readonly HashSet<string> _roles = new(StringComparer.Ordinal) { Caller.Viewer };
    private string _label = "";
    private string _days = "90";
    private string _scope = "";
    private string _groups = "";
    private bool _readOnly;
    private bool _service;
    private bool _admin;
    private MintedToken? _minted;
    private ImmutableArray<TokenView> _tokens = [];

    [Inject] public required TokenService Tokens { get; init; }

    private IEnumerable<(string Role, string Words)> Choices => AllChoices.Where(c => c.Role == Caller.Viewer || Caller.Is(c.Role));

    protected override void OnParametersSet() => _admin = Caller.Is(Caller.Admin);

    protected override bool Refresh()
    {
        _tokens = Tokens.List(Caller) is { Ok: true } tokens ? tokens.Value : [];
        return true;
    }

    private void Toggle(string role, bool on)
    {
        if (on)
            _roles.Add(role);
        else
            _roles.Remove(role);
    }

    private async Task MintAsync()
    {
        var scope = Parts(_scope);
        var wish = new TokenWish(_label, [.. AllChoices.Select(c => c.Role).Where(_roles.Contains)], Parts(_groups), [.. scope.Where(s => !s.Contains('/', StringComparison.Ordinal))],
            [.. scope.Where(s => s.Contains('/', StringComparison.Ordinal))], _readOnly, _service, TimeSpan.FromDays(double.Parse(_days, CultureInfo.InvariantCulture)));
        _minted = null;
        if (await Desk.TryAsync(async () => Tokens.Mint(wish, await Callers.GetForAccessAsync())) is not { Ok: true } made)
            return;
        _minted = made.Value;
        (_label, _scope, _groups) = ("", "", "");
        Refresh();
    }

    private async Task RevokeAsync(TokenView token)
    {
        var used = token.LastUsedAt is null ? "It has never been used." : "Programs that use it are refused from that moment.";
        if (await ConfirmDialog.AskAsync(Dialogs, $"Revoke the token {token.Label}?", $"{used} There is no way back; make a new one instead.", "Revoke", danger: true, askReason: false) is null)
            return;
        await Desk.TryAsync(async () => Tokens.Revoke(token.Id, await Callers.GetForAccessAsync()));
        if (_minted?.Id == token.Id)
            _minted = null;
        Refresh();
    }
}
