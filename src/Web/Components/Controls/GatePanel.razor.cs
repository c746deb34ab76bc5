using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Shared;
using Rollcall.Web.Model.Watching;

namespace Rollcall.Web.Components.Controls;

/// <param name="PlanHash">The hash that was on screen when the decision was made.</param>
public sealed record GateDecision(GateView Gate, bool Approve, string PlanHash, string Comment);

/// <summary>One gate: what exactly is decided, who has, and the decision itself.</summary>
public sealed partial class GatePanel
{
    private GateStanding _standing = new(0, 0, [], "", null);
    private GateScope _scope = new(0, 0, [], 0, Reversibility.L0, Reversibility.L0, false);
    private string _comment = "";

    [Parameter, EditorRequired] public required RunView Run { get; set; }
    [Parameter, EditorRequired] public required GateView Gate { get; set; }
    [Parameter, EditorRequired] public required Caller Caller { get; set; }
    [Parameter] public bool ReadOnly { get; set; }
    /// <summary>The plan's warnings; they belong to what is approved.</summary>
    [Parameter] public ImmutableArray<Finding> Findings { get; set; } = [];
    /// <summary>A command of this page is under way.</summary>
    [Parameter] public bool Busy { get; set; }
    /// <summary>What the engine said to the last attempt.</summary>
    [Parameter] public Refusal? Refusal { get; set; }
    [Parameter] public EventCallback<GateDecision> OnDecide { get; set; }

    private string Id => $"gate-{Run.Id}-{Gate.Name}".Replace(' ', '-');

    private string Tone => Gate.State switch { GateState.Approved => "ok", GateState.Rejected => "bad", GateState.Open => "wait", _ => "idle" };

    private string OnDeadline => Gate.OnDeadline switch { "abort" => "aborts", "rollback" => "rolls back", _ => "pauses" };

    protected override void OnParametersSet()
    {
        _standing = GateStanding.Of(Gate, Caller, ReadOnly);
        _scope = GateScope.Of(Run, Gate);
    }

    private Task DecideAsync(bool approve) => OnDecide.InvokeAsync(new GateDecision(Gate, approve, Run.PlanHash, _comment.Trim()));
}
