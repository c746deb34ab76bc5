using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Rollcall.Web.Model;
using Rollcall.Web.Model.Composing;

namespace Rollcall.Web.Components.Controls;

/// <summary>The cluster's own graph, on which a stage's shards are picked. It changes the form like any other field; nothing is kept here.</summary>
public sealed partial class ShardPicker
{
    private const int Hues = 6;
    private ElementReference _top;
    private ShardPicking _picking = null!;
    private GraphPick? _drawn;
    private ImmutableArray<string> _troubles = [];
    private ImmutableArray<GraphRole>? _roles;
    private GraphLimits? _limits;
    private ImmutableDictionary<string, GraphPart>? _parts;

    [CascadingParameter] public required ComposeSession Session { get; set; }

    [Parameter, EditorRequired] public required TopologySnapshot Topology { get; set; }
    [Parameter, EditorRequired] public required EngineProfile Profile { get; set; }
    [Parameter] public EventCallback OnChange { get; set; }

    private ComposeForm Form => Session.Form;

    private string Says => Form.Picking is not { } stage
        ? "Choose a stage, or open its card: then a click on a shard puts it into that stage, and another one takes it out."
        : $"{(stage.Name.Length == 0 ? "This stage" : stage.Name)} takes {_picking.Taken(stage)} of {Words.Count(_picking.For(stage).Count(), "shard")}.";

    public static int Hue(int stage) => (stage - 1) % Hues + 1;

    public ValueTask FocusAsync() => _top.FocusAsync();

    protected override void OnParametersSet()
    {
        var own = GraphPart.Of(Profile);
        (_roles, _limits, _parts) = (own.Roles, own.Limits, GraphParts.Of(Profile, Topology));
        _picking = new ShardPicking(Form, Topology, Profile);
        (_drawn, _troubles) = (_picking.Drawn(), _picking.Troubles());
    }

    private void Choose(StageForm stage)
    {
        Form.Picking = stage;
        _drawn = _picking.Drawn();
    }

    private Task Picked(GraphPicked picked) => Form.Picking is { } stage ? Take(p => p.Pick(stage, picked.Lanes, picked.On)) : Task.CompletedTask;

    private Task Take(Action<ShardPicking> how)
    {
        how(_picking);
        return OnChange.InvokeAsync();
    }
}
