using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Storage;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Model;
using Rollcall.Web.Model.Auditing;

namespace Rollcall.Web.Components.Pages;

/// <summary>The audit log, for admins: filters in the address, page by page, with the verdict of the chain above it.</summary>
public sealed partial class Audit
{
    private const int PageSize = 50;
    private bool _admin;
    private bool _checking;
    private AuditQuery _query = AuditQuery.Parse(null, null, null, null, null, null, null, null);
    private AuditVerdict? _verdict;
    private AuditPage? _page;
    private ImmutableArray<string> _actors = [], _actionNames = [], _clusters = [];

    [SupplyParameterFromQuery(Name = "actor")] public string? Actor { get; set; }
    [SupplyParameterFromQuery(Name = "action")] public string? Action { get; set; }
    [SupplyParameterFromQuery(Name = "cluster")] public string? Cluster { get; set; }
    [SupplyParameterFromQuery(Name = "object")] public string? Object { get; set; }
    [SupplyParameterFromQuery(Name = "result")] public string? ResultIs { get; set; }
    [SupplyParameterFromQuery(Name = "from")] public string? FromDay { get; set; }
    [SupplyParameterFromQuery(Name = "to")] public string? ToDay { get; set; }
    [SupplyParameterFromQuery(Name = "before")] public long? Before { get; set; }

    [Inject] public required AuditLog Log { get; init; }
    [Inject] public required Rollouts Rollouts { get; init; }
    [Inject] public required CallerAccessor Callers { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }

    protected override async Task OnInitializedAsync()
    {
        _admin = AccessRules.MaySee(await Callers.GetForAccessAsync(), "") is null;
        if (_admin)
            await VerifyAsync();
    }

    protected override async Task OnParametersSetAsync()
    {
        _query = AuditQuery.Parse(Actor, Action, Cluster, Object, ResultIs, FromDay, ToDay, Before);
        if (_admin)
            await ReadAsync();
    }

    protected override Func<CancellationToken, Task> Mark()
    {
        var (entries, runs) = (Log.Version, Rollouts.RunsVersion);
        return ct => Cursor.AnyAsync([c => Log.WhenAfterAsync(entries, c), c => Rollouts.WhenRunsAfterAsync(runs, c)], ct);
    }

    /// <summary>Reading is a query and not a glance at memory: it renders when the rows are there.</summary>
    protected override bool Refresh()
    {
        if (_admin && _page is not null && _query.Before is null)
            _ = InvokeAsync(ReadAnewAsync);
        return false;
    }

    private async Task ReadAnewAsync()
    {
        try
        {
            await ReadAsync();
            StateHasChanged();
        }
        catch (Exception fault)
        {
            await DispatchExceptionAsync(fault);
        }
    }

    private async Task ReadAsync()
    {
        _page = await Log.FindAsync(_query.Filter, _query.Before, PageSize, CancellationToken.None);
        (_actors, _actionNames, _clusters) = await Log.NamesAsync(CancellationToken.None);
    }

    private async Task VerifyAsync()
    {
        _checking = true;
        try
        {
            _verdict = await Log.VerifyAsync(head: null, CancellationToken.None);
        }
        finally
        {
            _checking = false;
        }
    }

    private void Go(AuditQuery query) => Navigation.NavigateTo((query with { Before = null }).Href(), replace: true);

    private static string? Chosen(ChangeEventArgs change) => change.Value as string is { Length: > 0 } text ? text.Trim() : null;

    /// <summary>What is chosen stays in the list, also when nothing has that name (an address from somewhere else).</summary>
    private static ImmutableArray<string> With(ImmutableArray<string> names, string? chosen) => chosen is null || names.Contains(chosen) ? names : names.Add(chosen);

    private static string Chained(AuditVerdict verdict) => $"Chain of {(verdict.Entries == 1 ? "1 entry" : $"{verdict.Entries} entries")} verified.";

    private static string From(AuditRow entry) => string.Join(", ", new[] { entry.Via.Length > 0 ? $"by {entry.Via}" : "", entry.Address }.Where(t => t.Length > 0));

    private static string? Link(AuditRow entry) => entry.Object.Split(' ') is ["run", var run, ..] ? $"/runs/{Uri.EscapeDataString(run)}" : null;
}
