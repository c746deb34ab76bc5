using System.Collections.Immutable;
using Rollcall.Engine.Profiles;
using Rollcall.Shared;

namespace Rollcall.Engine.Topology;

/// <summary>Lays the engines' own answers over what the API server says: role, lag and who said so. Pure.</summary>
public static class EngineView
{
    /// <summary>An answer older than this says nothing about now; the label speaks again.</summary>
    public static readonly TimeSpan RoleFresh = TimeSpan.FromSeconds(30);

    /// <param name="reading">Latest answer by Pod name.</param>
    /// <param name="labelSince">Since when a member's label has said the same.</param>
    public static TopologySnapshot Apply(TopologySnapshot bare, EngineProfile profile, Func<Instance, Reading?> reading, Func<Instance, DateTimeOffset?> labelSince, DateTimeOffset now, Func<Instance, LagTrack?>? track = null)
    {
        ArgumentNullException.ThrowIfNull(bare);
        ArgumentNullException.ThrowIfNull(profile);
        return bare with { Components = [.. bare.Components.Select(c => Apply(c, profile.For(c.Name), reading, labelSince, now, track))] };
    }

    private static Component Apply(Component component, EngineProfile profile, Func<Instance, Reading?> reading, Func<Instance, DateTimeOffset?> labelSince, DateTimeOffset now, Func<Instance, LagTrack?>? track)
    {
        return profile.HasRoles ? component with { Shards = [.. component.Shards.Select(s => Apply(s, profile, reading, labelSince, now, track))] } : component;
    }

    /// <param name="track">Takes a follower's answer down and gives what its last answers said.</param>
    public static Shard Apply(Shard shard, EngineProfile profile, Func<Instance, Reading?> reading, Func<Instance, DateTimeOffset?> labelSince, DateTimeOffset now, Func<Instance, LagTrack?>? track = null)
    {
        var members = shard.Instances.Select(i => Member(i, profile, reading(i), labelSince(i), now)).ToImmutableArray();
        var leaders = members.Where(m => m.Probe is { Position: not null } && m.RoleSource == "probe" && profile.Role(m.Role)?.Leads == true).ToList();
        // With two leaders, or none that answered, nobody can say how far behind a follower is.
        var leader = leaders.Count == 1 ? leaders[0] : null;
        return shard with { Instances = [.. members.Select(m => Lag(m, leader, profile, now, track))] };
    }

    private static Instance Member(Instance bare, EngineProfile profile, Reading? reading, DateTimeOffset? labelSince, DateTimeOffset now)
    {
        // An answer of an earlier Pod of this name is worth nothing.
        var probe = reading?.Uid == bare.Uid && bare.Uid.Length > 0 ? reading : null;
        var said = probe is { Error: null } && (now - probe.At).Duration() <= RoleFresh ? profile.Normalise(probe.Role) : null;
        var label = bare.LabelRole;
        return bare with
        {
            Probe = probe,
            LabelRoleSince = label is null ? null : labelSince,
            Role = said ?? label,
            RoleSource = said is not null ? "probe" : label is not null ? "label" : "",
            RoleSeenAt = said is not null ? probe!.At : label is not null ? labelSince : null,
        };
    }

    private static Instance Lag(Instance member, Instance? leader, EngineProfile profile, DateTimeOffset now, Func<Instance, LagTrack?>? track)
    {
        if (member.Probe is not { Error: null } probe || (now - probe.At).Duration() > RoleFresh || profile.Role(member.Role) is not { Leads: false })
            return member;
        var bytes = leader is not null && probe.Position is { } position ? Math.Max(0, leader.Probe!.Position!.Value - position) : (long?)null;
        if (bytes is null && probe.LagSeconds is null)
            return member;
        member = member with { LagBytes = bytes, LagSeconds = probe.LagSeconds, LagSource = profile.Probe?.Tool ?? "probe" };
        return track is null ? member : member with { LagTrack = track(member) };
    }
}
