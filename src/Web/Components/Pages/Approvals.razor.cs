using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Components.Controls;
using Rollcall.Web.Configuration;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Pages;

/// <summary>The inbox: every gate, on whatever cluster, that waits for this person.</summary>
public sealed partial class Approvals
{
    private readonly CommandDesk _desk = new();
    private Caller _caller = new("", [], []);
    private ImmutableArray<(PendingApproval Item, RunView Run)> _items = [];
    private (string Text, string RunId)? _done;
    private string? _last;

    [Inject] public required Rollouts Rollouts { get; init; }
    [Inject] public required CallerAccessor Callers { get; init; }
    [Inject] public required DashboardOptions Options { get; init; }

    protected override async Task OnInitializedAsync()
    {
        _caller = await Callers.GetAsync();
        Refresh();
    }

    protected override Func<CancellationToken, Task> Mark()
    {
        var version = Rollouts.RunsVersion;
        return ct => Rollouts.WhenRunsAfterAsync(version, ct);
    }

    protected override bool Refresh()
    {
        _items = [.. Rollouts.Approvals(_caller).Select(item => (item, Rollouts.GetRun(item.RunId))).Where(pair => pair.Item2 is not null).Select(pair => (pair.item, pair.Item2!))];
        return true;
    }

    private static string Key(PendingApproval item) => $"{item.RunId}/{item.Gate.Name}";

    private async Task DecideAsync(PendingApproval item, GateDecision decision)
    {
        _last = Key(item);
        _done = null;
        var result = await _desk.TryAsync(async () =>
        {
            _caller = await Callers.GetAsync();
            return decision.Approve
                ? await Rollouts.ApproveAsync(item.RunId, decision.Gate.Name, decision.PlanHash, decision.Comment, _caller, CancellationToken.None)
                : await Rollouts.RejectAsync(item.RunId, decision.Gate.Name, decision.PlanHash, decision.Comment, _caller, CancellationToken.None);
        });
        if (result is { Ok: true })
            _done = ($"You have {(decision.Approve ? "approved" : "rejected")} the gate before “{item.Gate.Stage}” on {item.Cluster}.", item.RunId);
        Refresh();
    }
}
