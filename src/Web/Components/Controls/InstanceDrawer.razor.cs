using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Rollcall.Shared;
using Rollcall.Web.Model;

namespace Rollcall.Web.Components.Controls;

/// <summary>Everything known about one member, with where each fact comes from and how old it is.</summary>
public sealed partial class InstanceDrawer
{
    [Parameter, EditorRequired] public required TopologySnapshot Topology { get; set; }
    [Parameter, EditorRequired] public required InstanceRef Ref { get; set; }
    [Parameter] public RunView? Run { get; set; }
    /// <summary>The profile knows roles.</summary>
    [Parameter] public bool HasRoles { get; set; } = true;
    [Parameter] public EventCallback OnClose { get; set; }

    private Instance? Member => Topology.Components.FirstOrDefault(c => c.Name == Ref.Component)?.Shards.FirstOrDefault(s => s.Name == Ref.Shard)?.Instances.FirstOrDefault(i => i.Name == Ref.Name);

    private StepView? Step => InstanceMeaning.StepAt(Run, Ref.Component, Ref.Shard, Ref.Name);

    private static string RoleSource(Instance member) => member.RoleSource switch
    {
        "probe" => "its own answer",
        "label" => "Pod label, unconfirmed",
        _ => "nobody said",
    };

    private Task OnKeyAsync(KeyboardEventArgs key) => key.Key == "Escape" ? OnClose.InvokeAsync() : Task.CompletedTask;
}
