using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Components.Controls;
using Rollcall.Web.Configuration;
using Rollcall.Web.Model;
using Rollcall.Web.Model.Composing;

namespace Rollcall.Web.Components.Pages;

/// <summary>From "which version" to a running rollout: form and YAML of one document, and beside it what would happen.</summary>
public sealed partial class Compose
{
    /// <summary>Plans of this cluster that are offered to start from.</summary>
    private const int MostEarlier = 8;

    private ComposeSession? _session;
    private ComposeDraft? _draft;
    private ClusterKey? _key;
    private TopologySnapshot? _topology;
    private string _first = "";
    private Refusal? _refused;
    private string? _activeRun;
    private Caller _caller = new("", [], []);
    private ImmutableArray<string> _clusters = [];
    private ImmutableArray<PlanTemplate> _templates = [];
    private ImmutableArray<RunView> _earlier = [];
    private StartingPoint? _start;
    private string? _shown;
    private string? _bypassFreeze;

    [SupplyParameterFromQuery(Name = "cluster")] public string? Cluster { get; set; }
    /// <summary>A plan to start from: its document instead of the profile's draft.</summary>
    [SupplyParameterFromQuery(Name = "plan")] public string? Plan { get; set; }
    /// <summary>A template or a plan whose way of rolling to start from, with this cluster's own versions.</summary>
    [SupplyParameterFromQuery(Name = "from")] public string? From { get; set; }
    [SupplyParameterFromQuery(Name = "component")] public string? Component { get; set; }
    [SupplyParameterFromQuery(Name = "version")] public string? Version { get; set; }

    [Inject] public required Rollouts Rollouts { get; init; }
    [Inject] public required ClusterCatalog Catalog { get; init; }
    [Inject] public required ProfileLibrary Profiles { get; init; }
    [Inject] public required CallerAccessor Callers { get; init; }
    [Inject] public required DashboardOptions Options { get; init; }
    [Inject] public required IDialogService Dialogs { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }

    private bool Dirty => _session is { } session && session.Text != _first;

    private string? WhyNot => _session switch
    {
        null or { Starting: true } or { CanStart: true } => null,
        { Asking: true } => "Waiting for the preview.",
        { Refusal: not null } => "The document has errors.",
        { Preview.Blocked: true } => "The plan has findings that forbid it.",
        _ => null,
    };

    protected override async Task OnParametersSetAsync()
    {
        _caller = await Callers.GetAsync();
        var asked = $"{Cluster}\n{Plan}\n{From}\n{Component}\n{Version}";
        if (asked == _shown)
            return;
        _shown = asked;
        await CloseAsync();
        (_key, _refused) = (null, null);
        if (string.IsNullOrEmpty(Cluster))
            return;
        if (!ClusterKey.TryParse(Cluster, out var key))
        {
            _refused = new Refusal(RefusalKind.Invalid, $"“{Cluster}” is not a cluster; write namespace/name.");
            return;
        }
        _key = key;
        await OpenAsync(key);
    }

    protected override Func<CancellationToken, Task> Mark()
    {
        var runs = Rollouts.RunsVersion;
        var catalog = Catalog.Version;
        return ct => Cursor.AnyAsync([c => Rollouts.WhenRunsAfterAsync(runs, c), c => Catalog.WhenAfterAsync(catalog, c)], ct);
    }

    protected override bool Refresh()
    {
        var clusters = Rollouts.Clusters();
        _clusters = [.. clusters.Select(c => c.Key().ToString()).Order(StringComparer.Ordinal)];
        _topology = _key is { } shown ? Catalog.Find(shown)?.Current : null;
        _activeRun = clusters.FirstOrDefault(c => c.Key() == _key)?.ActiveRun;
        _earlier = [.. Rollouts.Runs().Where(r => !r.Backwards && r.RollbackOf is null && r.Cluster == _key?.ToString()).DistinctBy(r => r.PlanId).Take(MostEarlier)];
        // The page may be opened before the first lists are through.
        if (_session is null && _key is { } key && Catalog.Find(key) is not null)
            _ = InvokeAsync(() => OpenAsync(key));
        return true;
    }

