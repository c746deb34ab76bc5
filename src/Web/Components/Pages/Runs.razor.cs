using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Execution;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Configuration;
using Rollcall.Web.Model.Watching;

namespace Rollcall.Web.Components.Pages;

/// <summary>All runs. Counters are filters, and every filter is in the address.</summary>
public sealed partial class Runs
{
    private static readonly ImmutableArray<RunState> Shown = [RunState.Running, RunState.Waiting, RunState.Paused, RunState.Succeeded, RunState.Failed, RunState.Aborted];
    private RunFilter _filter = new(null, null, null);
    private ImmutableArray<RunView> _rows = [];
    private ImmutableDictionary<RunState, int> _counts = ImmutableDictionary<RunState, int>.Empty;
    private ImmutableArray<string> _clusters = [];
    private int _total;
    private RunPage _page = new([], 0, 0);
    private ImmutableArray<string> _people = [];
    private bool _canCompose;

    [SupplyParameterFromQuery(Name = "state")] public string? State { get; set; }
    [SupplyParameterFromQuery(Name = "cluster")] public string? Cluster { get; set; }
    [SupplyParameterFromQuery(Name = "q")] public string? Query { get; set; }
    [SupplyParameterFromQuery(Name = "by")] public string? By { get; set; }
    [SupplyParameterFromQuery(Name = "after")] public string? After { get; set; }

    [Inject] public required Rollouts Rollouts { get; init; }
    [Inject] public required CallerAccessor Callers { get; init; }
    [Inject] public required DashboardOptions Options { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }

    protected override async Task OnInitializedAsync() => _canCompose = !Options.ReadOnly && (await Callers.GetAsync()).Is(Caller.Operator);

    protected override void OnParametersSet()
    {
        _filter = RunFilter.Parse(State, Cluster, Query, By, After);
        Refresh();
    }

    protected override Func<CancellationToken, Task> Mark()
    {
        var version = Rollouts.RunsVersion;
        return ct => Rollouts.WhenRunsAfterAsync(version, ct);
    }

    protected override bool Refresh()
    {
        var runs = Rollouts.Runs();
        (_rows, _counts, _total) = _filter.Apply(runs);
        _page = _filter.Cut(_rows);
        _people = [.. runs.Select(r => r.StartedBy).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)];
        _clusters = [.. runs.Select(r => r.Cluster).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return true;
    }

    private void ChooseCluster(ChangeEventArgs change) => Navigation.NavigateTo((_filter with { After = null, Cluster = change.Value as string is { Length: > 0 } cluster ? cluster : null }).Href(), replace: true);

    private void ChoosePerson(ChangeEventArgs change) => Navigation.NavigateTo((_filter with { After = null, By = change.Value as string is { Length: > 0 } person ? person : null }).Href(), replace: true);

    private void Search(ChangeEventArgs change) => Navigation.NavigateTo((_filter with { After = null, Search = change.Value as string is { Length: > 0 } text ? text.Trim() : null }).Href(), replace: true);
}
