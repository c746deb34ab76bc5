using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Components.Controls;
using Rollcall.Web.Components.Dialogs;
using Rollcall.Web.Configuration;
using Rollcall.Web.Model;
using Rollcall.Web.Model.Watching;
using Crumb = Rollcall.Web.Components.Controls.PageChrome.Crumb;
using Severity = Rollcall.Shared.Severity;

namespace Rollcall.Web.Components.Pages;

/// <summary>One run: what, how far, what it waits for and why, how to stop it, how to take it back.</summary>
public sealed partial class Run
{
    private readonly CommandDesk _desk = new();
    private bool _loaded;
    private string? _opened;
    private RunView? _run;
    private TopologySnapshot? _topology;
    private PlanView? _plan;
    private EngineProfile? _profile;
    private Caller _caller = new("", [], []);
    private Timeline _timeline = new([], 0, null);
    private ImmutableArray<StageProgress> _stages = [];
    private ImmutableArray<RunAction> _actions = [];

    [Parameter] public required string Id { get; set; }
    /// <summary>The member shown in detail: component/shard/name.</summary>
    [SupplyParameterFromQuery(Name = "select")] public string? Select { get; set; }
    /// <summary>What of that member is shown, see InstanceDrawer.</summary>
    [SupplyParameterFromQuery(Name = "tab")] public string? Tab { get; set; }

    [Inject] public required Rollouts Rollouts { get; init; }
    [Inject] public required ProfileLibrary Profiles { get; init; }
    [Inject] public required ClusterCatalog Catalog { get; init; }
    [Inject] public required CallerAccessor Callers { get; init; }
    [Inject] public required DashboardOptions Options { get; init; }
    [Inject] public required IDialogService Dialogs { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }

    private ImmutableArray<Finding> Warnings => _plan is null ? [] : [.. _plan.Findings.Where(f => f.Severity is not Severity.Info)];

    private InstanceRef? Chosen => Select?.Split('/') is [var component, var shard, var name] ? new InstanceRef(component, shard, name) : null;

    protected override async Task OnParametersSetAsync()
    {
        if (_opened == Id)
            return;
        _opened = Id;
        _desk.Forget();
        (_plan, _profile) = (null, null);
        _caller = await Callers.GetAsync();
        Refresh();
        _loaded = true;
        FollowAnew();
        if (_run is not { } run)
            return;
        _plan = await Rollouts.GetPlanAsync(run.PlanId, CancellationToken.None);
        _profile = _plan is null ? null : Profiles.Find(_plan.Profile);
    }

    protected override Func<CancellationToken, Task> Mark()
    {
        if (_run is not { } run)
        {
            var list = Rollouts.RunsVersion;
            return ct => Rollouts.WhenRunsAfterAsync(list, ct);
        }
        return ClusterKey.TryParse(run.Cluster, out var key) ? Cursor.Over(Catalog, Rollouts, key, run.Id) : ct => Rollouts.WhenRunsAfterAsync(Rollouts.RunsVersion, ct);
    }

    protected override bool Refresh()
    {
        var before = (_run, _topology?.Version, _topology?.Connected);
        _run = Rollouts.GetRun(Id);
        if (_run is not { } run)
            return true;
        Rollouts.Saw(run, _caller);
        _topology = ClusterKey.TryParse(run.Cluster, out var key) ? Catalog.Find(key)?.Current : null;
        _timeline = Timeline.Of(run);
        _stages = StageProgress.Of(run);
        _actions = RunActions.For(run, _caller, Options.ReadOnly, _topology?.Held?.Run == run.Id);
        return before != (_run, _topology?.Version, _topology?.Connected);
    }

    private static ImmutableArray<Crumb> Crumbs(RunView run) =>
        [new(run.Cluster, $"/clusters/{run.Cluster}"), new("Runs", "/runs"), new(run.PlanName)];

