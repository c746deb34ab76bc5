using Rollcall.Shared;

namespace Rollcall.Engine.Decisions.Rules;

/// <summary>Rule 40. A member nobody knows the role of, or a shard without a leader, is waited for; more than one leader is never touched.</summary>
public static class UnknownIsUnsafe
{
    public const string Name = "UnknownIsUnsafe";

    /// <param name="since">Since when the shard is looked at in this state; the role deadline counts from there.</param>
    public static Verdict Check(ShardContext s, DateTimeOffset since)
    {
        if (!s.Profile.HasLeader)
            return Verdict.Allow;
        var leaders = s.Leaders.ToList();
        var deadline = since + s.Profile.Deadlines.Role;
        if (leaders.Count > 1)
            return Several(s, leaders, deadline);

        var unknown = s.Members.Where(m => m.Ready && s.RoleOf(m).Role is null).ToList();
        if (unknown.Count > 0)
        {
            var names = string.Join(", ", unknown.Select(u => u.Name));
            var error = unknown.Select(u => u.Probe is { Error: { } e } r && r.Uid == u.Uid ? $" ({r.Source}: {e})" : null).FirstOrDefault(e => e is not null);
            var reason = new Reason($"The role of {names} in {s.Name} is not known{error}.", Name) { Deadline = deadline, Next = "Asked again by itself; pauses for a person when nobody answers." };
            if (s.Now >= deadline)
                return Verdict.Pause(reason with { Deadline = null, Next = "Make the member answer, then press Retry." });
            var ask = unknown.Where(u => !s.UsesLabel(u)).Select(u => u.Name).ToList();
            return ask.Count > 0 ? Verdict.Ask(reason, ask, Verdict.Soon) : Verdict.Wait(reason, deadline);
        }

        if (leaders.Count == 0)
        {
            var reason = new Reason($"{s.Name} has no leader. Nothing is touched until one is elected.", Name)
            {
                Evidence = [.. s.Members.Where(m => m.Ready).Select(s.RoleEvidence)], Deadline = deadline, Next = "Goes on by itself as soon as exactly one member leads.",
            };
            if (s.Now >= deadline)
                return Verdict.Pause(reason with { Deadline = null, Next = "Make one member leader with the database's own tools, then press Retry." });
            return Verdict.Ask(reason, s.Members.Where(m => m.Ready && !s.UsesLabel(m)).Select(m => m.Name), Verdict.Soon);
        }
        return Verdict.Allow;
    }

    /// <summary>Two answers of different moments may be a leadership that moved between them; only claims that overlap in time are two leaders.</summary>
    private static Verdict Several(ShardContext s, List<Instance> leaders, DateTimeOffset deadline)
    {
        var names = string.Join(" and ", leaders.Select(l => l.Name));
        var reason = new Reason($"{s.Name} has {leaders.Count} leaders: {names}. Nothing is touched while two members take writes.", Name)
        {
            Evidence = [.. leaders.Select(s.RoleEvidence)], Next = "Find out which one the clients write to and stop the other, then press Retry.",
        };
        for (var i = 0; i < leaders.Count; i++)
            for (var j = 0; j < i; j++)
                if (Overlap(s, leaders[i], leaders[j]))
                    return Verdict.Pause(reason);
        if (s.Now >= deadline)
            return Verdict.Pause(reason with { Text = $"The leadership of {s.Name} does not settle: {names} say in turn that they lead." });
        var doubt = new Reason($"{names} each said that they lead {s.Name}, one after the other. They are asked again.", Name)
        {
            Evidence = reason.Evidence, Deadline = deadline, Next = "Goes on when exactly one of them leads; pauses for a person if two do at the same time.",
        };
        return leaders.TrueForAll(s.UsesLabel) ? Verdict.Wait(doubt, leaders.Max(l => s.RoleOf(l).ConfirmableAt) ?? deadline) : Verdict.Ask(doubt, leaders.Where(l => !s.UsesLabel(l)).Select(l => l.Name), Verdict.Soon);
    }

    private static bool Overlap(ShardContext s, Instance a, Instance b)
    {
        var (one, other) = (Claim(s, a), Claim(s, b));
        return one is { } x && other is { } y && x.From <= y.Until && y.From <= x.Until;
    }

    /// <summary>The time for which a member surely took itself for the leader: from the first answer of an unbroken series to the last question. A single answer is a moment, so it overlaps only what holds on both sides of it.</summary>
    private static (DateTimeOffset From, DateTimeOffset Until)? Claim(ShardContext s, Instance m)
    {
        if (s.UsesLabel(m))
            return s.RoleOf(m) is { Confirmed: true, At: { } since } ? (since, s.Now) : null;
        return ShardContext.Answer(m) is { } r ? (r.RoleSince ?? r.AnsweredAt, r.At) : null;
    }
}
