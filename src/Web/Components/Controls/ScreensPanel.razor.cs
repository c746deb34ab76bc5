using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Model;
using Rollcall.Web.Screens;

namespace Rollcall.Web.Components.Controls;

/// <summary>Status screens, for admins. <see cref="ScreenService"/> checks the role again on every call.</summary>
public sealed partial class ScreensPanel
{
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
        var minted = await Desk.TryAsync(async () => Screens.Mint(_name.Trim(), _title, clusters, TimeSpan.FromHours(hours), _open, await Callers.GetForAccessAsync()));
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
        await Desk.TryAsync(async () => Screens.Revoke(line.Id, await Callers.GetForAccessAsync()));
        Refresh();
    }
}
