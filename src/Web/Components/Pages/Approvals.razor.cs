using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Components.Controls;
using Rollcall.Web.Configuration;
using Rollcall.Web.Model;
using Rollcall.Web.Model.Watching;
using Severity = Rollcall.Shared.Severity;

namespace Rollcall.Web.Components.Pages;

/// <summary>The inbox: every gate, on whatever cluster, that waits for this person.</summary>
public sealed partial class Approvals
{
    private readonly CommandDesk _desk = new();
    private Caller _caller = new("", [], []);
    private ImmutableArray<(PendingApproval Item, RunView Run)> _items = [];
    private (string Text, string RunId)? _done;
    private string? _last;
    private readonly Dictionary<string, ImmutableArray<Finding>> _warnings = new(StringComparer.Ordinal);

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

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        await base.OnAfterRenderAsync(firstRender);
        var unread = _items.Select(i => i.Run.PlanId).Where(id => !_warnings.ContainsKey(id)).Distinct(StringComparer.Ordinal).ToArray();
        foreach (var id in unread)
            _warnings[id] = await Rollouts.GetPlanAsync(id, CancellationToken.None) is { } plan ? [.. plan.Findings.Where(f => f.Severity is not Severity.Info)] : [];
        if (unread.Length > 0)
            StateHasChanged();
    }

    private ImmutableArray<Finding> WarningsOf(RunView run) => _warnings.GetValueOrDefault(run.PlanId, []);

    private static string Key(PendingApproval item) => $"{item.RunId}/{item.Gate.Name}";

    private async Task<bool> ActAsync(PendingApproval item, GateAct act)
    {
        _last = Key(item);
        _done = null;
        var result = await _desk.TryAsync(async () =>
        {
            _caller = await Callers.GetAsync();
            return await GateDesk.DoAsync(Rollouts, item.RunId, act, _caller, CancellationToken.None);
        });
        if (result is { Ok: true })
            _done = (GateDesk.Done(act, item.Cluster), item.RunId);
        Refresh();
        StateHasChanged();
        return result is { Ok: true };
    }
}
