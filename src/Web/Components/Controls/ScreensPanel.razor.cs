using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Auth;
using Rollcall.Web.Model;
using Rollcall.Web.Screens;

namespace Rollcall.Web.Components.Controls;

/// <summary>Status screens, for admins. <see cref="ScreenService"/> checks the role again on every call.</summary>
public sealed partial class ScreensPanel
{
    private readonly CommandDesk _desk = new();
    private readonly HashSet<string> _chosen = new(StringComparer.Ordinal);
    private string _name = "";
    private string _title = "";
    private string _hours = "168";
    private bool _open;
    private ImmutableArray<string> _clusters = [];
    private ImmutableArray<ScreenLine> _lines = [];

    [Inject] public required ScreenService Screens { get; init; }
    [Inject] public required ScreenStore Store { get; init; }
    [Inject] public required ClusterCatalog Catalog { get; init; }
    [Inject] public required CallerAccessor Callers { get; init; }
    [Inject] public required IDialogService Dialogs { get; init; }

    [Parameter, EditorRequired] public required Caller Caller { get; set; }

    protected override Func<CancellationToken, Task> Mark()
    {
        var (version, clusters) = (Store.Version, Catalog.Version);
        return ct => Cursor.AnyAsync([c => Store.WhenAfterAsync(version, c), c => Catalog.WhenAfterAsync(clusters, c)], ct);
    }

    protected override bool Refresh()
    {
        _lines = Screens.List(Caller) is { Ok: true } lines ? lines.Value : [];
        _clusters = [.. Catalog.Stores.Select(s => s.Cluster.ToString())];
        _chosen.IntersectWith(_clusters);
        return true;
    }

    private void Choose(string cluster, bool on)
    {
        if (on)
            _chosen.Add(cluster);
        else
            _chosen.Remove(cluster);
    }

    private async Task MintAsync()
    {
        var hours = double.Parse(_hours, CultureInfo.InvariantCulture);
        ImmutableArray<string> clusters = [.. _clusters.Where(_chosen.Contains)];
        var minted = await _desk.TryAsync(async () => Screens.Mint(_name.Trim(), _title, clusters, TimeSpan.FromHours(hours), _open, await Callers.GetForAccessAsync()));
        if (minted is not { Ok: true })
            return;
        (_name, _title, _open) = ("", "", false);
        _chosen.Clear();
        Refresh();
    }

    private async Task RevokeAsync(ScreenLine line)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, $"Take {line.Title} back?", "Every page that shows it ends at once, and its link and badge stop working.", "Take back", danger: true, askReason: false) is null)
            return;
        await _desk.TryAsync(async () => Screens.Revoke(line.Id, await Callers.GetForAccessAsync()));
        Refresh();
    }

    private SpecError? At(string path) => _desk.Refusal is { Errors: { IsDefault: false } errors } ? errors.FirstOrDefault(e => e.Path == path) : null;

    private string? Wrong(string path) => At(path) is null ? null : "true";

    private RenderFragment Problem(string path) => builder =>
    {
        if (At(path) is not { } error)
            return;
        builder.OpenElement(0, "span");
        builder.AddAttribute(1, "class", "wrong");
        builder.AddContent(2, error.Allowed.IsDefaultOrEmpty ? error.Message : $"{error.Message} Allowed: {string.Join(", ", error.Allowed)}.");
        builder.CloseElement();
    };
}
