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
        if (leaders.Count > 1)
            return Verdict.Pause(new Reason($"{s.Name} has {leaders.Count} leaders: {string.Join(" and ", leaders.Select(l => l.Name))}. Nothing is touched while two members take writes.", Name)
            {
                Evidence = [.. leaders.Select(s.RoleEvidence)],
                Next = "Find out which one the clients write to and stop the other, then press Retry.",
            });

        var deadline = since + s.Profile.Deadlines.Role;
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
}
