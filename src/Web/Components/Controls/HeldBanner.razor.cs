using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Auth;

namespace Rollcall.Web.Components.Controls;

/// <summary>A hold that no run is on any more: whose it is, and the ways out. Released here also when the run that took it is not in the database.</summary>
public sealed partial class HeldBanner
{
    private bool _mayAct;
    private Refusal? _refusal;

    [Inject] public required Rollouts Rollouts { get; init; }
    [Inject] public required CallerAccessor Callers { get; init; }
    [Inject] public required IDialogService Dialogs { get; init; }

    [Parameter, EditorRequired] public ClusterKey Cluster { get; set; }
    [Parameter, EditorRequired] public required Custody Held { get; set; }

    private RunView? Run => Held.Run.Length == 0 ? null : Rollouts.GetRun(Held.Run);

    protected override async Task OnInitializedAsync() => _mayAct = (await Callers.GetAsync()).Is(Caller.Operator);

    // Asked for without "even if mixed" first: the engine itself says who would restart, and nobody is asked where nobody would.
    private async Task ReleaseAsync()
    {
        var careful = await Rollouts.ReleaseAsync(Cluster, evenIfMixed: false, "", await Callers.GetAsync(), CancellationToken.None);
        _refusal = careful.Refusal;
        if (careful.Ok || careful.Refusal.Changed.IsDefaultOrEmpty)
            return;
        _refusal = null;
        var reason = await ConfirmDialog.AskAsync(Dialogs, "Release anyway?", careful.Refusal.Message, "Release", danger: true, reasonRequired: true, details: List(careful.Refusal.Changed));
        if (reason is not null)
            _refusal = (await Rollouts.ReleaseAsync(Cluster, evenIfMixed: true, reason, await Callers.GetAsync(), CancellationToken.None)).Refusal;
    }

    private static RenderFragment List(ImmutableArray<string> members) => builder =>
    {
        builder.OpenElement(0, "ul");
        foreach (var member in members)
        {
            builder.OpenElement(1, "li");
            builder.AddContent(2, member);
            builder.CloseElement();
        }
        builder.CloseElement();
    };
}
