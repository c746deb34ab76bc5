using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using MudBlazor;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Controls;

/// <summary>Login links and sessions, for admins. <see cref="LinkService"/> checks the role again on every call.</summary>
public sealed partial class PeoplePanel
{
    private readonly CommandDesk _desk = new();
    private string _name = "";
    private string _role = Caller.Viewer;
    private string _groups = "";
    private string _hours = "24";
    private MintedLink? _minted;
    private ImmutableArray<LinkView> _links = [];
    private ImmutableArray<SessionView> _sessions = [];

    [Inject] public required LinkService Links { get; init; }
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
        _links = Links.List(Caller) is { Ok: true } links ? links.Value : [];
        _sessions = Links.Sessions(Caller) is { Ok: true } sessions ? sessions.Value : [];
        return true;
    }

    private async Task MintAsync()
    {
        var hours = double.Parse(_hours, CultureInfo.InvariantCulture);
        ImmutableArray<string> groups = [.. _groups.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        var minted = await _desk.TryAsync(async () => Links.Mint(_name, _role, groups, TimeSpan.FromHours(hours), await Callers.GetForAccessAsync()));
        if (minted is not { Ok: true } made)
            return;
        _minted = made.Value;
        (_name, _groups) = ("", "");
        Refresh();
    }

    private async Task RevokeAsync(LinkView link)
    {
        await _desk.TryAsync(async () => Links.Revoke(link.Id, await Callers.GetForAccessAsync()));
        if (_minted?.Id == link.Id)
            _minted = null;
        Refresh();
    }

    private async Task EndAsync(SessionView session)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, $"Sign {session.Name} out?", "Their screens close within a minute. They need a new link to come back.", "Sign out", danger: true, askReason: false) is null)
            return;
        await _desk.TryAsync(async () => Links.EndSession(session.Id, await Callers.GetForAccessAsync()));
        Refresh();
    }

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
