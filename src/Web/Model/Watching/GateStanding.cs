using System.Collections.Immutable;
using Rollcall.Engine.Execution;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

/// <summary>Where a gate stands and what this caller can do about it.</summary>
/// <param name="Progress">"1 of 2, needs dba".</param>
/// <param name="Refusal">Why this caller cannot approve; null when they can.</param>
/// <param name="MayReject">Also those who may not approve their own may stop it.</param>
public sealed record GateStanding(int Given, int Required, string Progress, string? Refusal, bool MayReject)
{
    public bool CanDecide => Refusal is null;

    /// <summary>Why somebody may approve what they made themselves; null where that is not the case.</summary>
    public string? SelfNote { get; init; }

    public static GateStanding Of(GateView gate, Caller caller, bool readOnly)
    {
        ArgumentNullException.ThrowIfNull(gate);
        ArgumentNullException.ThrowIfNull(caller);
        var progress = $"{gate.Given} of {gate.Required}" + (gate.MissingGroups.IsEmpty ? "" : $", needs {Words.List(gate.MissingGroups)}");
        var open = !readOnly && gate.State is GateState.Open && caller.Is(Caller.Approver);
        return new GateStanding(gate.Given, gate.Required, progress, WhyNot(gate, caller, readOnly), open)
        {
            SelfNote = open && gate.SelfApproval && gate.Insiders.FirstOrDefault(i => Person.Same(i.Name, caller.Name)) is { } self
                ? $"You {self.Why}. Here you may approve it as well (Gates:AllowSelfApproval, as in the demo); elsewhere somebody else has to."
                : null,
        };
    }

    private static string? WhyNot(GateView gate, Caller caller, bool readOnly)
    {
        if (readOnly)
            return "Rollcall observes only here: gates are decided elsewhere.";
        if (gate.State is GateState.Pending)
            return "The gate opens when the run arrives at it.";
        if (gate.State is not GateState.Open)
            return $"The gate is {gate.State.ToString().ToLowerInvariant()}.";
        if (gate.Approvals.Any(a => !a.Void && Person.Same(a.By, caller.Name)))
            return $"You have approved; one person counts once. {GateEligibility.WhoMay(gate)}".TrimEnd();
        if (GateEligibility.WhyNot(gate, caller) is { } not)
            return not;
        // Whoever is in no missing group may still help where the count is short of more than the groups need.
        if (!gate.MissingGroups.IsEmpty && !caller.Groups.Any(g => gate.MissingGroups.Contains(g)) && gate.Required - gate.Given <= gate.MissingGroups.Length)
            return $"What is missing must come from {Words.List(gate.MissingGroups)}; you are in {(caller.Groups.IsEmpty ? "no group" : Words.List(caller.Groups))}.";
        return null;
    }
}
