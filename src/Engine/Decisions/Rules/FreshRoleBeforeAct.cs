using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 5. Before every disruptive act each Ready member has said its role itself within the profile's limit (5 s); a label must have stood still for a probe period + 5 s.</summary>
public static class FreshRoleBeforeAct
{
    public const string Name = "FreshRoleBeforeAct";

    public static Verdict Check(ShardContext s)
    {
        if (!s.Profile.HasRoles)
            return Verdict.Allow;
        List<string>? stale = null;
        DateTimeOffset? settles = null;
        string? waitsFor = null;
        foreach (var m in s.Members)
        {
            if (!m.Ready || s.RoleOf(m) is { Confirmed: true })
                continue;
            if (s.UsesLabel(m))
            {
                var at = s.RoleOf(m).ConfirmableAt ?? s.Now + TimeSpan.FromSeconds(5);
                if (settles is null || at > settles)
                    (settles, waitsFor) = (at, m.Name);
            }
            else
            {
                (stale ??= []).Add(m.Name);
            }
        }
        if (stale is not null)
            return Verdict.Ask(new Reason($"Asking {string.Join(", ", stale)} for {(stale.Count == 1 ? "its role" : "their roles")} before anything in {s.Name} is touched.", Name) { Next = "Goes on with the answer." }, stale, s.Profile.Probe!.MaxAge);
        if (settles is { } when)
            return Verdict.Wait(new Reason($"The role label of {waitsFor} must stand still until {when:HH:mm:ss} UTC, since no probe can run there.", Name) { Next = "Goes on by itself." }, when);
        return Verdict.Allow;
    }
}
