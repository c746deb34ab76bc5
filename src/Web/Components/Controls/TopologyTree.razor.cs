using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Controls;

/// <summary>
/// The graph's equal for keyboard and screen reader: a treegrid of the same snapshot, by the rules of the ARIA pattern (arrows walk and fold, Home and End,
/// Enter opens a member). Rows are virtualised; folding is view state of this component.
/// </summary>
public sealed partial class TopologyTree
{
    // More shards than this start folded: nobody reads ten thousand rows from the top.
    private const int OpenAtMost = 60;
    private readonly HashSet<string> _collapsed = new(StringComparer.Ordinal);
    private ImmutableArray<TopologyRow> _rows = [];
    private TopologySnapshot? _topology;
    private RunView? _run;
    private ClusterKey _shown;
    private ElementReference _table;
    private IJSObjectReference? _module;
    private string _search = "";
    private string? _focused;
    private bool _tamed;
    private bool _restore;
    private InstanceRef? _wasSelected;

    [Inject] public required ClusterCatalog Catalog { get; init; }
    [Inject] public required Rollouts Rollouts { get; init; }
    [Inject] public required IJSRuntime Js { get; init; }

    [Parameter, EditorRequired] public ClusterKey Cluster { get; set; }
    [Parameter] public string? RunId { get; set; }
    [Parameter] public ImmutableArray<GraphRole>? Roles { get; set; }
    /// <summary>Components whose roles are others than <see cref="Roles"/>.</summary>
    [Parameter] public ImmutableDictionary<string, GraphPart>? Parts { get; set; }
    [Parameter] public InstanceRef? Selected { get; set; }
    [Parameter] public EventCallback<InstanceRef> OnSelect { get; set; }

    private ImmutableArray<GraphRole>? RolesOf(string component) => Parts?.GetValueOrDefault(component)?.Roles ?? Roles;

    private bool HasRoles(TopologyRow row) => row.Ref is not { } member || RolesOf(member.Component) is not { IsDefaultOrEmpty: true };

    private int Members => _topology?.Components.Sum(c => c.Shards.Sum(s => s.Instances.Length)) ?? 0;

    protected override void OnParametersSet()
    {
        // The drawer was closed: the focus goes back to the row it came from.
        _restore = _wasSelected is not null && Selected is null;
        _wasSelected = Selected;
        if (_shown == Cluster && _run?.Id == RunId)
            return;
        if (_shown != Cluster)
        {
            _shown = Cluster;
            _topology = null;
            _collapsed.Clear();
            _focused = null;
        }
        Refresh();
        FollowAnew();
    }

    protected override Func<CancellationToken, Task> Mark() => Cursor.Over(Catalog, Rollouts, Cluster, RunId);

    protected override bool Refresh()
    {
        var topology = Catalog.Find(Cluster)?.Current;
        var run = RunId is null ? null : Rollouts.GetRun(RunId);
        if (topology is null || (topology.Version == _topology?.Version && ReferenceEquals(run, _run)))
            return false;
        if (_topology is null && topology.Components.Sum(c => c.Shards.Length) > OpenAtMost)
            _collapsed.UnionWith(topology.Components.SelectMany(c => c.Shards.Select(s => $"{c.Name}/{s.Name}")));
        (_topology, _run) = (topology, run);
        Rebuild();
        return true;
    }

    // The browser would scroll on every arrow; only the module can say no to that.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_restore && _module is not null && _focused is not null)
        {
            _restore = false;
            await _module.InvokeVoidAsync("focusIfNobody", RowId(_focused));
        }
        if (_tamed || _topology is null)
            return;
        _tamed = true;
        try
        {
            _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Components/Controls/TopologyTree.razor.js");
            await _module.InvokeVoidAsync("tame", _table);
        }
        catch (JSDisconnectedException)
        {
            // The tab was closed meanwhile.
        }
    }

    private void Rebuild()
    {
        if (_topology is null)
            return;
        _rows = TopologyRows.Build(_topology, _run, Leads, _collapsed, _search);
        if (_focused is null || !_rows.Any(r => r.Key == _focused))
            _focused = _rows.FirstOrDefault()?.Key;
    }

    private bool Leads(string component, string? role) => role is not null && (RolesOf(component) is { IsDefault: false } roles ? roles.Any(r => r.Leads && r.Name == role) : role is "primary" or "leader" or "master" or "controller");

    private void Search(ChangeEventArgs change)
    {
        _search = change.Value as string ?? "";
        Rebuild();
    }

    private void ExpandAll()
    {
        _collapsed.Clear();
        Rebuild();
    }

    private void CollapseAll()
    {
        if (_topology is not null)
            _collapsed.UnionWith(_topology.Components.SelectMany(c => c.Shards.Select(s => $"{c.Name}/{s.Name}")));
        Rebuild();
    }

    private async Task ActivateAsync(TopologyRow row)
    {
        _focused = row.Key;
        if (row.Ref is { } member)
            await OnSelect.InvokeAsync(member);
        else
            Fold(row, !row.Expanded);
    }

    private void Fold(TopologyRow row, bool open)
    {
        if (open)
            _collapsed.Remove(row.Key);
        else
            _collapsed.Add(row.Key);
        Rebuild();
    }

    private async Task OnKeyAsync(KeyboardEventArgs key)
    {
        var at = IndexOf(_focused);
        if (at < 0)
            return;
        var row = _rows[at];
        switch (key.Key)
        {
            case "ArrowDown": await FocusAsync(at + 1); break;
            case "ArrowUp": await FocusAsync(at - 1); break;
            case "Home": await FocusAsync(0); break;
            case "End": await FocusAsync(_rows.Length - 1); break;
            case "ArrowRight" when row is { Expandable: true, Expanded: false }: Fold(row, open: true); break;
            case "ArrowRight" when row.Expandable: await FocusAsync(at + 1); break;
            case "ArrowLeft" when row is { Expandable: true, Expanded: true }: Fold(row, open: false); break;
            case "ArrowLeft" when row.Parent is { } parent: await FocusAsync(IndexOf(parent)); break;
            case "Enter" or " ": await ActivateAsync(row); break;
        }
    }

    private int IndexOf(string? key)
    {
        for (var i = 0; i < _rows.Length; i++)
            if (_rows[i].Key == key)
                return i;
        return -1;
    }

    private async Task FocusAsync(int index)
    {
        if (index < 0 || index >= _rows.Length)
            return;
        _focused = _rows[index].Key;
        StateHasChanged();
        if (_module is not null)
            await _module.InvokeVoidAsync("focusRow", _table, RowId(_focused), index);
    }

    private static string RowId(string key) => $"row-{key.Replace('/', '-')}";

    public override async ValueTask DisposeAsync()
    {
        try
        {
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone.
        }
        await base.DisposeAsync();
    }
}
