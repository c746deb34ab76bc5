using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Execution;
using Rollcall.Engine.Profiles;
using Rollcall.Engine.Topology;
using Rollcall.Shared;
using Rollcall.Web.Components.Controls;
using Rollcall.Web.Configuration;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Pages;

/// <summary>One cluster: who is who, on what version, and what happens to it now. View and selection live in the address.</summary>
public sealed partial class Cluster
{
    private ClusterSummary? _summary;
    private TopologySnapshot? _topology;
    private RunView? _run;
    private ClusterKey _shown;
    private ImmutableArray<GraphRole>? _roles;
    private GraphLimits? _limits;
    private string? _profile;
    private ImmutableDictionary<string, GraphPart>? _parts;

    [Inject] public required ClusterCatalog Catalog { get; init; }
    [Inject] public required Rollouts Rollouts { get; init; }
    [Inject] public required ProfileLibrary Profiles { get; init; }
    [Inject] public required DashboardOptions Options { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }

    private static string N(int n) => n.ToString("N0", CultureInfo.InvariantCulture);

    [Parameter] public required string Namespace { get; set; }
    [Parameter] public required string Name { get; set; }
    [SupplyParameterFromQuery(Name = "view")] public string? View { get; set; }
    [SupplyParameterFromQuery(Name = "select")] public string? Selection { get; set; }
    /// <summary>What of the selected member is shown, see InstanceDrawer.</summary>
    [SupplyParameterFromQuery(Name = "tab")] public string? Tab { get; set; }

    private ClusterKey Key => new(Namespace, Name);
    private bool IsTable => View == "table";
    private string ShownProfile => _topology?.Profile ?? "";
    private string ProfileTitle => Profiles.Find(ShownProfile)?.Title ?? ShownProfile;
    private string? ShownRun => _run?.Id;

    private InstanceRef? Chosen => Selection?.Split('/') is [var component, var shard, var instance] ? new InstanceRef(component, shard, instance) : null;

    protected override void OnParametersSet()
    {
        if (_shown == Key)
            return;
        _shown = Key;
        Refresh();
        FollowAnew();
    }

    protected override Func<CancellationToken, Task> Mark() => Cursor.Over(Catalog, Rollouts, Key, _run?.Id);

    protected override bool Refresh()
    {
        _summary = Rollouts.Clusters().FirstOrDefault(c => c.Namespace == Namespace && c.Name == Name);
        _topology = Catalog.Find(Key)?.Current;
        _run = _summary?.ActiveRun is { } id ? Rollouts.GetRun(id) : null;
        if (_profile != ShownProfile)
            TakeProfile();
        _parts = GraphParts.Of(Profiles.Find(ShownProfile), _topology);
        return true;
    }

    private bool HasRoles(string component) => (_parts?.GetValueOrDefault(component)?.Roles ?? _roles) is not { IsDefaultOrEmpty: true };

    private void TakeProfile()
    {
        _profile = ShownProfile;
        var profile = Profiles.Find(ShownProfile);
        _roles = profile?.Roles.Select(r => new GraphRole(r.Name, r.Letter, r.Leads)).ToImmutableArray();
        _limits = profile is null ? null : new GraphLimits(profile.Lag.MaxSeconds, profile.Lag.MaxBytes);
    }

    private string Address(string view, InstanceRef? chosen, string? tab = null) => Navigation.GetUriWithQueryParameters($"/clusters/{Uri.EscapeDataString(Namespace)}/{Uri.EscapeDataString(Name)}", new Dictionary<string, object?>
    {
        ["view"] = view == "table" ? view : null,
        ["select"] = chosen is null ? null : $"{chosen.Component}/{chosen.Shard}/{chosen.Name}",
        ["tab"] = chosen is null || tab is InstanceDrawer.FirstTab ? null : tab,
    });

    private void Select(InstanceRef chosen) => Navigation.NavigateTo(Address(View ?? "", chosen, Tab), replace: true);

    private void Open(string tab) => Navigation.NavigateTo(Address(View ?? "", Chosen, tab), replace: true);

    private void Close() => Navigation.NavigateTo(Address(View ?? "", null), replace: true);
}