    private async Task OpenAsync(ClusterKey key)
    {
        if (Catalog.Find(key) is null && !Catalog.Ready)
            return;
        var draft = Rollouts.Draft(key);
        if (!draft.Ok)
        {
            _refused = draft.Refusal;
            return;
        }
        _templates = await Rollouts.TemplatesAsync(CancellationToken.None);
        var (start, missing) = await StartingPointAsync();
        if (_key != key || _session is not null)
            return;
        if (missing is not null)
        {
            _refused = missing;
            return;
        }
        _refused = null;
        (_draft, _start) = (draft.Value, start);
        // A plan is opened as it was; what is only started from gets this cluster's versions.
        var text = From is { Length: > 0 } ? start?.For(draft.Value, PlanSpecReader.Read) : start?.Spec;
        var backend = new ComposeBackend(
            PlanSpecReader.Read,
            async (document, ct) => await Rollouts.PreviewAsync(document, await Callers.GetAsync(), ct),
            async (document, ct) => await Rollouts.CreatePlanAsync(document, await Callers.GetAsync(), ct),
            async (planId, ct) => await Rollouts.StartRunAsync(planId, await Callers.GetAsync(), ct, _bypassFreeze));
        _session = new ComposeSession(draft.Value, text, backend, Time, () => InvokeAsync(StateHasChanged), DispatchExceptionAsync);
        _first = _session.Text;
        if (Version is { Length: > 0 } version && _session.Form.Components.Find(c => Component is null || c.Name == Component) is { } choice)
        {
            _session.Form.Choose(choice, version);
            _session.FormChanged();
        }
        else
        {
            _session.Ask();
        }
        Refresh();
        StateHasChanged();
    }

    private async Task<(StartingPoint? Start, Refusal? Missing)> StartingPointAsync()
    {
        var id = From is { Length: > 0 } ? From : Plan;
        if (string.IsNullOrEmpty(id))
            return (null, null);
        if (await Rollouts.GetTemplateAsync(id, CancellationToken.None) is { } template)
            return (StartingPoint.Of(template), null);
        return await Rollouts.GetPlanAsync(id, CancellationToken.None) is { } plan
            ? (StartingPoint.Of(plan), null)
            : (null, new Refusal(RefusalKind.NotFound, $"There is no template and no plan {id} to start from; it may have been deleted."));
    }

    private void ChooseStart(ChangeEventArgs change) =>
        Navigation.NavigateTo($"/compose?cluster={Uri.EscapeDataString(_key.ToString()!)}{(change.Value as string is { Length: > 0 } from ? $"&from={Uri.EscapeDataString(from)}" : "")}");

    private async Task TemplatesChangedAsync() => _templates = await Rollouts.TemplatesAsync(CancellationToken.None);

    private async Task StartAsync()
    {
        if (_session is { } asked && _caller.Is(Caller.Admin) && asked.Preview?.Findings.FirstOrDefault(f => f is { Rule: "ChangeFreeze", Severity: Shared.Severity.Warning }) is { } frozen)
        {
            _bypassFreeze = await ConfirmDialog.AskAsync(Dialogs, "Start in a change freeze?", $"{frozen.Message} Your name and reason stand on the run, in its report and in the journal for good.", "Start anyway", danger: true, reasonRequired: true);
            if (_bypassFreeze is null)
                return;
        }
        if (_session is not { } session || await session.StartAsync(CancellationToken.None) is not { } run)
            return;
        _first = session.Text;
        Navigation.NavigateTo($"/runs/{run.Id}");
    }

    private void Rename(ChangeEventArgs change)
    {
        if (_session is not { } session)
            return;
        session.Form.Name = change.Value as string ?? "";
        session.FormChanged();
    }

    private void ChooseCluster(ChangeEventArgs change)
    {
        if (change.Value as string is { Length: > 0 } cluster)
            Navigation.NavigateTo($"/compose?cluster={Uri.EscapeDataString(cluster)}");
    }

    private async Task LeaveAsync(LocationChangingContext leaving)
    {
        if (Dirty && await ConfirmDialog.AskAsync(Dialogs, "Leave this plan?", "It was not started, and its text is not kept.", "Leave", danger: true, askReason: false) is null)
        {
            leaving.PreventNavigation();
            StateHasChanged();
        }
    }

    private async Task CloseAsync()
    {
        if (_session is { } session)
            await session.DisposeAsync();
        (_session, _draft, _start, _first) = (null, null, null, "");
    }

    public override async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await base.DisposeAsync();
    }
}
