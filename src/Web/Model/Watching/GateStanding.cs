using System.Collections.Immutable;
using Rollcall.Shared;

namespace Rollcall.Web.Model.Watching;

/// <summary>Where a gate stands and what this caller can do about it.</summary>
/// <param name="Progress">"1 of 2, needs dba".</param>
/// <param name="Missing">Groups that have not spoken yet.</param>
/// <param name="Refusal">Why this caller cannot decide; null when they can.</param>
public sealed record GateStanding(int Given, int Required, ImmutableArray<string> Missing, string Progress, string? Refusal)
{
    public bool CanDecide => Refusal is null;

    public static GateStanding Of(GateView gate, Caller caller, bool readOnly)
    {
        var valid = gate.Approvals.Where(a => !a.Void).ToArray();
        var given = valid.Select(a => a.By).Distinct(StringComparer.Ordinal).Count();
        ImmutableArray<string> missing = [.. gate.Groups.Where(g => !valid.Any(a => a.Group == g))];
        var progress = $"{given} of {gate.Required}" + (missing.IsEmpty ? "" : $", needs {Words.List(missing)}");
        return new GateStanding(given, gate.Required, missing, progress, WhyNot(gate, valid, missing, caller, readOnly));
    }

    private static string? WhyNot(GateView gate, ApprovalView[] valid, ImmutableArray<string> missing, Caller caller, bool readOnly)
    {
        if (readOnly)
            return "Rollcall observes only here: gates are decided elsewhere.";
        if (gate.State is GateState.Pending)
            return "The gate opens when the run arrives at it.";
        if (gate.State is GateState.Approved or GateState.Rejected)
            return $"The gate is {gate.State.ToString().ToLowerInvariant()}.";
        if (!caller.Is(Caller.Approver))
            return "Deciding a gate needs the approver role.";
        if (valid.FirstOrDefault(a => a.By == caller.Name) is not null)
            return "You have approved; one person counts once.";
        // Whoever is in no missing group may still help where the count is short of more than the groups need.
        var own = caller.Groups.Any(g => missing.Contains(g));
        if (!missing.IsEmpty && !own && gate.Required - valid.Length <= missing.Length)
            return $"What is missing must come from {Words.List(missing)}; you are in {(caller.Groups.IsEmpty ? "no group" : Words.List(caller.Groups))}.";
        return null;
    }
}
