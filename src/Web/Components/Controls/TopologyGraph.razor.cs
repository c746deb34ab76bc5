using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Rollcall.Shared;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Controls;

/// <summary>
/// The live graph of one cluster, drawn in the browser from hub frames (js/topology-graph.js); the circuit carries only parameters and selections. With a run it
/// also shows what that run does to whom.
/// </summary>
public sealed partial class TopologyGraph : IAsyncDisposable
{
    private ElementReference _host;
    private readonly BrowserPart _graph = new();
    private GraphOptions? _sent;

    [Inject] public required IJSRuntime Js { get; init; }

    [Parameter, EditorRequired] public ClusterKey Cluster { get; set; }

    /// <summary>The run whose steps are laid over the picture; null for none.</summary>
    [Parameter] public string? RunId { get; set; }

    /// <summary>component → wanted version, for a plan that does not run yet. Members on it are drawn filled.</summary>
    [Parameter] public ImmutableDictionary<string, string>? TargetVersions { get; set; }

    /// <summary>The profile's roles; null while unknown, empty for a service without roles.</summary>
    [Parameter] public ImmutableArray<GraphRole>? Roles { get; set; }

    /// <summary>Beyond these a follower's edge is drawn as lagging.</summary>
    [Parameter] public GraphLimits? Limits { get; set; }

    /// <summary>Components whose roles and limits are others than <see cref="Roles"/> and <see cref="Limits"/>.</summary>
    [Parameter] public ImmutableDictionary<string, GraphPart>? Parts { get; set; }

    [Parameter] public InstanceRef? Selected { get; set; }

    [Parameter] public EventCallback<InstanceRef> OnSelect { get; set; }

    /// <summary>Shards are picked for a stage instead of members being opened; null: they are not.</summary>
    [Parameter] public GraphPick? Pick { get; set; }

    [Parameter] public EventCallback<GraphPicked> OnPick { get; set; }

    private GraphOptions Options => new(
        Cluster.ToString(), RunId, TargetVersions, Roles is { IsDefault: false } roles ? roles : null, Limits, Parts, Selected is { } s ? $"{s.Component}/{s.Shard}/{s.Name}" : null, Pick);

    protected override bool ShouldRender() => !_graph.Stands;

    protected override async Task OnParametersSetAsync()
    {
        if (!_graph.Stands || _sent is null || Options.SameAs(_sent))
            return;
        _sent = Options;
        await _graph.TellAsync("update", _sent);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        _sent = Options;
        await _graph.CreateAsync(Js, $"./{Assets["js/topology-graph.js"]}", this, _host, _sent);
        await OnParametersSetAsync(); // what changed while the module was on its way
    }

    /// <summary>Called by the module.</summary>
    [JSInvokable]
    public Task OnSelected(string component, string shard, string instance) => OnSelect.InvokeAsync(new InstanceRef(component, shard, instance));

    /// <summary>Called by the module.</summary>
    [JSInvokable]
    public Task OnPicked(string[] lanes, bool on) => OnPick.InvokeAsync(new GraphPicked([.. lanes], on));

    public ValueTask DisposeAsync() => _graph.DisposeAsync();

    private sealed record GraphOptions(string Cluster, string? Run, ImmutableDictionary<string, string>? Targets, ImmutableArray<GraphRole>? Roles, GraphLimits? Limits, ImmutableDictionary<string, GraphPart>? Parts, string? Selected, GraphPick? Pick)
    {
        public bool SameAs(GraphOptions other) =>
            Cluster == other.Cluster && Run == other.Run && Selected == other.Selected && Limits == other.Limits && Equals(Pick, other.Pick) && GraphParts.Same(Parts, other.Parts)
            && (Targets ?? ImmutableDictionary<string, string>.Empty).OrderBy(t => t.Key).SequenceEqual((other.Targets ?? ImmutableDictionary<string, string>.Empty).OrderBy(t => t.Key))
            && (Roles ?? []).SequenceEqual(other.Roles ?? []) && Roles.HasValue == other.Roles.HasValue;
    }
}

/// <summary>How a role is drawn: its letter, and whether it gets the square and the crown.</summary>
public sealed record GraphRole(string Name, string Letter, bool Leads);

public sealed record GraphLimits(double? Seconds, long? Bytes);
