using Rollcall.Engine.Documents;
using Rollcall.Shared;

namespace Rollcall.Engine.Profiles;

/// <summary>What no single field shows: parts of a profile that contradict each other, so that a rule would silently never apply.</summary>
internal static class ProfileChecks
{
    public static void Check(EngineProfile profile, DocFields spec, DocFields limits)
    {
        var leaders = profile.Roles.Count(r => r.Leads);
        if (leaders > 1)
            spec.Error("roles", $"{leaders} roles lead; a shard has one leader.", "one role with leads: true");
        if (profile.HasRoles && profile.Roles.Any(r => r.Leads && profile.Roles.Any(f => !f.Leads && f.Order >= r.Order)))
            spec.Error("roles", "The role that leads must have the highest order: it is updated last.");
        if (profile.Roles.Any(r => r.Leads && !r.Electable))
            spec.Error("roles", "The role that leads cannot be one that is not electable.", "electable: true");
        if (profile.Switchover is not null && leaders == 0)
            spec.Error("switchover", "There is a switchover but no role that leads.", "a role with leads: true");
        if (profile.HandsOverByStopping && leaders == 0)
            spec.Error("handover", "'handover: stop' is about the leader, but no role leads.", "a role with leads: true");
        if (profile.HandsOverByStopping && profile.Switchover is not null)
            spec.Error("handover", "There is a switchover, and the leader shall hand over by stopping; only one of them can be.", "switchover");
        if (profile.Quorum && !profile.Roles.Any(r => r.Votes))
            limits.Error("quorum", "'quorum' is asked for but no role votes.", "a role with votes: true");
        if (profile.LeaderMajority && leaders == 0)
            limits.Error("leaderMajority", "'leaderMajority' is asked for but no role leads.", "a role with leads: true");
        if (profile.Lag.MaxBytes is not null && profile.Probe?.Position.IsEmpty != false)
            spec.Error("lag", "Lag is limited in bytes but no probe reads a position.", "probe.position");
        if (profile.Lag.MaxSeconds is not null && profile.Probe?.LagSeconds is null)
            spec.Error("lag", "Lag is limited in seconds but no probe reads seconds.", "probe.lagSeconds");
        if (profile.Probe is not null && !profile.HasRoles)
            spec.Error("probe", "A probe answers which role a member has, but the profile has no roles.", "roles");
        if (leaders == 0)
            foreach (var stage in profile.Stages.Where(s => s.Roles != "all" || s.Gate?.At == "BeforeSwitchover"))
                spec.Error("stages", $"The stage '{stage.Name}' speaks of leaders or switchovers, but no role leads.", "roles: all, at: BeforeStage");
    }

    /// <summary>Hooks are the whole profile's; their roles may be those of a section.</summary>
    public static void CheckHooks(EngineProfile profile, DocFields spec)
    {
        EngineProfile[] rolled = [profile, .. profile.Sections.Select(s => s.Profile)];
        foreach (var hook in profile.Hooks)
        {
            if (hook.Roles.Any(r => rolled.All(p => p.Role(r) is null)))
                spec.Error("hooks", $"The hook '{hook.Name}' names a role that the profile does not have.", [.. rolled.SelectMany(p => p.Roles).Select(r => r.Name).Distinct(StringComparer.Ordinal)]);
            if (hook.On is HookPoints.BeforeSwitchover or HookPoints.AfterSwitchover && rolled.All(p => !p.HasLeader))
                spec.Error("hooks", $"The hook '{hook.Name}' waits for a switchover, but no role leads.", HookPoints.BeforeShard, HookPoints.AfterShard);
        }
        foreach (var (stage, hook) in rolled.SelectMany(p => p.Stages).Distinct().SelectMany(s => s.Hooks.Select(h => (s, h))).Where(p => profile.Hooks.Any(h => h.Name == p.h.Name)))
            spec.Error("stages", $"The stage '{stage.Name}' has a hook '{hook.Name}', and so has the profile; names tell their steps apart.");
    }
}
