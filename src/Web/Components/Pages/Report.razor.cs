using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Execution;
using Rollcall.Web.Api;
using Rollcall.Web.Model.Reporting;

namespace Rollcall.Web.Components.Pages;

/// <summary>A run for the change ticket: who decided, what moved, what went otherwise than planned. It grows while the run goes on.</summary>
public sealed partial class Report
{
    private bool _loaded;
    private bool _stale;
    private RunReport? _report;

    [Parameter] public required string Id { get; set; }

    [Inject] public required Reports Reports { get; init; }
    [Inject] public required Rollouts Rollouts { get; init; }

    protected override async Task OnParametersSetAsync()
    {
        _report = await Reports.MakeAsync(Id, CancellationToken.None);
        _loaded = true;
    }

    protected override Func<CancellationToken, Task> Mark()
    {
        var version = Rollouts.RunsVersion;
        return ct => Rollouts.WhenRunsAfterAsync(version, ct);
    }

    protected override bool Refresh() => _stale = _report is { EndedAt: null };

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        await base.OnAfterRenderAsync(firstRender);
        if (!_stale)
            return;
        _stale = false;
        _report = await Reports.MakeAsync(Id, CancellationToken.None);
        StateHasChanged();
    }

    private string Download(string format) => $"{ApiSetup.Root}/runs/{Uri.EscapeDataString(Id)}/report?format={format}";
}
