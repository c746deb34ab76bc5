using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Controls;

/// <summary>Makes signed one-time links to a gate and takes them back. For admins; the engine asks again.</summary>
public sealed partial class GateInvite
{
    private readonly CommandDesk _desk = new();
    private MintedInvitation? _made;
    private string _name = "";
    private string _groups = "";
    private int _hours = 24;

    [Parameter, EditorRequired] public required RunView Run { get; set; }
    [Parameter, EditorRequired] public required GateView Gate { get; set; }

    [Inject] public required GateLinks Links { get; init; }
    [Inject] public required Rollouts Rollouts { get; init; }
    [Inject] public required CallerAccessor Callers { get; init; }

    private string Id => $"invite-{Run.Id}-{Gate.Name}";

    private async Task InviteAsync()
    {
        _made = null;
        var groups = _groups.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var result = await _desk.TryAsync(async () => await Links.InviteAsync(Run.Id, Gate.Name, _name, [.. groups], TimeSpan.FromHours(_hours), await Callers.GetAsync(), CancellationToken.None));
        if (result is { Ok: true, Value: { } made })
            (_made, _name, _groups) = (made, "", "");
    }

    private async Task RevokeAsync(GateInvitationView invitation)
    {
        await _desk.TryAsync(async () => await Rollouts.RevokeInvitationAsync(Run.Id, Gate.Name, invitation.Id, await Callers.GetAsync(), CancellationToken.None));
        if (_made?.Id == invitation.Id)
            _made = null;
    }
}
