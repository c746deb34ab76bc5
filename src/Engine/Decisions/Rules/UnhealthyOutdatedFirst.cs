using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 14 (and 16, BrokenRevisionEject, on the way back). A member that is not on the target and whose containers are dead goes first and costs no budget:
/// replacing it can only help, and nothing else would. Never a leader, never one that is running and recovering.
/// </summary>
public static class UnhealthyOutdatedFirst
{
    public const string Name = "UnhealthyOutdatedFirst";
    public const string Eject = "BrokenRevisionEject";

    public static Instance? Choose(ShardContext s) => s.Members
        .Where(m => !m.Ready && m.Dead && m.Uid.Length > 0 && m.Phase is not ("Terminating" or "Missing") && s.Outdated(m) && !s.Leads(m))
        .OrderByDescending(m => m.Ordinal).ThenBy(m => m.Name, StringComparer.Ordinal).FirstOrDefault();
}
