using Rollcall.Engine.Decisions;
using Rollcall.Shared;

namespace Rollcall.Engine.Execution;

/// <summary>Whether a person may approve at a gate, and if not, why, and who may. The one answer for the screen, the API and links.</summary>
public static class GateEligibility
{
    /// <summary>Why not; null when the approval would be taken. That the gate is open is not asked here.</summary>
    public static string? WhyNot(GateView gate, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(gate);
        ArgumentNullException.ThrowIfNull(caller);
        if (!caller.Is(Caller.Approver))
            return $"Deciding a gate needs the approver role. {WhoMay(gate)}";
        if (!gate.SelfApproval && gate.Insiders.FirstOrDefault(i => Person.Same(i.Name, caller.Name)) is { } insider)
            return $"{caller.Name} {insider.Why} and may not approve it as well. {WhoMay(gate)}";
        if (!gate.From.IsEmpty && !caller.Groups.Any(g => gate.From.Contains(g)))
            return $"Only people in {string.Join(" or ", gate.From)} count at this gate; {caller.Name} is in {(caller.Groups.IsEmpty ? "no group" : string.Join(", ", caller.Groups))}. {WhoMay(gate)}";
        return null;
    }

    /// <summary>"1 approval is missing, from dba: anybody with the role approver in dba may give it, except ann."</summary>
    public static string WhoMay(GateView gate)
    {
        ArgumentNullException.ThrowIfNull(gate);
        var missing = Math.Max(gate.Required - gate.Given, gate.MissingGroups.Length);
        if (missing <= 0)
            return "";
        var count = missing == 1 ? "1 approval is" : $"{missing} approvals are";
        var from = gate.MissingGroups.IsEmpty ? "" : $", {(gate.MissingGroups.Length == 1 ? "one" : "one each")} from {string.Join(" and ", gate.MissingGroups)}";
        var group = gate.From.IsEmpty ? "" : $" in {string.Join(" or ", gate.From)}";
        var outside = (gate.SelfApproval ? [] : gate.Insiders.Select(i => i.Name)).Concat(gate.Approvals.Where(a => !a.Void).Select(a => a.By)).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return $"{count} missing{from}: anybody with the role approver{group} may give {(missing == 1 ? "it" : "them")}{(outside.Count == 0 ? "" : $", except {string.Join(" and ", outside)}")}.";
    }
}
