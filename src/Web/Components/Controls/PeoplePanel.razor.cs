using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Components.Controls;

/// <summary>Login links and sessions, for admins. <see cref="LinkService"/> checks the role again on every call.</summary>
public sealed partial class PeoplePanel
{
    private string _name = "";
    private string _role = Caller.Viewer;
    private string _groups = "";
    private string _hours = "24";
    private MintedLink? _minted;
    private ImmutableArray<LinkView> _links = [];
    private ImmutableArray<SessionView> _sessions = [];

    [Inject] public required LinkService Links { get; init; }

    protected override bool Refresh()
    {
        _links = Links.List(Caller) is { Ok: true } links ? links.Value : [];
        _sessions = Links.Sessions(Caller) is { Ok: true } sessions ? sessions.Value : [];
        return true;
    }

    private async Task MintAsync()
    {
        var hours = double.Parse(_hours, CultureInfo.InvariantCulture);
        var minted = await Desk.TryAsync(async () => Links.Mint(_name, _role, Parts(_groups), TimeSpan.FromHours(hours), await Callers.GetForAccessAsync()));
        if (minted is not { Ok: true } made)
            return;
        _minted = made.Value;
        (_name, _groups) = ("", "");
        Refresh();
    }

    private async Task RevokeAsync(LinkView link)
    {
        await Desk.TryAsync(async () => Links.Revoke(link.Id, await Callers.GetForAccessAsync()));
        if (_minted?.Id == link.Id)
            _minted = null;
        Refresh();
    }

    private async Task EndAsync(SessionView session)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, $"Sign {session.Name} out?", "Their screens close within a minute. They need a new link to come back.", "Sign out", danger: true, askReason: false) is null)
            return;
        await Desk.TryAsync(async () => Links.EndSession(session.Id, await Callers.GetForAccessAsync()));
        Refresh();
    }
}