    private void Choose(InstanceRef? member, string? tab = null) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters($"/runs/{Id}", new Dictionary<string, object?>
    {
        ["select"] = member is null ? null : $"{member.Component}/{member.Shard}/{member.Name}",
        ["tab"] = member is null || tab is InstanceDrawer.FirstTab ? null : tab,
    }), replace: true);

    private async Task<bool> ActAsync(GateAct act) => await DoAsync((caller, ct) => GateDesk.DoAsync(Rollouts, Id, act, caller, ct)) is not null;

    private Task AskAsync(RunActionKind kind) => kind switch
    {
        RunActionKind.Pause => ConfirmAsync("Pause this run?", "What is under way finishes; nothing new starts until somebody resumes it. The hold stays.", "Pause", false, Rollouts.PauseAsync),
        RunActionKind.Resume => ConfirmAsync("Resume this run?", "It goes on from where it stopped; every rule is asked again before the next act.", "Resume", false, Rollouts.ResumeAsync),
        RunActionKind.Retry => ConfirmAsync("Try the halted step again?", "Rollcall looks at the cluster afresh; whatever has recovered is not done twice.", "Retry", false, Rollouts.RetryAsync),
        RunActionKind.StopAfterMember => ConfirmAsync("Stop after this member?", "The member in hand is finished, leadership included; then the run pauses until somebody resumes it. The hold stays.", "Stop after this member", false, (id, reason, caller, ct) => Rollouts.StopAfterMemberAsync(id, true, reason, caller, ct)),
        RunActionKind.GoOn => ConfirmAsync("Take the stop back?", "The run does not pause after the member in hand; it goes on to the next as planned.", "Go on", false, (id, reason, caller, ct) => Rollouts.StopAfterMemberAsync(id, false, reason, caller, ct)),
        RunActionKind.Abort => ConfirmAsync("Abort this run?",
            "The run ends where it is. Versions stay mixed, and the cluster stays held: no controller restarts anything by itself. From there you finish with a new run, roll back, or release the hold.",
            "Abort", true, Rollouts.AbortAsync),
        RunActionKind.BypassFreeze => ConfirmAsync("Bypass the change freeze?",
            "Until its end this run heeds no change freeze any more, neither the plan's nor the dashboard's. Your name and reason stand on the run, in its report and in the journal for good.",
            "Bypass", true, (id, reason, caller, ct) => Rollouts.BypassWindowAsync(id, "ChangeFreeze", reason, caller, ct)),
        RunActionKind.BypassWindow => ConfirmAsync("Bypass the handover window?",
            "Until its end this run hands leaders over at any time; every other rule still holds. Your name and reason stand on the run, in its report and in the journal for good.",
            "Bypass", true, (id, reason, caller, ct) => Rollouts.BypassWindowAsync(id, "HandoverWindow", reason, caller, ct)),
        RunActionKind.Rollback or RunActionKind.RollForward => RollBackAsync(),
        RunActionKind.Release => ReleaseAsync(),
        RunActionKind.Finish => FinishAsync(),
        _ => Task.CompletedTask,
    };

    private async Task ConfirmAsync(string title, string text, string confirm, bool danger, Func<string, string, Caller, CancellationToken, Task<Result<RunView>>> command)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, title, text, confirm, danger, reasonRequired: danger) is { } reason)
            await DoAsync((caller, ct) => command(Id, reason, caller, ct));
    }

    private async Task RollBackAsync()
    {
        if (_run is not { } run)
            return;
        var choice = await RollbackDialog.AskAsync(Dialogs, run, async only => await Rollouts.RollbackPreviewAsync(run.Id, only, await Callers.GetAsync(), CancellationToken.None));
        if (choice is not null && await DoAsync((caller, ct) => Rollouts.RollbackAsync(run.Id, choice.Only, choice.Reason, caller, ct)) is { } rollback)
            Navigation.NavigateTo($"/runs/{rollback.Id}");
    }

    private Task FinishAsync()
    {
        if (_run is { } run)
            Navigation.NavigateTo($"/compose?cluster={Uri.EscapeDataString(run.Cluster)}&plan={Uri.EscapeDataString(run.PlanId)}");
        return Task.CompletedTask;
    }

    private async Task ReleaseAsync()
    {
        if (_run is not { } run || !ClusterKey.TryParse(run.Cluster, out var key))
            return;
        // What the controllers do the moment they are free again: bring every member that is not on its template's version there, in their own order.
        ImmutableArray<string> restart = [.. Catalog.Find(key)?.Current.Components.SelectMany(c => c.Shards.SelectMany(s => s.Instances).Where(i => !i.Updated)
            .Select(i => _profile?.For(c.Name) is { HasRoles: false } ? $"{i.Name} ({i.Version})" : $"{i.Name} ({i.Role ?? "role unknown"}, {i.Version})")) ?? []];
        var reason = await ConfirmDialog.AskAsync(Dialogs, "Release anyway?",
            restart.IsEmpty ? "No member differs from its template, so nothing will restart." : $"The controllers take over at once and restart {Words.Count(restart.Length, "Pod")} in their own order, without asking which of them leads or how far the others are:",
            "Release", danger: true, reasonRequired: true, details: restart.IsEmpty ? null : PodList(restart));
        if (reason is not null)
            await _desk.TryAsync(async () => await Rollouts.ReleaseAsync(key, true, reason, await Callers.GetAsync(), CancellationToken.None));
    }

    private async Task<RunView?> DoAsync(Func<Caller, CancellationToken, Task<Result<RunView>>> command)
    {
        var result = await _desk.TryAsync(async () => await command(await Callers.GetAsync(), CancellationToken.None));
        if (Refresh())
            StateHasChanged();
        return result?.Value;
    }

    private static RenderFragment PodList(ImmutableArray<string> pods) => builder =>
    {
        builder.OpenElement(0, "ul");
        foreach (var pod in pods)
        {
            builder.OpenElement(1, "li");
            builder.AddContent(2, pod);
            builder.CloseElement();
        }
        builder.CloseElement();
    };
}
