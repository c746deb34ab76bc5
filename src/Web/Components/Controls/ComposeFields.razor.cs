using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Engine.Decisions.Planning;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;
using Rollcall.Web.Model.Composing;

namespace Rollcall.Web.Components.Controls;

/// <summary>The plan as a form. Every change goes to the session at once; nothing is kept here.</summary>
public sealed partial class ComposeFields
{
    private static readonly ImmutableArray<(string Name, string Meaning)> Warnings =
    [
        (Acknowledgements.Singleton, "I know that a shard with one member is down while it is replaced"),
        (Acknowledgements.SmallCluster, "I know that with two shards or fewer there is no majority of leaders to keep"),
        (Acknowledgements.ForcedHandover, "I know that this profile's switchover is a forced one, which may lose writes"),
        (Acknowledgements.OtherChanges, "I know that a change of another kind waits in the template and comes along"),
        (Acknowledgements.ManagedElsewhere, "I know that another tool manages these objects and have told it to leave them alone"),
    ];

    private bool _acknowledged;
    private ShardPicker? _picker;

    [CascadingParameter] public required ComposeSession Session { get; set; }

    [Parameter, EditorRequired] public required string ProfileTitle { get; set; }
    [Parameter] public ImmutableArray<string> Shards { get; set; } = [];
    /// <summary>The profile has a point of no return that a plan may take.</summary>
    [Parameter] public bool MayFinalise { get; set; }
    /// <summary>The cluster as it is now, and its profile: for the graph on which shards are picked. Null: not in sight.</summary>
    [Parameter] public TopologySnapshot? Topology { get; set; }
    [Parameter] public EngineProfile? Profile { get; set; }
    /// <summary>The document changed; the page renders its other parts.</summary>
    [Parameter] public EventCallback OnChange { get; set; }

    private ComposeForm Form => Session.Form;

    // What a document already says is in sight; after that a person folds as they like.
    protected override void OnInitialized() => _acknowledged = Form.Acknowledge.Count > 0;

    private Task Choose(ComponentChoice choice, string? version)
    {
        Form.Choose(choice, version);
        return Changed();
    }

    private Task UseProfile(bool on)
    {
        Form.ProfileStages = on;
        return Changed();
    }

    private Task Set(Action<string> set, ChangeEventArgs change)
    {
        set(change.Value as string ?? "");
        return Changed();
    }

    private async Task PickAsync()
    {
        await OnChange.InvokeAsync();
        if (_picker is { } picker)
            await picker.FocusAsync();
    }

    private Task Changed()
    {
        Session.FormChanged();
        return OnChange.InvokeAsync();
    }
}
