using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Rollcall.Shared;
using Rollcall.Web.Model.Watching;

namespace Rollcall.Web.Components.Controls;

/// <summary>One gate: what exactly is decided, who has, what was said, and the decision itself.</summary>
public sealed partial class GatePanel
{
    private GateStanding _standing = new(0, 0, "", null, false);
    private string _comment = "";
    private string _why = "";

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
    /// <summary>Told what was pressed; true when the engine took it, so that the words may go.</summary>
    [Parameter] public Func<GateAct, Task<bool>>? OnAct { get; set; }

    private string Id => $"gate-{Run.Id}-{Gate.Name}".Replace(' ', '-');

    private string Tone => Gate.State switch { GateState.Approved => "ok", GateState.Rejected or GateState.Bypassed => "bad", GateState.Open => "wait", _ => "idle" };

    private string OnDeadline => Gate.OnDeadline switch { "abort" => "aborts", "rollback" => "rolls back", "reject" => "counts as rejected", _ => "pauses" };

    private bool Claimed => Gate.Claims.Any(c => Person.Same(c.By, Caller.Name));
    private bool NoWord => string.IsNullOrWhiteSpace(_comment);
    private bool MayComment => !ReadOnly && !Run.Terminal && Gate.State is not GateState.Pending && (Caller.Is(Caller.Operator) || Caller.Is(Caller.Approver));
    private bool MayBreak => !ReadOnly && Gate.State is GateState.Open && Caller.Is(Caller.Admin);

    protected override void OnParametersSet() => _standing = GateStanding.Of(Gate, Caller, ReadOnly);

    private Task ActAsync(GateVerb verb) => ActAsync(verb, _comment);

    private async Task ActAsync(GateVerb verb, string words)
    {
        if (OnAct is not { } act || !await act(new GateAct(Gate, verb, Run.PlanHash, words.Trim())))
            return;
        if (verb is not (GateVerb.Claim or GateVerb.Unclaim))
            (_comment, _why) = ("", "");
    }
}
