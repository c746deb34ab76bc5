namespace Rollcall.Engine.Decisions.Rules;

/// <summary>
/// Rule 37. Storage never shrinks, and it grows in a step of its own, online, before a version changes. No act of Rollcall touches a volume: a plan that names storage is refused with this sentence, an
/// expansion that somebody else runs is waited for (rule NoConcurrentOps), and a rollback leaves sizes as they are.
/// </summary>
public static class GrowOnlyStorage
{
    public const string Name = "GrowOnlyStorage";
    public const string Refused = "Rollcall rolls versions and images. Grow volumes by themselves and before (online, without a restart); they never shrink, not in a rollback either.";
}
